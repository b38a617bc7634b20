-- Assets: who had them, what happened to them, licences, imports, and how they are found.
ALTER TABLE assets
  -- Seats of a licence; none where seats are not counted.
  ADD COLUMN seats integer CHECK (seats BETWEEN 0 AND 1000000),
  ADD COLUMN notes text CHECK (length(notes) <= 10000),
  -- Names and numbers are no language; what is neither letter nor digit parts words.
  ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', regexp_replace(
    name || ' ' || asset_number || ' ' || coalesce(serial_number, '') || ' ' || coalesce(category, '') || ' '
      || coalesce(manufacturer, '') || ' ' || coalesce(model, '') || ' ' || coalesce(location, '') || ' '
      || coalesce(building, '') || ' ' || coalesce(floor, '') || ' ' || coalesce(room, ''), '[^[:alnum:]]+', ' ', 'g'))) STORED,
  ADD CHECK (length(asset_number) BETWEEN 1 AND 40),
  ADD CHECK (pg_column_size(custom_fields) <= 100000),
  ADD CHECK (warranty_expiry >= purchase_date);
CREATE INDEX assets_search_idx ON assets USING gin (search);
CREATE INDEX assets_list_idx ON assets (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX assets_name_idx ON assets (lower(name), id) WHERE deleted_at IS NULL;
CREATE INDEX assets_category_idx ON assets (category, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX assets_warranty_idx ON assets (warranty_expiry) WHERE warranty_expiry IS NOT NULL AND deleted_at IS NULL;
-- Two things do not share a serial number of one manufacturer.
CREATE UNIQUE INDEX assets_serial_key ON assets (lower(coalesce(manufacturer, '')), lower(serial_number))
  WHERE serial_number IS NOT NULL AND deleted_at IS NULL;

-- A serial number alone is what a scanner reads.
CREATE INDEX assets_serial_idx ON assets (lower(serial_number)) WHERE serial_number IS NOT NULL;

-- Who handed it to whom.
CREATE TABLE asset_handovers (
  id       uuid PRIMARY KEY DEFAULT uuidv7(),
  asset_id uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  from_id  uuid REFERENCES users (id) ON DELETE SET NULL,
  to_id    uuid REFERENCES users (id) ON DELETE SET NULL,
  note     text CHECK (length(note) <= 1000),
  by_id    uuid REFERENCES users (id) ON DELETE SET NULL,
  at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX asset_handovers_asset_id_idx ON asset_handovers (asset_id, id DESC);
CREATE INDEX asset_handovers_from_id_idx ON asset_handovers (from_id);
CREATE INDEX asset_handovers_to_id_idx ON asset_handovers (to_id);
CREATE INDEX asset_handovers_by_id_idx ON asset_handovers (by_id);

-- What changed, field by field.
CREATE TABLE asset_history (
  id        uuid PRIMARY KEY DEFAULT uuidv7(),
  asset_id  uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  user_id   uuid REFERENCES users (id) ON DELETE SET NULL,
  field     text NOT NULL,
  old_value text,
  new_value text,
  at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX asset_history_asset_id_idx ON asset_history (asset_id, id DESC);
CREATE INDEX asset_history_user_id_idx ON asset_history (user_id);

-- What an import made or changed, to take it back.
CREATE TABLE asset_imports (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  file_name  text NOT NULL,
  -- The table itself, until it is brought in, and which field each column is.
  content    bytea,
  chosen     jsonb NOT NULL DEFAULT '[]',
  rows       integer NOT NULL,
  made       integer NOT NULL DEFAULT 0,
  changed    integer NOT NULL DEFAULT 0,
  by_id      uuid REFERENCES users (id) ON DELETE SET NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  done_at    timestamptz,
  undone_at  timestamptz,
  CHECK (content IS NOT NULL OR done_at IS NOT NULL)
);
CREATE INDEX asset_imports_by_id_idx ON asset_imports (by_id);
CREATE INDEX asset_imports_at_idx ON asset_imports (at DESC);
CREATE TABLE asset_import_rows (
  import_id uuid NOT NULL REFERENCES asset_imports (id) ON DELETE CASCADE,
  asset_id  uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  -- As it was; none where the import made it.
  before    jsonb,
  -- Its version afterwards: who changed it since keeps their change.
  version   integer NOT NULL,
  PRIMARY KEY (import_id, asset_id)
);
CREATE INDEX asset_import_rows_asset_id_idx ON asset_import_rows (asset_id);
