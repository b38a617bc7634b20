-- Changes: what is planned, who says yes to it, when, and what it touches.
ALTER TABLE change_requests
  ADD COLUMN plan         text CHECK (length(plan) <= 50000),
  ADD COLUMN backout_plan text CHECK (length(backout_plan) <= 50000),
  ADD COLUMN test_plan    text CHECK (length(test_plan) <= 50000),
  -- Answers to the questions that propose the risk, by their keys.
  ADD COLUMN risk_answers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(risk_answers) = 'object'),
  ADD COLUMN template_id  uuid,
  -- How it went.
  ADD COLUMN outcome      text CHECK (outcome IN ('SUCCESSFUL','WITH_PROBLEMS','BACKED_OUT','FAILED')),
  ADD COLUMN review       text CHECK (length(review) <= 20000),
  ADD COLUMN announced_at timestamptz,
  -- What a vote is bound to: SHA-256 of description, plans, risk, window and assets.
  ADD COLUMN content_hash bytea,
  -- Who wrote it so: they do not say yes to it.
  ADD COLUMN content_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  ADD COLUMN planned tstzrange GENERATED ALWAYS AS (tstzrange(planned_start_date, planned_end_date, '[)')) STORED,
  ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
    to_tsvector('simple', change_number) || setweight(to_tsvector('desk', title), 'A') || to_tsvector('desk', left(description, 100000))) STORED;
CREATE INDEX change_requests_planned_idx ON change_requests USING gist (planned)
  WHERE deleted_at IS NULL AND planned_start_date IS NOT NULL AND status IN ('SUBMITTED','IN_REVIEW','APPROVED');
CREATE INDEX change_requests_content_by_id_idx ON change_requests (content_by_id);
CREATE INDEX change_requests_search_idx ON change_requests USING gin (search);
CREATE INDEX change_requests_list_idx ON change_requests (created_at DESC, id DESC) WHERE deleted_at IS NULL;

-- What may be done without asking again, and what every change of its kind begins with.
CREATE TABLE change_templates (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  name        text NOT NULL CONSTRAINT change_templates_name_key UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  type        text NOT NULL CHECK (type IN ('STANDARD','NORMAL','EMERGENCY')),
  description text NOT NULL DEFAULT '',
  plan        text NOT NULL DEFAULT '',
  backout_plan text NOT NULL DEFAULT '',
  test_plan   text NOT NULL DEFAULT '',
  risk_level  text CHECK (risk_level IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  -- Stages in order: {name, rule, quorum, people, roles, asset_owners}.
  stages      jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(stages) = 'array'),
  active      boolean NOT NULL DEFAULT true,
  version     integer NOT NULL DEFAULT 1,
  updated_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX change_templates_updated_by_id_idx ON change_templates (updated_by_id);
ALTER TABLE change_requests ADD FOREIGN KEY (template_id) REFERENCES change_templates (id) ON DELETE SET NULL;
CREATE INDEX change_requests_template_id_idx ON change_requests (template_id);

CREATE TABLE change_assets (
  change_id uuid NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  asset_id  uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  PRIMARY KEY (change_id, asset_id)
);
CREATE INDEX change_assets_asset_id_idx ON change_assets (asset_id);

-- The stages of one change, as they were when it was submitted.
CREATE TABLE change_stages (
  change_id uuid NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  stage     integer NOT NULL CHECK (stage > 0),
  name      text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  rule      text NOT NULL CHECK (rule IN ('ALL','ANY','QUORUM')),
  quorum    integer CHECK (quorum > 0),
  -- When its people were asked, and reminded last.
  asked_at    timestamptz,
  reminded_at timestamptz,
  -- When those who approve changes were told that nobody says anything.
  escalated_at timestamptz,
  PRIMARY KEY (change_id, stage),
  CHECK ((rule = 'QUORUM') = (quorum IS NOT NULL))
);
ALTER TABLE change_approvals
  -- What the approver saw.
  ADD COLUMN voted_hash  bytea,
  -- Their deputy, where one voted for them.
  ADD COLUMN voted_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  -- The role that they are asked for; whoever loses it is asked no longer.
  ADD COLUMN via_role text;
CREATE INDEX change_approvals_voted_by_id_idx ON change_approvals (voted_by_id);

-- Who votes for someone who is away.
CREATE TABLE deputies (
  user_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  deputy_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  from_day  date NOT NULL,
  until_day date NOT NULL,
  PRIMARY KEY (user_id, deputy_id, from_day),
  CHECK (user_id <> deputy_id),
  CHECK (until_day >= from_day)
);
CREATE INDEX deputies_deputy_id_idx ON deputies (deputy_id);

CREATE TABLE change_tasks (
  id        uuid PRIMARY KEY DEFAULT uuidv7(),
  change_id uuid NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  title     text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  position  integer NOT NULL,
  done_at   timestamptz,
  done_by_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX change_tasks_change_id_idx ON change_tasks (change_id, position);
CREATE INDEX change_tasks_done_by_id_idx ON change_tasks (done_by_id);

CREATE TABLE change_history (
  id        uuid PRIMARY KEY DEFAULT uuidv7(),
  change_id uuid NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  user_id   uuid REFERENCES users (id) ON DELETE SET NULL,
  -- What was done, in words.
  what      text NOT NULL CHECK (length(what) BETWEEN 1 AND 500),
  comment   text,
  at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX change_history_change_id_idx ON change_history (change_id, id DESC);
CREATE INDEX change_history_user_id_idx ON change_history (user_id);

-- When nothing is changed.
CREATE TABLE change_blackouts (
  id       uuid PRIMARY KEY DEFAULT uuidv7(),
  name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  starts   timestamptz NOT NULL,
  ends     timestamptz NOT NULL,
  during   tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(starts, ends, '[)')) STORED,
  made_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  CHECK (ends > starts)
);
CREATE INDEX change_blackouts_during_idx ON change_blackouts USING gist (during);
CREATE INDEX change_blackouts_made_by_id_idx ON change_blackouts (made_by_id);

-- Whether someone sees every change, and so can open the page on which they are asked.
CREATE FUNCTION works_on_changes(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_or('change.approve' = ANY(r.permissions)), false)
    OR (coalesce(bool_or('change.create' = ANY(r.permissions)), false) AND coalesce(bool_or('ticket.update' = ANY(r.permissions)), false))
  FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = person
$$;

-- Which warranties were told of, how many days before their end.
CREATE TABLE asset_warranty_reminders (
  asset_id uuid NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
  ends     date NOT NULL,
  days     integer NOT NULL,
  PRIMARY KEY (asset_id, ends, days)
);

ALTER TABLE notifications ADD COLUMN change_id uuid REFERENCES change_requests (id) ON DELETE CASCADE;
CREATE INDEX notifications_change_id_idx ON notifications (change_id);
