-- Mail: mailboxes, raw messages in, the outbox.
CREATE TABLE email_configurations (
  id              uuid PRIMARY KEY DEFAULT uuidv7(),
  name            text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  type            text NOT NULL CHECK (type IN ('SMTP','IMAP','POP3','WEBHOOK')),
  smtp_host       text,
  smtp_port       integer CHECK (smtp_port BETWEEN 1 AND 65535),
  smtp_user       text,
  smtp_password   text,
  smtp_encryption text CHECK (smtp_encryption IN ('NONE','SSL','TLS')),
  smtp_from_email text,
  smtp_from_name  text,
  imap_host       text,
  imap_port       integer CHECK (imap_port BETWEEN 1 AND 65535),
  imap_user       text,
  imap_password   text,
  imap_encryption text CHECK (imap_encryption IN ('NONE','SSL','TLS')),
  poll_interval   integer CHECK (poll_interval > 0),
  webhook_url     text,
  webhook_secret  text,
  ticket_queue_id uuid REFERENCES queues (id) ON DELETE SET NULL,
  auto_assign     boolean NOT NULL DEFAULT false,
  default_priority text DEFAULT 'MEDIUM' CHECK (default_priority IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  active          boolean NOT NULL DEFAULT true,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  created_by_id   uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id   uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX email_configurations_active_idx ON email_configurations (active);
CREATE INDEX email_configurations_type_idx ON email_configurations (type);
CREATE INDEX email_configurations_ticket_queue_id_idx ON email_configurations (ticket_queue_id);
CREATE INDEX email_configurations_created_by_id_idx ON email_configurations (created_by_id);
CREATE INDEX email_configurations_updated_by_id_idx ON email_configurations (updated_by_id);

CREATE TABLE raw_mails (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  email_configuration_id uuid NOT NULL REFERENCES email_configurations (id),
  -- Message-ID, or the hash of the bytes when there is none.
  dedupe_key  text NOT NULL,
  bytes       bytea NOT NULL,
  outcome     text CHECK (outcome IN ('created','appended','duplicate','quarantined','ignored','bounced')),
  reason      text,
  ticket_id   uuid REFERENCES tickets (id) ON DELETE SET NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (email_configuration_id, dedupe_key)
);
CREATE INDEX raw_mails_ticket_id_idx ON raw_mails (ticket_id);
CREATE INDEX raw_mails_received_at_idx ON raw_mails (received_at);

CREATE TABLE outbox (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  recipient   text NOT NULL,
  subject     text NOT NULL,
  body        text NOT NULL,
  message_id  text NOT NULL UNIQUE,
  -- One mail per event and recipient, whatever is retried.
  idempotency_key text NOT NULL UNIQUE,
  ticket_id   uuid REFERENCES tickets (id) ON DELETE CASCADE,
  sent_at     timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_created_at_idx ON outbox (created_at DESC, id DESC);
CREATE INDEX outbox_ticket_id_idx ON outbox (ticket_id);
CREATE INDEX outbox_unsent_idx ON outbox (created_at) WHERE sent_at IS NULL;

CREATE TRIGGER touch BEFORE UPDATE ON email_configurations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
