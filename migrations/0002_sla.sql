-- SLA: calendars and policies. Tracking follows once tickets exist.
CREATE TABLE calendars (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  time_zone  text NOT NULL,
  -- {"mon": [["09:00","17:00"]], …}
  hours      jsonb NOT NULL,
  holidays   jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sla_policies (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  description text,
  priority    text NOT NULL CHECK (priority IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  -- Minutes of working time.
  first_response_time integer NOT NULL CHECK (first_response_time > 0),
  resolution_time     integer NOT NULL CHECK (resolution_time > 0),
  business_hours jsonb,
  calendar_id uuid REFERENCES calendars (id),
  active      boolean NOT NULL DEFAULT true,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX sla_policies_priority_idx ON sla_policies (priority);
CREATE INDEX sla_policies_active_idx ON sla_policies (active);
CREATE INDEX sla_policies_calendar_id_idx ON sla_policies (calendar_id);
CREATE INDEX sla_policies_created_by_id_idx ON sla_policies (created_by_id);
CREATE INDEX sla_policies_updated_by_id_idx ON sla_policies (updated_by_id);
CREATE TRIGGER touch BEFORE UPDATE ON calendars FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON sla_policies FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
