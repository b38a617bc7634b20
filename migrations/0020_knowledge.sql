-- Knowledge: addresses that stay, versions, votes, views, and full text.
CREATE FUNCTION tags_as_text(tags text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT array_to_string(tags, ' ') $$;
ALTER TABLE kb_articles
  -- The last part of its address.
  ADD COLUMN slug      text NOT NULL DEFAULT uuidv7()::text CHECK (slug ~ '^[a-z0-9-]{1,120}$'),
  -- Who reads it where its visibility is TEAM.
  ADD COLUMN team_id   uuid REFERENCES teams (id) ON DELETE SET NULL,
  -- Someone should look at it again by then.
  ADD COLUMN review_by date,
  ADD COLUMN search    tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', tags_as_text(tags)), 'B')
    || setweight(to_tsvector('english', coalesce(summary, '')), 'B') || setweight(to_tsvector('english', left(content, 200000)), 'C')) STORED;
ALTER TABLE kb_articles ALTER COLUMN slug DROP DEFAULT;
CREATE UNIQUE INDEX kb_articles_slug_key ON kb_articles (slug);
CREATE INDEX kb_articles_search_idx ON kb_articles USING gin (search);
CREATE INDEX kb_articles_team_id_idx ON kb_articles (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX kb_articles_review_by_idx ON kb_articles (review_by) WHERE review_by IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX kb_articles_read_idx ON kb_articles (view_count DESC, id) WHERE status = 'PUBLISHED' AND deleted_at IS NULL;

-- To be read or voted on is no change.
DROP TRIGGER touch ON kb_articles;
CREATE TRIGGER touch BEFORE UPDATE OF title, content, summary, category_id, tags, status, visibility, team_id, review_by, deleted_at
  ON kb_articles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- Addresses that it had: they lead to the one that it has.
CREATE TABLE kb_slugs (
  slug       text PRIMARY KEY,
  article_id uuid NOT NULL REFERENCES kb_articles (id) ON DELETE CASCADE
);
CREATE INDEX kb_slugs_article_id_idx ON kb_slugs (article_id);

-- What it said before.
CREATE TABLE kb_article_versions (
  article_id uuid NOT NULL REFERENCES kb_articles (id) ON DELETE CASCADE,
  version    integer NOT NULL,
  title      text NOT NULL,
  summary    text,
  content    text NOT NULL,
  -- Who wrote that version, and when.
  written_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (article_id, version)
);
CREATE INDEX kb_article_versions_written_by_id_idx ON kb_article_versions (written_by_id);

-- Whether it helped: one voice a person, or a browser where nobody is signed in.
CREATE TABLE kb_votes (
  article_id uuid NOT NULL REFERENCES kb_articles (id) ON DELETE CASCADE,
  voter      text NOT NULL,
  helpful    boolean NOT NULL,
  reason     text CHECK (length(reason) <= 1000),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (article_id, voter)
);

-- Who looked at it today: counted once a day. Forgotten the day after.
CREATE TABLE kb_views (
  article_id uuid NOT NULL REFERENCES kb_articles (id) ON DELETE CASCADE,
  viewer     text NOT NULL,
  day        date NOT NULL DEFAULT current_date,
  PRIMARY KEY (article_id, viewer, day)
);
CREATE INDEX kb_views_day_idx ON kb_views (day);

ALTER TABLE kb_categories ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX kb_categories_name_key ON kb_categories (coalesce(parent_id, '00000000-0000-0000-0000-000000000000'), lower(name));
