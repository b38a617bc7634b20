-- Saved views: a filter bar with a name, for oneself, a team or everyone who works tickets.
CREATE TABLE saved_views (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  team_id    uuid REFERENCES teams (id) ON DELETE CASCADE,
  visibility text NOT NULL CHECK (visibility IN ('OWN','TEAM','SHARED')),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  bar        text NOT NULL CHECK (length(bar) <= 500),
  sort       text NOT NULL,
  version    integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((visibility = 'TEAM') = (team_id IS NOT NULL))
);
CREATE UNIQUE INDEX saved_views_name_key ON saved_views (owner_id, lower(name));
CREATE INDEX saved_views_team_id_idx ON saved_views (team_id);
CREATE INDEX saved_views_shared_idx ON saved_views (name) WHERE visibility = 'SHARED';
CREATE TRIGGER touch BEFORE UPDATE ON saved_views FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

UPDATE roles SET permissions = permissions || ARRAY['view.share'] WHERE name IN ('IT_MANAGER','ADMIN');
