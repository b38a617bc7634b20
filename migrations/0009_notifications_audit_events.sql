-- What happened: notifications to people, the audit log, and the event log they come from.
CREATE TABLE notifications (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  type       text NOT NULL,
  title      text NOT NULL,
  message    text NOT NULL,
  link       text,
  read       boolean NOT NULL DEFAULT false,
  read_at    timestamptz,
  -- One notification per event and person, however often the job runs.
  event_id   uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, event_id)
);
CREATE INDEX notifications_user_id_idx ON notifications (user_id, created_at DESC, id DESC);
CREATE INDEX notifications_read_idx ON notifications (user_id) WHERE NOT read;
CREATE INDEX notifications_created_at_idx ON notifications (created_at);

CREATE TABLE audit_logs (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id     uuid REFERENCES users (id) ON DELETE SET NULL,
  action      text NOT NULL,
  entity_type text,
  entity_id   text,
  changes     jsonb,
  ip_address  text,
  user_agent  text,
  description text,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_logs_user_id_idx ON audit_logs (user_id);
CREATE INDEX audit_logs_action_idx ON audit_logs (action);
CREATE INDEX audit_logs_entity_type_idx ON audit_logs (entity_type);
CREATE INDEX audit_logs_entity_id_idx ON audit_logs (entity_id);
CREATE INDEX audit_logs_created_at_idx ON audit_logs (created_at);

CREATE TABLE events (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  kind         text NOT NULL,
  actor_id     uuid REFERENCES users (id) ON DELETE SET NULL,
  ticket_id    uuid REFERENCES tickets (id) ON DELETE CASCADE,
  -- Who may hear of it, as of the moment it happened.
  queue_id     uuid,
  assignee_id  uuid,
  requester_id uuid,
  organisation_id uuid,
  is_internal  boolean NOT NULL DEFAULT false,
  data         jsonb NOT NULL DEFAULT '{}',
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_ticket_id_idx ON events (ticket_id);
CREATE INDEX events_actor_id_idx ON events (actor_id);
CREATE INDEX events_created_at_idx ON events (created_at);

-- Every node listens on this channel; the payload is what it needs to decide which viewers to tell.
CREATE FUNCTION notify_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('oxdesk_events', json_build_object(
    'id', NEW.id, 'kind', NEW.kind, 'actor_id', NEW.actor_id, 'ticket_id', NEW.ticket_id, 'queue_id', NEW.queue_id,
    'assignee_id', NEW.assignee_id, 'requester_id', NEW.requester_id, 'organisation_id', NEW.organisation_id,
    'is_internal', NEW.is_internal)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER notify AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION notify_event();
