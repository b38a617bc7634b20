-- Automation: rules and what they did, who can be given a ticket, and webhooks that go out.

-- Since when a ticket is in its status: timed rules count from it.
ALTER TABLE tickets ADD COLUMN status_since timestamptz NOT NULL DEFAULT now();
UPDATE tickets SET status_since = CASE WHEN status = 'RESOLVED' THEN coalesce(resolved_at, updated_at)
  WHEN status IN ('CLOSED','CANCELLED') THEN coalesce(closed_at, updated_at) ELSE updated_at END;
CREATE FUNCTION note_status_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.status_since := now();
  RETURN NEW;
END $$;
CREATE TRIGGER status_since BEFORE UPDATE OF status ON tickets FOR EACH ROW
  WHEN (NEW.status IS DISTINCT FROM OLD.status) EXECUTE FUNCTION note_status_since();
CREATE INDEX tickets_status_since_idx ON tickets (status_since, id) WHERE deleted_at IS NULL;
CREATE INDEX tickets_waits_since_idx ON tickets (waits_since, id) WHERE waits_since IS NOT NULL AND deleted_at IS NULL;

-- Which rules brought an event about, the first one first: none of them fires on it again.
ALTER TABLE events ADD COLUMN caused_by uuid[] NOT NULL DEFAULT '{}';

