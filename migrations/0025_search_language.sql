-- The language that texts are searched in: a configuration of our own, whose dictionaries are those of whatever language is set.
CREATE TEXT SEARCH CONFIGURATION desk (COPY = pg_catalog.english);

-- Sets it. Texts that are there already are read again by a job.
CREATE FUNCTION set_search_language(language text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  source regconfig := ('pg_catalog.' || quote_ident(language))::regconfig;
  mapping record;
BEGIN
  FOR mapping IN
    SELECT token.alias, string_agg(map.mapdict::regdictionary::text, ', ' ORDER BY map.mapseqno) AS dictionaries
    FROM pg_ts_config_map map JOIN ts_token_type('default') token ON token.tokid = map.maptokentype
    WHERE map.mapcfg = source GROUP BY token.alias
  LOOP
    EXECUTE format('ALTER TEXT SEARCH CONFIGURATION desk ALTER MAPPING FOR %I WITH %s', mapping.alias, mapping.dictionaries);
  END LOOP;
END $$;

ALTER TABLE tickets DROP COLUMN search;
ALTER TABLE tickets ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
  setweight(to_tsvector('desk', subject), 'A') || setweight(to_tsvector('desk', left(description, 20000)), 'B')) STORED;
CREATE INDEX tickets_search_idx ON tickets USING gin (search);

ALTER TABLE ticket_comments DROP COLUMN search;
ALTER TABLE ticket_comments ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('desk', left(comment, 20000))) STORED;
CREATE INDEX ticket_comments_search_idx ON ticket_comments USING gin (search) WHERE deleted_at IS NULL;

ALTER TABLE kb_articles DROP COLUMN search;
ALTER TABLE kb_articles ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
  setweight(to_tsvector('desk', title), 'A') || setweight(to_tsvector('desk', tags_as_text(tags)), 'B')
  || setweight(to_tsvector('desk', coalesce(summary, '')), 'B') || setweight(to_tsvector('desk', left(content, 200000)), 'C')) STORED;
CREATE INDEX kb_articles_search_idx ON kb_articles USING gin (search);

-- To be read again by the search is no change.
CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('oxdesk.reads_again', true) IS DISTINCT FROM 'on' THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END $$;
