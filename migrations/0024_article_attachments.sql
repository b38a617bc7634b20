-- Files of articles: pictures within their text, and what is downloaded beside it.
ALTER TABLE kb_article_attachments
  -- Without one, it waits for the new article that its sender is writing.
  ALTER COLUMN article_id DROP NOT NULL,
  ADD COLUMN uploaded_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  ADD COLUMN sha256 bytea,
  -- In pixels, of pictures that browsers show.
  ADD COLUMN width  int CHECK (width > 0),
  ADD COLUMN height int CHECK (height > 0),
  ADD CHECK ((width IS NULL) = (height IS NULL));
CREATE INDEX kb_article_attachments_waiting_idx ON kb_article_attachments (uploaded_by_id) WHERE article_id IS NULL;
