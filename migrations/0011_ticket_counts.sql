-- The views' counts read this index alone: what decides who sees an open ticket stands in it. It replaces the one that
-- had only its keys.
CREATE INDEX tickets_open_idx ON tickets (due_at, id) INCLUDE (assigned_to_id, queue_id, requester_id, organisation_id)
  WHERE is_open AND deleted_at IS NULL;
DROP INDEX tickets_open_due_idx;
-- An index is read alone only where the visibility map is fresh: vacuum after two in a hundred rows, not twenty.
ALTER TABLE tickets SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
