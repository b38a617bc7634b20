-- Search: what texts mean, what people say in messages, and what was looked for in vain.

-- Models that vectors are from. Searches ask the one that serves; another takes its place once everything has its vector.
CREATE TABLE embedding_models (
  name       text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
  -- Numbers of its vectors that are not padding.
  dimension  integer NOT NULL CHECK (dimension BETWEEN 1 AND 1536),
  serves     boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX embedding_models_serves_key ON embedding_models (serves) WHERE serves;

-- What waits for its vector: a job takes the newest first.
CREATE TABLE embeddings_wanted (
  kind     text NOT NULL CHECK (kind IN ('ARTICLE', 'TICKET')),
  id       uuid NOT NULL,
  since    timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts integer NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, id)
);
CREATE INDEX embeddings_wanted_since_idx ON embeddings_wanted (since);

-- A row of 1536 numbers weighs 6 kB, most of it padding with a small model. What is no wider than 384 is looked for by its
-- own numbers, in half precision; the specification's index keeps what is wider.
-- How many there are for everyone is asked with each search of a stranger.
CREATE INDEX kb_articles_public_idx ON kb_articles (id) WHERE status = 'PUBLISHED' AND visibility = 'PUBLIC' AND deleted_at IS NULL;

ALTER TABLE kb_article_embeddings
  ADD COLUMN model     text NOT NULL REFERENCES embedding_models (name) ON DELETE CASCADE,
  ADD COLUMN dimension integer NOT NULL,
  -- The heading that it stands under can be led to.
  ADD COLUMN anchor    text,
  ADD COLUMN narrow    halfvec(384) NOT NULL GENERATED ALWAYS AS (subvector(embedding, 1, 384)::halfvec(384)) STORED;
CREATE INDEX kb_article_embeddings_model_idx ON kb_article_embeddings (model);
DROP INDEX kb_article_embeddings_embedding_idx;
CREATE INDEX kb_article_embeddings_embedding_idx ON kb_article_embeddings
  USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimension > 384;
CREATE INDEX kb_article_embeddings_narrow_idx ON kb_article_embeddings
  USING hnsw (narrow halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimension <= 384;

CREATE TABLE ticket_embeddings (
  ticket_id  uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  model      text NOT NULL REFERENCES embedding_models (name) ON DELETE CASCADE,
  dimension  integer NOT NULL,
  embedding  vector(1536) NOT NULL,
  narrow     halfvec(384) NOT NULL GENERATED ALWAYS AS (subvector(embedding, 1, 384)::halfvec(384)) STORED,
  text_hash  bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket_id, model)
);
CREATE INDEX ticket_embeddings_model_idx ON ticket_embeddings (model);
CREATE INDEX ticket_embeddings_embedding_idx ON ticket_embeddings
  USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimension > 384;
CREATE INDEX ticket_embeddings_narrow_idx ON ticket_embeddings
  USING hnsw (narrow halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimension <= 384;

ALTER TABLE ticket_comments ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('english', left(comment, 20000))) STORED;
CREATE INDEX ticket_comments_search_idx ON ticket_comments USING gin (search) WHERE deleted_at IS NULL;

-- The words of articles, as they are written, to find what was meant by a slip of the pen.
CREATE TABLE search_words (
  word      text PRIMARY KEY,
  -- Its three letters in a row, for the index.
  trigrams  text[] NOT NULL,
  -- Stands in what everyone may read; else only in what is for people of the house. Words of a team's articles are not here.
  is_public boolean NOT NULL
);
CREATE INDEX search_words_trigrams_idx ON search_words USING gin (trigrams);

-- What was looked for and not found, without who looked.
CREATE TABLE search_misses (
  words   text PRIMARY KEY CHECK (length(words) <= 200),
  times   integer NOT NULL DEFAULT 1,
  last_on date NOT NULL DEFAULT current_date
);
CREATE INDEX search_misses_times_idx ON search_misses (times DESC, last_on DESC);
