-- The audit log, made tamper-evident: each entry is hashed together with the one before it.
ALTER TABLE audit_logs
  -- The request's id, as the program's log and error pages have it.
  ADD COLUMN request_id text,
  -- Through which door: SESSION, API_TOKEN, SYSTEM: reason …
  ADD COLUMN origin text;

-- An entry never changes, not even when its person goes: people are marked as deleted, never removed.
ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_user_id_fkey;
ALTER TABLE audit_logs ADD CONSTRAINT audit_logs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);

-- A page of the log is read from the newest, whatever it is filtered by.
DROP INDEX audit_logs_user_id_idx, audit_logs_action_idx, audit_logs_entity_type_idx, audit_logs_entity_id_idx, audit_logs_created_at_idx;
CREATE INDEX audit_logs_user_id_idx ON audit_logs (user_id, created_at DESC, id DESC);
CREATE INDEX audit_logs_action_idx ON audit_logs (action, created_at DESC, id DESC);
CREATE INDEX audit_logs_entity_type_idx ON audit_logs (entity_type, created_at DESC, id DESC);
CREATE INDEX audit_logs_entity_id_idx ON audit_logs (entity_id, created_at DESC, id DESC);
CREATE INDEX audit_logs_created_at_idx ON audit_logs (created_at DESC, id DESC);

-- One row per entry, without gaps, in the order in which they were committed.
CREATE TABLE audit_chain (
  position     bigint PRIMARY KEY,
  audit_log_id uuid NOT NULL UNIQUE,
  prev_hash    bytea NOT NULL,
  hash         bytea NOT NULL
);

-- Where the chain stood when a day began (UTC). Also written to the program's log: a copy that is kept elsewhere proves
-- that nothing before it was changed, or cut off.
CREATE TABLE audit_anchors (
  day        date PRIMARY KEY,
  position   bigint NOT NULL,
  hash       bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What is hashed of an entry: JSON as jsonb writes it, keys by length and then by their bytes, times in UTC.
CREATE FUNCTION audit_canonical(entry audit_logs) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', entry.id, 'user_id', entry.user_id, 'action', entry.action, 'entity_type', entry.entity_type,
    'entity_id', entry.entity_id, 'changes', entry.changes, 'ip_address', entry.ip_address, 'user_agent', entry.user_agent,
    'description', entry.description, 'request_id', entry.request_id, 'origin', entry.origin,
    'created_at', to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
$$;

-- Puts an entry at the end of the chain. The lock is held from here to the end of the transaction: the trigger waits
-- until the transaction commits, so that nobody holds it while they work.
CREATE FUNCTION audit_link(entry audit_logs) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last audit_chain;
BEGIN
  PERFORM pg_advisory_xact_lock(7165902841);
  SELECT * INTO last FROM audit_chain ORDER BY position DESC LIMIT 1;
  last.hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  INSERT INTO audit_chain (position, audit_log_id, prev_hash, hash)
  VALUES (coalesce(last.position, 0) + 1, entry.id, last.hash, sha256(last.hash || convert_to(audit_canonical(entry), 'UTF8')));
END $$;
REVOKE ALL ON FUNCTION audit_link(audit_logs) FROM public;

CREATE FUNCTION audit_link_new() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM audit_link(NEW);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER link AFTER INSERT ON audit_logs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link_new();

-- Notes where the chain stands, once a day. Whoever may only add to the log may call it.
CREATE FUNCTION audit_anchor() RETURNS SETOF audit_anchors LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_anchors (day, position, hash)
  SELECT (now() AT TIME ZONE 'UTC')::date, position, hash FROM audit_chain ORDER BY position DESC LIMIT 1
  ON CONFLICT (day) DO NOTHING RETURNING *
$$;

-- Removes the oldest entries, at most a batch of them, and returns the position and hash that the chain goes on from.
-- Nothing of the last 90 days can be removed by it, whoever calls it.
CREATE FUNCTION audit_expire(before timestamptz) RETURNS TABLE (removed bigint, until bigint, hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  begins bigint;
  ends bigint;
BEGIN
  IF before > now() - interval '90 days' THEN
    RAISE EXCEPTION 'entries of the last 90 days stay' USING ERRCODE = 'check_violation';
  END IF;
  PERFORM pg_advisory_xact_lock(7165902841);
  SELECT min(position) INTO begins FROM audit_chain;
  -- All before the first one that is young enough, or missing: what somebody else removed stays to be seen. Only the
  -- entry that the chain goes on from may be gone. The newest one always stays.
  SELECT max(due.position) INTO ends FROM (
    SELECT c.position, bool_and(coalesce(a.created_at < before, c.position = begins)) OVER (ORDER BY c.position) AS old
    FROM audit_chain c LEFT JOIN audit_logs a ON a.id = c.audit_log_id
    WHERE c.position >= begins AND c.position < least(begins + 50000, (SELECT max(position) FROM audit_chain))
  ) due WHERE due.old;
  IF ends IS NULL OR NOT EXISTS (SELECT FROM audit_logs a JOIN audit_chain c ON c.audit_log_id = a.id WHERE c.position BETWEEN begins AND ends) THEN
    RETURN;
  END IF;
  WITH gone AS (
    DELETE FROM audit_logs a USING audit_chain c WHERE c.audit_log_id = a.id AND c.position BETWEEN begins AND ends RETURNING a.id
  ) SELECT count(*) INTO removed FROM gone;
  DELETE FROM audit_chain c WHERE c.position < ends;
  DELETE FROM audit_anchors n WHERE n.position < ends;
  until := ends;
  SELECT c.hash INTO audit_expire.hash FROM audit_chain c WHERE c.position = ends;
  RETURN NEXT;
END $$;

-- What was written before the chain began.
DO $$
DECLARE
  entry audit_logs;
BEGIN
  FOR entry IN SELECT * FROM audit_logs ORDER BY created_at, id LOOP
    PERFORM audit_link(entry);
  END LOOP;
END $$;
