-- SLA: policies with conditions and escalation, what runs on each ticket, and why.
ALTER TABLE calendars
  -- [{"from": "2027-01-01", "hours": {…}}, …]
  ADD COLUMN changes jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN version integer NOT NULL DEFAULT 1;

ALTER TABLE sla_policies
  -- Minutes of working time until whoever asks and waits is answered again.
  ADD COLUMN update_time integer CHECK (update_time > 0),
  -- The first that fits counts.
  ADD COLUMN position integer NOT NULL DEFAULT 0,
  ADD COLUMN queue_id uuid REFERENCES queues (id),
  ADD COLUMN category text CHECK (length(category) BETWEEN 1 AND 100),
  ADD COLUMN organisation_id uuid REFERENCES organisations (id),
  ADD COLUMN tag text CHECK (length(tag) BETWEEN 1 AND 50),
  -- In these the clock stands still.
  ADD COLUMN pauses_in text[] NOT NULL DEFAULT '{WAITING}',
  -- It runs on where it runs, and begins nowhere any more.
  ADD COLUMN deleted_at timestamptz;
CREATE INDEX sla_policies_queue_id_idx ON sla_policies (queue_id);
CREATE INDEX sla_policies_organisation_id_idx ON sla_policies (organisation_id);

-- What happens before and after a target.
CREATE TABLE sla_steps (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  sla_policy_id uuid NOT NULL REFERENCES sla_policies (id) ON DELETE CASCADE,
  target        text NOT NULL CHECK (target IN ('FIRST_RESPONSE','UPDATE','RESOLUTION')),
  -- Working minutes after the target, before it where negative; or a share of the way to it, in percent.
  minutes       integer,
  share         integer CHECK (share BETWEEN 1 AND 500),
  actions       jsonb NOT NULL,
  -- A policy that is changed gets new steps; those it had stay where they were done.
  retired       boolean NOT NULL DEFAULT false,
  CHECK (num_nonnulls(minutes, share) = 1)
);
CREATE INDEX sla_steps_sla_policy_id_idx ON sla_steps (sla_policy_id);

ALTER TABLE sla_tracking
  ADD COLUMN update_since    timestamptz,
  ADD COLUMN update_target   timestamptz,
  ADD COLUMN update_breached boolean NOT NULL DEFAULT false,
  ADD COLUMN paused          boolean NOT NULL DEFAULT false,
  -- Another policy took over.
  ADD COLUMN ended_at        timestamptz,
  -- When something falls due next: all that the sweep looks at.
  ADD COLUMN next_check_at   timestamptz;
CREATE UNIQUE INDEX sla_tracking_running_key ON sla_tracking (ticket_id) WHERE ended_at IS NULL;
CREATE INDEX sla_tracking_next_check_at_idx ON sla_tracking (next_check_at, ticket_id) WHERE next_check_at IS NOT NULL;

-- Stretches in which a ticket was in a status that may stop its clock.
CREATE TABLE sla_pauses (
  id        uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  status    text NOT NULL,
  from_at   timestamptz NOT NULL,
  to_at     timestamptz CHECK (to_at >= from_at)
);
CREATE INDEX sla_pauses_ticket_id_idx ON sla_pauses (ticket_id, from_at);
CREATE UNIQUE INDEX sla_pauses_running_key ON sla_pauses (ticket_id) WHERE to_at IS NULL;

-- What was done, once each.
CREATE TABLE sla_escalations (
  sla_tracking_id uuid NOT NULL REFERENCES sla_tracking (id) ON DELETE CASCADE,
  sla_step_id     uuid NOT NULL REFERENCES sla_steps (id) ON DELETE CASCADE,
  -- Since when its target ran: an update falls due again and again.
  since           timestamptz NOT NULL,
  done_at         timestamptz NOT NULL,
  PRIMARY KEY (sla_tracking_id, sla_step_id, since)
);
CREATE INDEX sla_escalations_sla_step_id_idx ON sla_escalations (sla_step_id);

-- The next promise includes an answer to whoever waits.
ALTER TABLE tickets
  ADD COLUMN waits_since timestamptz,
  ADD COLUMN update_sla  timestamptz;
DROP INDEX tickets_open_assignee_idx, tickets_open_idx;
ALTER TABLE tickets DROP COLUMN due_at;
ALTER TABLE tickets ADD COLUMN due_at timestamptz NOT NULL GENERATED ALWAYS AS (
  CASE WHEN status IN ('RESOLVED','CLOSED','CANCELLED') THEN 'infinity'::timestamptz
       ELSE coalesce(least(CASE WHEN first_response_at IS NULL THEN first_response_sla END, update_sla, resolution_sla), 'infinity'::timestamptz) END) STORED;
CREATE INDEX tickets_open_assignee_idx ON tickets (assigned_to_id, due_at, id) WHERE is_open AND deleted_at IS NULL;
CREATE INDEX tickets_open_idx ON tickets (due_at, id)
  INCLUDE (assigned_to_id, queue_id, requester_id, organisation_id, follow_up_at) WHERE is_open AND deleted_at IS NULL;

-- Changes whenever a policy or a calendar does: what a node has read is known to be old.
CREATE TABLE sla_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  uuid NOT NULL
);
INSERT INTO sla_state (version) VALUES (gen_random_uuid());
CREATE FUNCTION renew_sla_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sla_state SET version = gen_random_uuid();
  RETURN NULL;
END $$;
CREATE TRIGGER renew_sla AFTER INSERT OR UPDATE OR DELETE ON calendars FOR EACH STATEMENT EXECUTE FUNCTION renew_sla_state();
CREATE TRIGGER renew_sla AFTER INSERT OR UPDATE OR DELETE ON sla_policies FOR EACH STATEMENT EXECUTE FUNCTION renew_sla_state();
CREATE TRIGGER renew_sla AFTER INSERT OR UPDATE OR DELETE ON sla_steps FOR EACH STATEMENT EXECUTE FUNCTION renew_sla_state();