CREATE TABLE rules (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  enabled       boolean NOT NULL DEFAULT false,
  position      integer NOT NULL DEFAULT 0,
  -- Once it has fired, no later one is tried on the same event.
  stops         boolean NOT NULL DEFAULT false,
  -- {"on": ["CREATED"]} or {"since": "STATUS", "minutes": 1440}
  moment        jsonb NOT NULL,
  condition     jsonb NOT NULL,
  actions       jsonb NOT NULL,
  -- Up to where a timed rule has looked: the moment it counts from, and the ticket.
  seen_at       timestamptz NOT NULL DEFAULT '-infinity',
  seen_ticket   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX rules_name_key ON rules (lower(name));
CREATE INDEX rules_created_by_id_idx ON rules (created_by_id);
CREATE INDEX rules_updated_by_id_idx ON rules (updated_by_id);

-- What a rule did, or could not do. Once for an event, or for the moment that a timed rule counts from.
CREATE TABLE rule_runs (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  rule_id    uuid NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
  ticket_id  uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  event_id   uuid,
  since      timestamptz,
  outcome    text NOT NULL CHECK (outcome IN ('FIRED','FAILED','LOOP')),
  -- What it did in words, or why it could not.
  said       text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (num_nonnulls(event_id, since) = 1)
);
CREATE UNIQUE INDEX rule_runs_event_key ON rule_runs (rule_id, event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX rule_runs_since_key ON rule_runs (rule_id, ticket_id, since) WHERE since IS NOT NULL;
CREATE INDEX rule_runs_rule_id_idx ON rule_runs (rule_id, id DESC);
CREATE INDEX rule_runs_ticket_id_idx ON rule_runs (ticket_id);
CREATE INDEX rule_runs_created_at_idx ON rule_runs (created_at);

-- Why rules did not fire: one row for all that were tried on an event.
CREATE TABLE rule_misses (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id  uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  event_id   uuid NOT NULL UNIQUE,
  rules      uuid[] NOT NULL,
  -- The first test of each that did not hold, and what stood there.
  tests      text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rule_misses_ticket_id_idx ON rule_misses (ticket_id);
CREATE INDEX rule_misses_created_at_idx ON rule_misses (created_at);

-- Changes whenever a rule does: what a node has read is known to be old.
CREATE TABLE rules_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  uuid NOT NULL
);
INSERT INTO rules_state (version) VALUES (gen_random_uuid());
CREATE FUNCTION renew_rules_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE rules_state SET version = gen_random_uuid();
  RETURN NULL;
END $$;
-- Not where only what a rule has seen moves on.
CREATE TRIGGER renew_rules AFTER INSERT OR DELETE OR UPDATE OF name, enabled, position, stops, moment, condition, actions ON rules
  FOR EACH STATEMENT EXECUTE FUNCTION renew_rules_state();

-- What someone knows, and when they work: who is given a ticket by a rule.
ALTER TABLE users
  ADD COLUMN skills text[] NOT NULL DEFAULT '{}',
  ADD COLUMN calendar_id uuid REFERENCES calendars (id) ON DELETE SET NULL;
CREATE INDEX users_calendar_id_idx ON users (calendar_id) WHERE calendar_id IS NOT NULL;
ALTER TABLE queues DROP CONSTRAINT queues_assignment_rule_check;
ALTER TABLE queues ADD CONSTRAINT queues_assignment_rule_check CHECK (assignment_rule IN ('NONE','ROUND_ROBIN','LEAST_OPEN','SKILL'));

-- Where the desk tells other programs what happens (Standard Webhooks).
CREATE TABLE webhooks (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  url           text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  -- Sealed with the installation's key.
  secret        text NOT NULL,
  active        boolean NOT NULL DEFAULT true,
  -- What it is told of; rules may send it more.
  kinds         text[] NOT NULL DEFAULT '{}',
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX webhooks_name_key ON webhooks (lower(name));
CREATE INDEX webhooks_created_by_id_idx ON webhooks (created_by_id);

CREATE TABLE webhook_deliveries (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  webhook_id uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  -- One for whatever brought it about.
  cause      text NOT NULL,
  kind       text NOT NULL,
  body       text NOT NULL,
  state      text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING','SENT','FAILED')),
  attempts   integer NOT NULL DEFAULT 0,
  -- What the other side answered, and how it ended.
  status     integer,
  said       text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at    timestamptz,
  UNIQUE (webhook_id, cause)
);
CREATE INDEX webhook_deliveries_webhook_id_idx ON webhook_deliveries (webhook_id, id DESC);
CREATE INDEX webhook_deliveries_created_at_idx ON webhook_deliveries (created_at);

-- Rules that come with the desk, turned off: what most desks want sooner or later.
INSERT INTO rules (name, position, moment, condition, actions) VALUES
  ('Close what was solved a week ago', 100, '{"since": "STATUS", "minutes": 10080}',
   '{"field": "status", "is": "IS", "values": ["RESOLVED"]}',
   '[{"do": "set_status", "status": "CLOSED"}]'),
  ('Remind whoever we wait for, after three days', 110, '{"since": "STATUS", "minutes": 4320}',
   '{"field": "status", "is": "IS", "values": ["WAITING"]}',
   '[{"do": "reply", "text": "Hello {{requester.first_name}},\n\nwe wait for your answer before we can go on with {{ticket.number}}. If it has settled itself, please tell us."}]'),
  ('Solve what nobody answered for two weeks', 120, '{"since": "STATUS", "minutes": 20160}',
   '{"field": "status", "is": "IS", "values": ["WAITING"]}',
   '[{"do": "set_status", "status": "RESOLVED", "text": "We asked, and heard nothing for two weeks. Answer at any time, and we go on."}]'),
  ('Raise what important people ask', 130, '{"on": ["CREATED", "UPDATED"]}',
   '{"all": [{"field": "tag", "is": "IS", "values": ["vip"]}, {"field": "priority", "is": "IS", "values": ["LOW", "MEDIUM"]}]}',
   '[{"do": "set_priority", "priority": "HIGH"}, {"do": "notify", "to": "queue", "text": "{{requester.name}} is important to us"}]'),
  ('Tell the assignee of what was reopened', 140, '{"on": ["UPDATED", "REPLIED"]}',
   '{"all": [{"field": "status", "before": true, "is": "IS", "values": ["RESOLVED", "CLOSED"]}, {"field": "status", "is": "IS", "values": ["IN_PROGRESS"]}]}',
   '[{"do": "add_tag", "tag": "reopened"}, {"do": "notify", "to": "assignee", "text": "{{requester.name}} says that it is not solved"}]');
