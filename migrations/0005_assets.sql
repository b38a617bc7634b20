-- Assets (CMDB).
CREATE TABLE assets (
  id             uuid PRIMARY KEY DEFAULT uuidv7(),
  asset_number   text NOT NULL UNIQUE,
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
  type           text NOT NULL CHECK (type IN ('HARDWARE','SOFTWARE','NETWORK_DEVICE','CLOUD_RESOURCE')),
  category       text,
  manufacturer   text,
  model          text,
  serial_number  text,
  status         text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE','INACTIVE','RETIRED','MAINTENANCE')),
  assigned_to_id uuid REFERENCES users (id) ON DELETE SET NULL,
  assigned_at    timestamptz,
  location       text,
  building       text,
  floor          text,
  room           text,
  purchase_date  timestamptz,
  purchase_price numeric(10, 2) CHECK (purchase_price >= 0),
  warranty_expiry timestamptz,
  custom_fields  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(custom_fields) = 'object'),
  version        integer NOT NULL DEFAULT 1,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  deleted_at     timestamptz,
  created_by_id  uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id  uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX assets_type_idx ON assets (type) WHERE deleted_at IS NULL;
CREATE INDEX assets_status_idx ON assets (status) WHERE deleted_at IS NULL;
CREATE INDEX assets_assigned_to_id_idx ON assets (assigned_to_id);
CREATE INDEX assets_created_at_idx ON assets (created_at);
CREATE INDEX assets_deleted_at_idx ON assets (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX assets_created_by_id_idx ON assets (created_by_id);
CREATE INDEX assets_updated_by_id_idx ON assets (updated_by_id);

CREATE TABLE asset_relationships (
  id                uuid PRIMARY KEY DEFAULT uuidv7(),
  source_asset_id   uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  target_asset_id   uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  relationship_type text NOT NULL CHECK (relationship_type IN ('CONTAINS','DEPENDS_ON','CONNECTED_TO','LICENSED_FOR')),
  description       text,
  created_at        timestamptz NOT NULL DEFAULT now(),
  created_by_id     uuid REFERENCES users (id) ON DELETE SET NULL,
  UNIQUE (source_asset_id, target_asset_id, relationship_type),
  CHECK (source_asset_id <> target_asset_id)
);
CREATE INDEX asset_relationships_source_asset_id_idx ON asset_relationships (source_asset_id);
CREATE INDEX asset_relationships_target_asset_id_idx ON asset_relationships (target_asset_id);
CREATE INDEX asset_relationships_created_by_id_idx ON asset_relationships (created_by_id);

CREATE TABLE ticket_asset_relations (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id     uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  asset_id      uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  relation_type text NOT NULL DEFAULT 'AFFECTED_BY' CHECK (relation_type IN ('AFFECTED_BY','CAUSED_BY','RELATED_TO')),
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  UNIQUE (ticket_id, asset_id, relation_type)
);
CREATE INDEX ticket_asset_relations_ticket_id_idx ON ticket_asset_relations (ticket_id);
CREATE INDEX ticket_asset_relations_asset_id_idx ON ticket_asset_relations (asset_id);
CREATE INDEX ticket_asset_relations_created_by_id_idx ON ticket_asset_relations (created_by_id);

CREATE TRIGGER touch BEFORE UPDATE ON assets FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
