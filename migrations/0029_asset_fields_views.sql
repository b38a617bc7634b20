-- What is to be known of assets of a category, lists of assets with a name, and licences.
CREATE TABLE asset_fields (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  -- Values stand in assets.custom_fields under it: it never changes.
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 60 AND name !~ '[:,]'),
  kind          text NOT NULL CHECK (kind IN ('TEXT','NUMBER','DATE','CHOICE','YES_NO')),
  help          text CHECK (length(help) <= 300),
  choices       text[] NOT NULL DEFAULT '{}',
  -- Where it belongs; none means everywhere.
  categories    text[] NOT NULL DEFAULT '{}',
  required      boolean NOT NULL DEFAULT false,
  position      integer NOT NULL DEFAULT 0,
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX asset_fields_name_key ON asset_fields (lower(name));
CREATE INDEX asset_fields_updated_by_id_idx ON asset_fields (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON asset_fields FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE INDEX assets_custom_fields_idx ON assets USING gin (custom_fields jsonb_path_ops) WHERE deleted_at IS NULL;

-- Licences among everything else.
CREATE INDEX assets_seats_idx ON assets (created_at DESC, id DESC) WHERE seats IS NOT NULL AND deleted_at IS NULL;

-- Of which list a view is.
ALTER TABLE saved_views ADD COLUMN list text NOT NULL DEFAULT 'TICKETS' CHECK (list IN ('TICKETS','ASSETS'));
DROP INDEX saved_views_name_key;
CREATE UNIQUE INDEX saved_views_name_key ON saved_views (owner_id, list, lower(name));

-- How far an import is. Worth nothing after a crash.
CREATE UNLOGGED TABLE asset_import_progress (
  import_id uuid PRIMARY KEY REFERENCES asset_imports (id) ON DELETE CASCADE,
  rows_done integer NOT NULL
);
