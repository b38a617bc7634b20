-- What administrators arrange: queues with their rules, categories, fields of their own. And what people say of the
-- outcome, and who is looking at what right now.
ALTER TABLE queues
  -- Whose tickets stand here are seen by its members only, or by everyone who works tickets.
  ADD COLUMN visibility text NOT NULL DEFAULT 'MEMBERS' CHECK (visibility IN ('MEMBERS','AGENTS')),
  -- To whom a ticket goes that comes here without an assignee.
  ADD COLUMN assignment_rule text NOT NULL DEFAULT 'NONE' CHECK (assignment_rule IN ('NONE','ROUND_ROBIN','LEAST_OPEN')),
  ADD COLUMN version integer NOT NULL DEFAULT 1;
-- Round robin goes to whoever waits longest.
ALTER TABLE queue_members ADD COLUMN last_assigned_at timestamptz;
-- Away: nothing is given to them by a rule.
ALTER TABLE users ADD COLUMN away boolean NOT NULL DEFAULT false;

-- Two levels: what a ticket's category and subcategory are chosen from, and what choosing one brings with it.
CREATE TABLE ticket_categories (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  parent_id     uuid REFERENCES ticket_categories (id) ON DELETE CASCADE CHECK (parent_id <> id),
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  description   text CHECK (length(description) <= 300),
  queue_id      uuid REFERENCES queues (id) ON DELETE SET NULL,
  priority      text CHECK (priority IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  -- Offered in the portal.
  is_public     boolean NOT NULL DEFAULT true,
  position      integer NOT NULL DEFAULT 0,
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX ticket_categories_name_key ON ticket_categories (parent_id, lower(name)) NULLS NOT DISTINCT;
CREATE INDEX ticket_categories_queue_id_idx ON ticket_categories (queue_id);
CREATE INDEX ticket_categories_updated_by_id_idx ON ticket_categories (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON ticket_categories FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
-- Renaming a category follows its tickets.
CREATE INDEX tickets_category_idx ON tickets (lower(category), lower(subcategory)) WHERE category IS NOT NULL;

-- Fields that administrators add. Values stand in tickets.custom_fields under the field's key.
CREATE TABLE custom_fields (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  key           text NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
  label         text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
  kind          text NOT NULL CHECK (kind IN ('TEXT','NUMBER','DATE','CHOICE','MULTI_CHOICE','PERSON','YES_NO')),
  help          text CHECK (length(help) <= 300),
  choices       text[] NOT NULL DEFAULT '{}',
  default_value jsonb,
  required      boolean NOT NULL DEFAULT false,
  -- Asked of requesters too, in their forms.
  is_public     boolean NOT NULL DEFAULT false,
  -- Where it belongs; nowhere in particular means everywhere.
  category_id   uuid REFERENCES ticket_categories (id) ON DELETE SET NULL,
  queue_id      uuid REFERENCES queues (id) ON DELETE SET NULL,
  -- Asked only while that other field has that value.
  asked_when_id    uuid REFERENCES custom_fields (id) ON DELETE SET NULL CHECK (asked_when_id <> id),
  asked_when_value text CHECK (length(asked_when_value) <= 200),
  position      integer NOT NULL DEFAULT 0,
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  -- Values outlive their field: bringing it back brings them back.
  deleted_at    timestamptz
);
CREATE INDEX custom_fields_category_id_idx ON custom_fields (category_id);
CREATE INDEX custom_fields_queue_id_idx ON custom_fields (queue_id);
CREATE INDEX custom_fields_asked_when_id_idx ON custom_fields (asked_when_id);
CREATE INDEX custom_fields_updated_by_id_idx ON custom_fields (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON custom_fields FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- What requesters say of how it went: asked once a ticket, answered by whoever it belongs to.
CREATE TABLE ticket_ratings (
  ticket_id   uuid PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
  score       smallint CHECK (score BETWEEN 1 AND 5),
  comment     text CHECK (length(comment) BETWEEN 1 AND 2000),
  asked_at    timestamptz NOT NULL DEFAULT now(),
  rated_at    timestamptz,
  CHECK ((score IS NULL) = (rated_at IS NULL))
);
CREATE INDEX ticket_ratings_rated_at_idx ON ticket_ratings (rated_at) WHERE rated_at IS NOT NULL;

-- Who is looking at a ticket or writing on it. Worth nothing after a crash.
CREATE UNLOGGED TABLE ticket_presence (
  ticket_id uuid NOT NULL,
  user_id   uuid NOT NULL,
  is_writing boolean NOT NULL DEFAULT false,
  seen_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX ticket_presence_seen_at_idx ON ticket_presence (seen_at);

-- Which columns a view shows and what it groups by.
ALTER TABLE saved_views
  ADD COLUMN columns text[] NOT NULL DEFAULT '{}',
  ADD COLUMN group_by text;

-- The id that a text is, if it is one: what the history keeps of people and queues is looked up by their keys.
CREATE FUNCTION as_uuid(value text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN value ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN value::uuid END
$$;

UPDATE roles SET permissions = permissions || ARRAY['queue.manage','field.manage'] WHERE name = 'ADMIN';
UPDATE roles SET permissions = permissions || ARRAY['queue.manage'] WHERE name = 'IT_MANAGER';
