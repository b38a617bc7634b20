-- Files of changes and assets, and what problems are known to come from.
ALTER TABLE change_attachments
  ADD COLUMN sha256 bytea,
  ADD COLUMN uploaded_by_id uuid REFERENCES users (id) ON DELETE SET NULL;
CREATE INDEX change_attachments_uploaded_by_id_idx ON change_attachments (uploaded_by_id);

CREATE TABLE asset_attachments (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  asset_id   uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  file_name  text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
  file_path  text NOT NULL,
  file_size  bigint NOT NULL CHECK (file_size >= 0),
  mime_type  text NOT NULL,
  sha256     bytea,
  uploaded_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX asset_attachments_asset_id_idx ON asset_attachments (asset_id, id);
CREATE INDEX asset_attachments_uploaded_by_id_idx ON asset_attachments (uploaded_by_id);

-- ITIL's problem: a ticket about the cause of others, which are linked to it. A known error is one whose cause or workaround
-- is known and which is not solved yet.
CREATE TABLE problems (
  ticket_id  uuid PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
  root_cause text CHECK (length(root_cause) <= 20000),
  workaround text CHECK (length(workaround) <= 20000),
  is_known_error boolean NOT NULL DEFAULT false,
  version    integer NOT NULL DEFAULT 1,
  search     tsvector NOT NULL GENERATED ALWAYS AS (
    to_tsvector('desk', coalesce(workaround, '') || ' ' || coalesce(root_cause, ''))) STORED,
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (NOT is_known_error OR coalesce(root_cause, workaround) IS NOT NULL)
);
CREATE INDEX problems_search_idx ON problems USING gin (search);
CREATE INDEX problems_updated_by_id_idx ON problems (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON problems FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
