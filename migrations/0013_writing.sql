-- Writing: macros, and whom a comment mentions.
CREATE TABLE macros (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  -- Whose it is; everyone's when it is nobody's.
  owner_id      uuid REFERENCES users (id) ON DELETE CASCADE,
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  body          text NOT NULL CHECK (length(body) <= 100000),
  status        text CHECK (status IN ('NEW','IN_PROGRESS','WAITING','RESOLVED','CLOSED','CANCELLED')),
  priority      text CHECK (priority IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  assign_to_me  boolean NOT NULL DEFAULT false,
  tags          text[] NOT NULL DEFAULT '{}',
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX macros_name_key ON macros (owner_id, lower(name)) NULLS NOT DISTINCT;
CREATE INDEX macros_updated_by_id_idx ON macros (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON macros FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
UPDATE roles SET permissions = permissions || ARRAY['macro.share'] WHERE name IN ('IT_MANAGER','ADMIN');

CREATE TABLE ticket_mentions (
  comment_id uuid NOT NULL REFERENCES ticket_comments (id) ON DELETE CASCADE,
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (comment_id, user_id)
);
CREATE INDEX ticket_mentions_user_id_idx ON ticket_mentions (user_id);

-- Replies that can still be taken back: nothing has happened to their ticket yet.
CREATE TABLE outgoing_replies (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id   uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 100000),
  then_status text,
  send_at     timestamptz NOT NULL,
  -- Why it could not be sent.
  error       text,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outgoing_replies_ticket_id_idx ON outgoing_replies (ticket_id);
CREATE INDEX outgoing_replies_user_id_idx ON outgoing_replies (user_id);
