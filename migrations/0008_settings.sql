-- Settings: values that differ from the declared default, and answers kept for Idempotency-Key.
CREATE TABLE system_settings (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  key           text NOT NULL UNIQUE,
  value         text NOT NULL,
  type          text NOT NULL DEFAULT 'STRING' CHECK (type IN ('STRING','NUMBER','BOOLEAN','JSON')),
  category      text CHECK (category IN ('AUTH','EMAIL','FILE','BRANDING','SLA','GENERAL')),
  description   text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX system_settings_category_idx ON system_settings (category);
CREATE INDEX system_settings_updated_by_id_idx ON system_settings (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON system_settings FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TABLE idempotency_keys (
  user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  -- SHA-256 of method, path and body: the same key for another request is refused.
  request_hash bytea NOT NULL,
  status       smallint,
  body         text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
