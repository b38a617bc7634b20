-- What someone is writing in an article and has not saved: theirs alone, one for each article and one for a new one.
CREATE TABLE kb_article_drafts (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  article_id uuid REFERENCES kb_articles ON DELETE CASCADE,
  -- The version of the article that it was begun on.
  version    integer NOT NULL,
  title      text NOT NULL,
  summary    text NOT NULL,
  content    text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (user_id, article_id)
);
CREATE INDEX kb_article_drafts_article_idx ON kb_article_drafts (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX kb_article_drafts_updated_idx ON kb_article_drafts (updated_at);
