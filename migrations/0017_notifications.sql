-- Notifications: what each is about, who wants which of them how, and which wait to go by mail.
ALTER TABLE notifications
  ADD COLUMN ticket_id  uuid REFERENCES tickets (id) ON DELETE CASCADE,
  ADD COLUMN comment_id uuid REFERENCES ticket_comments (id) ON DELETE CASCADE,
  -- One that goes by mail alone is not in the list.
  ADD COLUMN in_app      boolean NOT NULL DEFAULT true,
  -- When it goes by mail; empty once it went, or was read before.
  ADD COLUMN mail_due_at timestamptz;
UPDATE notifications n SET ticket_id = e.ticket_id FROM events e WHERE e.id = n.event_id;
CREATE INDEX notifications_ticket_id_idx ON notifications (ticket_id);
CREATE INDEX notifications_comment_id_idx ON notifications (comment_id);
CREATE INDEX notifications_mail_due_at_idx ON notifications (mail_due_at, user_id) WHERE mail_due_at IS NOT NULL;
DROP INDEX notifications_read_idx;
CREATE INDEX notifications_read_idx ON notifications (user_id, ticket_id) WHERE NOT read;

-- What a person chose; without a row, what the type brings.
CREATE TABLE notification_preferences (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  type    text NOT NULL,
  in_app  boolean NOT NULL,
  by_mail boolean NOT NULL,
  PRIMARY KEY (user_id, type)
);

-- When a person's mails go; without a row, at once.
CREATE TABLE notification_schedules (
  user_id    uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  digest     text NOT NULL CHECK (digest IN ('NONE','HOURLY','DAILY')),
  -- Minutes of the day, in the person's time zone; over midnight where the end is the smaller one.
  quiet_from integer CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_to   integer CHECK (quiet_to BETWEEN 0 AND 1439),
  CHECK ((quiet_from IS NULL AND quiet_to IS NULL) OR quiet_from <> quiet_to)
);

-- Of these a person hears only when they are mentioned.
CREATE TABLE ticket_mutes (
  ticket_id  uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX ticket_mutes_user_id_idx ON ticket_mutes (user_id);

ALTER TABLE outbox
  -- It tells of something that only those who read notes may know: its answer is a note.
  ADD COLUMN is_internal boolean NOT NULL DEFAULT false,
  -- What ends such mails, in one click (RFC 8058).
  ADD COLUMN unsubscribe text;
