-- Knowledge: categories, articles, embeddings, attachments.
CREATE TABLE kb_categories (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  description text,
  parent_id   uuid REFERENCES kb_categories (id) ON DELETE RESTRICT CHECK (parent_id <> id),
  "order"     integer NOT NULL DEFAULT 0,
  active      boolean NOT NULL DEFAULT true,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kb_categories_parent_id_idx ON kb_categories (parent_id);
CREATE INDEX kb_categories_active_idx ON kb_categories (active);
CREATE INDEX kb_categories_order_idx ON kb_categories ("order");

CREATE TABLE kb_articles (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  title         text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  content       text NOT NULL CHECK (length(content) <= 1000000),
  summary       text,
  category_id   uuid REFERENCES kb_categories (id) ON DELETE SET NULL,
  tags          text[] NOT NULL DEFAULT '{}',
  status        text NOT NULL DEFAULT 'DRAFT' CHECK (status IN ('DRAFT','PUBLISHED','ARCHIVED')),
  visibility    text NOT NULL DEFAULT 'INTERNAL' CHECK (visibility IN ('PUBLIC','INTERNAL','TEAM')),
  view_count    integer NOT NULL DEFAULT 0 CHECK (view_count >= 0),
  helpful_count integer NOT NULL DEFAULT 0 CHECK (helpful_count >= 0),
  not_helpful_count integer NOT NULL DEFAULT 0 CHECK (not_helpful_count >= 0),
  created_from_ticket_id uuid REFERENCES tickets (id) ON DELETE SET NULL,
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  deleted_at    timestamptz,
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  published_at  timestamptz
);
CREATE INDEX kb_articles_status_idx ON kb_articles (status) WHERE deleted_at IS NULL;
CREATE INDEX kb_articles_category_id_idx ON kb_articles (category_id);
CREATE INDEX kb_articles_created_at_idx ON kb_articles (created_at);
CREATE INDEX kb_articles_published_at_idx ON kb_articles (published_at);
CREATE INDEX kb_articles_deleted_at_idx ON kb_articles (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX kb_articles_tags_idx ON kb_articles USING gin (tags);
CREATE INDEX kb_articles_created_from_ticket_id_idx ON kb_articles (created_from_ticket_id);
CREATE INDEX kb_articles_created_by_id_idx ON kb_articles (created_by_id);
CREATE INDEX kb_articles_updated_by_id_idx ON kb_articles (updated_by_id);

CREATE TABLE kb_article_embeddings (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  article_id  uuid NOT NULL REFERENCES kb_articles (id) ON DELETE CASCADE,
  embedding   vector(1536) NOT NULL,
  chunk_index integer NOT NULL DEFAULT 0,
  chunk_text  text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kb_article_embeddings_article_id_idx ON kb_article_embeddings (article_id);
CREATE INDEX kb_article_embeddings_chunk_index_idx ON kb_article_embeddings (chunk_index);
CREATE INDEX kb_article_embeddings_embedding_idx ON kb_article_embeddings
  USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);

CREATE TABLE kb_article_attachments (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  article_id uuid NOT NULL REFERENCES kb_articles (id) ON DELETE CASCADE,
  file_name  text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
  file_path  text NOT NULL,
  file_size  bigint NOT NULL CHECK (file_size >= 0),
  mime_type  text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kb_article_attachments_article_id_idx ON kb_article_attachments (article_id);

CREATE TRIGGER touch BEFORE UPDATE ON kb_categories FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON kb_articles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
