-- Tickets: numbers, queues, tickets and everything that hangs on one.
CREATE TABLE number_counters (
  prefix text NOT NULL,
  year   integer NOT NULL,
  last   integer NOT NULL,
  PRIMARY KEY (prefix, year)
);

-- The next number of a series, as in TKT-2025-0001. The counter row stays locked until the caller's transaction
-- ends, so that a rolled-back creation leaves no gap.
CREATE FUNCTION next_number(series text) RETURNS text LANGUAGE sql VOLATILE AS $$
  INSERT INTO number_counters AS c (prefix, year, last)
  VALUES (series, extract(year FROM now() AT TIME ZONE 'UTC')::int, 1)
  ON CONFLICT (prefix, year) DO UPDATE SET last = c.last + 1
  RETURNING prefix || '-' || year || '-' || lpad(last::text, greatest(4, length(last::text)), '0')
$$;

CREATE TABLE queues (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  name        text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  description text,
  active      boolean NOT NULL DEFAULT true,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE queue_members (
  queue_id   uuid NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (queue_id, user_id)
);
CREATE INDEX queue_members_user_id_idx ON queue_members (user_id);

CREATE TABLE tickets (
  id             uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_number  text NOT NULL UNIQUE,
  subject        text NOT NULL CHECK (length(subject) BETWEEN 1 AND 300),
  description    text NOT NULL CHECK (length(description) <= 100000),
  status         text NOT NULL DEFAULT 'NEW' CHECK (status IN ('NEW','IN_PROGRESS','WAITING','RESOLVED','CLOSED','CANCELLED')),
  priority       text NOT NULL DEFAULT 'MEDIUM' CHECK (priority IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  source         text NOT NULL CHECK (source IN ('EMAIL','FORM','API','AI_CHAT','PHONE')),
  category       text CHECK (length(category) <= 100),
  subcategory    text CHECK (length(subcategory) <= 100),
  tags           text[] NOT NULL DEFAULT '{}',
  queue_id       uuid REFERENCES queues (id) ON DELETE SET NULL,
  assigned_to_id uuid REFERENCES users (id) ON DELETE SET NULL,
  assigned_at    timestamptz,
  assigned_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  requester_email text NOT NULL CHECK (length(requester_email) BETWEEN 3 AND 254),
  requester_name text CHECK (length(requester_name) <= 200),
  requester_id   uuid REFERENCES users (id) ON DELETE SET NULL,
  organisation_id uuid REFERENCES organisations (id) ON DELETE SET NULL,
  sla_policy_id  uuid REFERENCES sla_policies (id) ON DELETE SET NULL,
  first_response_at  timestamptz,
  first_response_sla timestamptz,
  resolution_sla timestamptz,
  resolved_at    timestamptz,
  closed_at      timestamptz,
  email_message_id text,
  reply_to_email text,
  custom_fields  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(custom_fields) = 'object'),
  version        integer NOT NULL DEFAULT 1,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  deleted_at     timestamptz,
  created_by_id  uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id  uuid REFERENCES users (id) ON DELETE SET NULL,
  -- What the list is sorted by: the promise that falls due next, 'infinity' when there is none.
  due_at         timestamptz NOT NULL GENERATED ALWAYS AS (
    CASE WHEN status IN ('RESOLVED','CLOSED','CANCELLED') THEN 'infinity'::timestamptz
         WHEN first_response_at IS NULL THEN coalesce(least(first_response_sla, resolution_sla), 'infinity'::timestamptz)
         ELSE coalesce(resolution_sla, 'infinity'::timestamptz) END) STORED,
  is_open        boolean NOT NULL GENERATED ALWAYS AS (status IN ('NEW','IN_PROGRESS','WAITING')) STORED,
  priority_rank  smallint NOT NULL GENERATED ALWAYS AS (
    CASE priority WHEN 'CRITICAL' THEN 0 WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END) STORED,
  search         tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('english', subject), 'A') || setweight(to_tsvector('english', left(description, 20000)), 'B')) STORED
);
CREATE INDEX tickets_status_idx ON tickets (status, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tickets_priority_idx ON tickets (priority, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tickets_assigned_to_id_idx ON tickets (assigned_to_id, created_at DESC, id DESC);
CREATE INDEX tickets_requester_email_idx ON tickets (lower(requester_email), created_at DESC, id DESC);
CREATE INDEX tickets_requester_id_idx ON tickets (requester_id, created_at DESC, id DESC);
CREATE INDEX tickets_organisation_id_idx ON tickets (organisation_id, created_at DESC, id DESC);
CREATE INDEX tickets_created_at_idx ON tickets (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tickets_updated_at_idx ON tickets (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tickets_sla_policy_id_idx ON tickets (sla_policy_id);
CREATE INDEX tickets_deleted_at_idx ON tickets (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX tickets_queue_id_idx ON tickets (queue_id, created_at DESC, id DESC);
CREATE INDEX tickets_created_by_id_idx ON tickets (created_by_id);
CREATE INDEX tickets_updated_by_id_idx ON tickets (updated_by_id);
CREATE INDEX tickets_assigned_by_id_idx ON tickets (assigned_by_id);
CREATE INDEX tickets_email_message_id_idx ON tickets (email_message_id) WHERE email_message_id IS NOT NULL;
CREATE INDEX tickets_tags_idx ON tickets USING gin (tags);
CREATE INDEX tickets_custom_fields_idx ON tickets USING gin (custom_fields jsonb_path_ops);
CREATE INDEX tickets_search_idx ON tickets USING gin (search);
-- Few tickets are open at any time: the agent's lists and counters read only these.
CREATE INDEX tickets_open_due_idx ON tickets (due_at, id) WHERE is_open AND deleted_at IS NULL;
CREATE INDEX tickets_open_assignee_idx ON tickets (assigned_to_id, due_at, id) WHERE is_open AND deleted_at IS NULL;

CREATE TABLE ticket_comments (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id   uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id     uuid REFERENCES users (id) ON DELETE SET NULL,
  comment     text NOT NULL CHECK (length(comment) BETWEEN 1 AND 100000),
  is_internal boolean NOT NULL DEFAULT false,
  is_from_email boolean NOT NULL DEFAULT false,
  -- RFC 5322 Message-ID of the mail it came from or went out as.
  message_id  text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  deleted_at  timestamptz
);
CREATE INDEX ticket_comments_ticket_id_idx ON ticket_comments (ticket_id, created_at);
CREATE INDEX ticket_comments_user_id_idx ON ticket_comments (user_id);
CREATE INDEX ticket_comments_created_at_idx ON ticket_comments (created_at);
CREATE INDEX ticket_comments_deleted_at_idx ON ticket_comments (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ticket_comments_message_id_idx ON ticket_comments (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE ticket_attachments (
  id             uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id      uuid REFERENCES tickets (id) ON DELETE CASCADE,
  comment_id     uuid REFERENCES ticket_comments (id) ON DELETE CASCADE,
  file_name      text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
  file_path      text NOT NULL,
  file_size      bigint NOT NULL CHECK (file_size >= 0),
  mime_type      text NOT NULL,
  sha256         bytea,
  uploaded_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  CHECK (ticket_id IS NOT NULL OR comment_id IS NOT NULL)
);
CREATE INDEX ticket_attachments_ticket_id_idx ON ticket_attachments (ticket_id);
CREATE INDEX ticket_attachments_comment_id_idx ON ticket_attachments (comment_id);
CREATE INDEX ticket_attachments_created_at_idx ON ticket_attachments (created_at);
CREATE INDEX ticket_attachments_uploaded_by_id_idx ON ticket_attachments (uploaded_by_id);

CREATE TABLE ticket_history (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id   uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id     uuid REFERENCES users (id) ON DELETE SET NULL,
  action      text NOT NULL,
  field       text,
  old_value   text,
  new_value   text,
  description text,
  -- Belongs to an internal note: never shown to a requester.
  is_internal boolean NOT NULL DEFAULT false,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ticket_history_ticket_id_idx ON ticket_history (ticket_id, created_at);
CREATE INDEX ticket_history_user_id_idx ON ticket_history (user_id);
CREATE INDEX ticket_history_action_idx ON ticket_history (action);
CREATE INDEX ticket_history_created_at_idx ON ticket_history (created_at);

CREATE TABLE ticket_links (
  id               uuid PRIMARY KEY DEFAULT uuidv7(),
  source_ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  target_ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  link_type        text NOT NULL CHECK (link_type IN ('RELATED','DUPLICATE','BLOCKS','BLOCKED_BY')),
  created_at       timestamptz NOT NULL DEFAULT now(),
  created_by_id    uuid REFERENCES users (id) ON DELETE SET NULL,
  UNIQUE (source_ticket_id, target_ticket_id, link_type),
  CHECK (source_ticket_id <> target_ticket_id)
);
CREATE INDEX ticket_links_source_ticket_id_idx ON ticket_links (source_ticket_id);
CREATE INDEX ticket_links_target_ticket_id_idx ON ticket_links (target_ticket_id);
CREATE INDEX ticket_links_created_by_id_idx ON ticket_links (created_by_id);

CREATE TABLE ticket_drafts (
  ticket_id   uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  is_internal boolean NOT NULL,
  body        text NOT NULL CHECK (length(body) <= 100000),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket_id, user_id, is_internal)
);
CREATE INDEX ticket_drafts_user_id_idx ON ticket_drafts (user_id);

-- A ticket and its policy: one row per application.
CREATE TABLE sla_tracking (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  ticket_id     uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  sla_policy_id uuid NOT NULL REFERENCES sla_policies (id),
  first_response_target   timestamptz,
  first_response_actual   timestamptz,
  first_response_breached boolean NOT NULL DEFAULT false,
  resolution_target       timestamptz,
  resolution_actual       timestamptz,
  resolution_breached     boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sla_tracking_ticket_id_idx ON sla_tracking (ticket_id);
CREATE INDEX sla_tracking_sla_policy_id_idx ON sla_tracking (sla_policy_id);
CREATE INDEX sla_tracking_first_response_breached_idx ON sla_tracking (first_response_breached);
CREATE INDEX sla_tracking_resolution_breached_idx ON sla_tracking (resolution_breached);

CREATE TRIGGER touch BEFORE UPDATE ON queues FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON ticket_comments FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON ticket_drafts FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON sla_tracking FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
