-- People and roles, arranged by administrators.
ALTER TABLE roles ADD COLUMN version integer NOT NULL DEFAULT 1;

-- Found by the beginning of any word of their name, address or telephone number.
ALTER TABLE users
  ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', regexp_replace(
    coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || email || ' ' || coalesce(phone, ''),
    '[^[:alnum:]]+', ' ', 'g'))) STORED,
  ADD COLUMN sort_name text NOT NULL GENERATED ALWAYS AS (lower(coalesce(nullif(trim(
    coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), email))) STORED;
CREATE INDEX users_search_idx ON users USING gin (search);
CREATE INDEX users_sort_name_idx ON users (sort_name, id) WHERE deleted_at IS NULL;

-- Whoever may give what roles may do has to be able to give all of it.
UPDATE roles SET permissions = ARRAY['ticket.create','ticket.read.own','ticket.reply.own','ticket.read.organisation','ticket.read.queue',
  'ticket.read.all','ticket.update','ticket.assign','ticket.reply','ticket.delete','note.read','note.write','view.share','macro.share',
  'queue.manage','field.manage','user.read','user.manage','role.manage','article.read.internal','article.write','asset.read.own',
  'asset.read','asset.write','change.create','change.approve','sla.manage','report.read','outbox.read','settings.manage','audit.read']
WHERE name = 'ADMIN';
