-- Mail, both ways: what a mailbox does, where a message belongs, and what became of those that were sent.
ALTER TABLE email_configurations
  -- The server takes `support+anything@…` for `support@…`.
  ADD COLUMN plus_addressing boolean NOT NULL DEFAULT true,
  ADD COLUMN imap_folder text NOT NULL DEFAULT 'INBOX' CHECK (length(imap_folder) BETWEEN 1 AND 200),
  ADD COLUMN after_intake text NOT NULL DEFAULT 'KEEP' CHECK (after_intake IN ('KEEP','MOVE','DELETE')),
  ADD COLUMN move_to text CHECK (length(move_to) <= 200),
  ADD COLUMN auth_method text NOT NULL DEFAULT 'PASSWORD' CHECK (auth_method IN ('PASSWORD','XOAUTH2')),
  ADD COLUMN signature text CHECK (length(signature) <= 5000),
  -- Where polling has come to, and what it said last.
  ADD COLUMN imap_uid_validity bigint,
  ADD COLUMN imap_last_uid bigint,
  ADD COLUMN polled_at timestamptz,
  ADD COLUMN last_error text;
CREATE INDEX email_configurations_from_idx ON email_configurations (lower(smtp_from_email));

ALTER TABLE tickets ADD COLUMN email_configuration_id uuid REFERENCES email_configurations (id) ON DELETE SET NULL;
CREATE INDEX tickets_email_configuration_id_idx ON tickets (email_configuration_id) WHERE email_configuration_id IS NOT NULL;

-- Who wrote a comment that came by mail from someone without an account.
ALTER TABLE ticket_comments ADD COLUMN author_email text, ADD COLUMN author_name text;

ALTER TABLE raw_mails
  ADD COLUMN message_id text,
  ADD COLUMN sender text,
  ADD COLUMN subject text,
  ADD COLUMN comment_id uuid REFERENCES ticket_comments (id) ON DELETE SET NULL,
  -- Someone looked at it and let it in.
  ADD COLUMN is_released boolean NOT NULL DEFAULT false,
  -- How often filing it was begun: what fails again and again is set aside.
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN processed_at timestamptz;
CREATE INDEX raw_mails_comment_id_idx ON raw_mails (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX raw_mails_dedupe_key_idx ON raw_mails (dedupe_key);
CREATE INDEX raw_mails_quarantine_idx ON raw_mails (id DESC) WHERE outcome = 'quarantined';
CREATE INDEX raw_mails_waiting_idx ON raw_mails (id) WHERE outcome IS NULL;

-- Which ticket a Message-ID leads to (RFC 5322, section 3.6.4).
CREATE TABLE ticket_messages (
  message_id text NOT NULL CHECK (length(message_id) BETWEEN 1 AND 255),
  ticket_id  uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  -- SENT by us, RECEIVED, or only NAMED in a message's References.
  kind       text NOT NULL CHECK (kind IN ('SENT','RECEIVED','NAMED')),
  PRIMARY KEY (message_id, ticket_id)
);
CREATE INDEX ticket_messages_ticket_id_idx ON ticket_messages (ticket_id);

UPDATE outbox SET message_id = btrim(message_id, '<>');
ALTER TABLE outbox
  ADD COLUMN email_configuration_id uuid REFERENCES email_configurations (id) ON DELETE SET NULL,
  ADD COLUMN comment_id uuid REFERENCES ticket_comments (id) ON DELETE SET NULL,
  -- A person wrote it, as opposed to an acknowledgement (RFC 3834).
  ADD COLUMN is_automatic boolean NOT NULL DEFAULT true,
  ADD COLUMN state text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING','SENDING','SENT','FAILED','BOUNCED','SUPPRESSED')),
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN claimed_at timestamptz,
  ADD COLUMN last_error text;
UPDATE outbox SET state = 'SENT' WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_email_configuration_id_idx ON outbox (email_configuration_id) WHERE email_configuration_id IS NOT NULL;
CREATE INDEX outbox_comment_id_idx ON outbox (comment_id) WHERE comment_id IS NOT NULL;
INSERT INTO ticket_messages (message_id, ticket_id, kind)
  SELECT message_id, ticket_id, 'SENT' FROM outbox WHERE ticket_id IS NOT NULL ON CONFLICT DO NOTHING;

-- Addresses that take nothing any more, until someone clears them.
CREATE TABLE mail_suppressions (
  email      text PRIMARY KEY CHECK (email = lower(email)),
  reason     text NOT NULL,
  outbox_id  uuid REFERENCES outbox (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX mail_suppressions_outbox_id_idx ON mail_suppressions (outbox_id) WHERE outbox_id IS NOT NULL;

-- Senders that are not let in: an address, or a domain.
CREATE TABLE mail_blocks (
  pattern       text PRIMARY KEY CHECK (pattern = lower(pattern) AND length(pattern) BETWEEN 3 AND 254),
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX mail_blocks_created_by_id_idx ON mail_blocks (created_by_id) WHERE created_by_id IS NOT NULL;

-- What signs one message of a provider, and which: a second one with it was stolen.
CREATE TABLE webhook_tokens (
  token      bytea PRIMARY KEY,
  content    bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What a POP3 server still has that we have too (RFC 1939, UIDL).
CREATE TABLE fetched_mails (
  email_configuration_id uuid NOT NULL REFERENCES email_configurations (id) ON DELETE CASCADE,
  uidl text NOT NULL CHECK (length(uidl) BETWEEN 1 AND 200),
  PRIMARY KEY (email_configuration_id, uidl)
);
