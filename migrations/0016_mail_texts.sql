-- What administrators make of the texts of mails; a template that is not here is as the program brings it.
CREATE TABLE mail_templates (
  name          text PRIMARY KEY,
  subject       text NOT NULL CHECK (length(subject) <= 500),
  body          text NOT NULL CHECK (length(body) <= 20000),
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX mail_templates_updated_by_id_idx ON mail_templates (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON mail_templates FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- What stands below an agent's answers.
ALTER TABLE users ADD COLUMN signature text CHECK (length(signature) <= 2000);

-- Whose mails may fetch pictures from elsewhere when someone reads them.
CREATE TABLE mail_picture_senders (
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  email      text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, email)
);

-- Who is let in although a filter before us says that they send spam.
CREATE TABLE mail_allows (
  email         text PRIMARY KEY CHECK (length(email) BETWEEN 3 AND 254),
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX mail_allows_created_by_id_idx ON mail_allows (created_by_id);
