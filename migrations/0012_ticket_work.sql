-- Working on tickets: how they ended, merging, following up, watching, what is left to do, time spent.
ALTER TABLE tickets
  -- What solved it, for the requester to read.
  ADD COLUMN resolution_note text CHECK (length(resolution_note) BETWEEN 1 AND 10000),
  ADD COLUMN cancel_reason text CHECK (length(cancel_reason) BETWEEN 1 AND 1000),
  -- Put off until then: out of the inbox, and back by itself.
  ADD COLUMN follow_up_at timestamptz,
  ADD COLUMN merged_into_id uuid REFERENCES tickets (id),
  ADD COLUMN merged_at timestamptz,
  -- What unmerging gives back.
  ADD COLUMN before_merge jsonb,
  ADD COLUMN deleted_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  ADD COLUMN delete_reason text CHECK (length(delete_reason) BETWEEN 1 AND 1000),
  ADD CONSTRAINT tickets_merged_check CHECK (
    merged_into_id <> id AND (merged_into_id IS NULL) = (merged_at IS NULL) AND (merged_into_id IS NULL) = (before_merge IS NULL));
CREATE INDEX tickets_merged_into_id_idx ON tickets (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX tickets_deleted_by_id_idx ON tickets (deleted_by_id) WHERE deleted_by_id IS NOT NULL;
CREATE INDEX tickets_follow_up_at_idx ON tickets (follow_up_at) WHERE follow_up_at IS NOT NULL;
-- The inbox leaves out what is put off: its count must find that in the index too.
DROP INDEX tickets_open_idx;
CREATE INDEX tickets_open_idx ON tickets (due_at, id)
  INCLUDE (assigned_to_id, queue_id, requester_id, organisation_id, follow_up_at) WHERE is_open AND deleted_at IS NULL;

-- A ticket and everything that was merged into it, however deep.
CREATE FUNCTION ticket_tree(root uuid) RETURNS TABLE (id uuid) LANGUAGE sql STABLE ROWS 1 AS $$
  WITH RECURSIVE tree AS (
    SELECT root AS id UNION SELECT t.id FROM tickets t JOIN tree ON t.merged_into_id = tree.id)
  SELECT tree.id FROM tree
$$;
-- Where a merged ticket went in the end; a ticket that was not merged is its own root.
CREATE FUNCTION ticket_root(ticket uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
  WITH RECURSIVE up AS (
    SELECT t.id, t.merged_into_id FROM tickets t WHERE t.id = ticket
    UNION SELECT t.id, t.merged_into_id FROM tickets t JOIN up ON t.id = up.merged_into_id)
  SELECT up.id FROM up WHERE up.merged_into_id IS NULL
$$;

-- Who hears of everything on a ticket that they may see.
CREATE TABLE ticket_watchers (
  ticket_id   uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  added_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX ticket_watchers_user_id_idx ON ticket_watchers (user_id);
CREATE INDEX ticket_watchers_added_by_id_idx ON ticket_watchers (added_by_id);

-- Who gets the public replies by mail, beside the requester.
CREATE TABLE ticket_ccs (
  ticket_id   uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  email       text NOT NULL CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
  added_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket_id, email)
);
CREATE INDEX ticket_ccs_added_by_id_idx ON ticket_ccs (added_by_id);

CREATE TABLE ticket_checklist_items (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id     uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  position      integer NOT NULL,
  text          text NOT NULL CHECK (length(text) BETWEEN 1 AND 300),
  done_at       timestamptz,
  done_by_id    uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX ticket_checklist_items_ticket_id_idx ON ticket_checklist_items (ticket_id, position);
CREATE INDEX ticket_checklist_items_done_by_id_idx ON ticket_checklist_items (done_by_id);
CREATE INDEX ticket_checklist_items_created_by_id_idx ON ticket_checklist_items (created_by_id);

CREATE TABLE ticket_time_entries (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id  uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id    uuid REFERENCES users (id) ON DELETE SET NULL,
  minutes    integer NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
  note       text CHECK (length(note) BETWEEN 1 AND 300),
  spent_on   date NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ticket_time_entries_ticket_id_idx ON ticket_time_entries (ticket_id, id);
CREATE INDEX ticket_time_entries_user_id_idx ON ticket_time_entries (user_id, spent_on);
CREATE INDEX ticket_time_entries_spent_on_idx ON ticket_time_entries (spent_on);

-- Every tag that was ever used, to be suggested.
CREATE TABLE tags (
  tag        text PRIMARY KEY CHECK (length(tag) BETWEEN 1 AND 50),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tags_prefix_idx ON tags (tag text_pattern_ops);
INSERT INTO tags (tag) SELECT DISTINCT unnest(tags) FROM tickets;

-- Two tabs may write at one draft: the one that has not seen the other's words must not overwrite them.
ALTER TABLE ticket_drafts ADD COLUMN version integer NOT NULL DEFAULT 1;
