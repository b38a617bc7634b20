-- Changes: requests, approvals, attachments.
CREATE TABLE change_requests (
  id              uuid PRIMARY KEY DEFAULT uuidv7(),
  change_number   text NOT NULL UNIQUE,
  title           text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  description     text NOT NULL,
  type            text NOT NULL CHECK (type IN ('STANDARD','NORMAL','EMERGENCY')),
  status          text NOT NULL DEFAULT 'DRAFT' CHECK (status IN ('DRAFT','SUBMITTED','IN_REVIEW','APPROVED','REJECTED','IMPLEMENTED','CLOSED')),
  priority        text NOT NULL DEFAULT 'MEDIUM' CHECK (priority IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  risk_level      text CHECK (risk_level IN ('LOW','MEDIUM','HIGH','CRITICAL')),
  requested_by_id uuid NOT NULL REFERENCES users (id),
  requested_at    timestamptz NOT NULL DEFAULT now(),
  planned_start_date timestamptz,
  planned_end_date   timestamptz,
  actual_start_date  timestamptz,
  actual_end_date    timestamptz,
  implementation_notes text,
  related_ticket_id uuid REFERENCES tickets (id) ON DELETE SET NULL,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  created_by_id   uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id   uuid REFERENCES users (id) ON DELETE SET NULL,
  CHECK (planned_end_date >= planned_start_date),
  CHECK (actual_end_date >= actual_start_date)
);
CREATE INDEX change_requests_status_idx ON change_requests (status) WHERE deleted_at IS NULL;
CREATE INDEX change_requests_type_idx ON change_requests (type) WHERE deleted_at IS NULL;
CREATE INDEX change_requests_requested_by_id_idx ON change_requests (requested_by_id);
CREATE INDEX change_requests_related_ticket_id_idx ON change_requests (related_ticket_id);
CREATE INDEX change_requests_created_at_idx ON change_requests (created_at);
CREATE INDEX change_requests_deleted_at_idx ON change_requests (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX change_requests_created_by_id_idx ON change_requests (created_by_id);
CREATE INDEX change_requests_updated_by_id_idx ON change_requests (updated_by_id);

CREATE TABLE change_approvals (
  id                uuid PRIMARY KEY DEFAULT uuidv7(),
  change_request_id uuid NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  approver_id       uuid NOT NULL REFERENCES users (id),
  stage             integer NOT NULL CHECK (stage > 0),
  status            text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING','APPROVED','REJECTED')),
  comments          text,
  approved_at       timestamptz,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  UNIQUE (change_request_id, approver_id, stage)
);
CREATE INDEX change_approvals_change_request_id_idx ON change_approvals (change_request_id);
CREATE INDEX change_approvals_approver_id_idx ON change_approvals (approver_id);
CREATE INDEX change_approvals_status_idx ON change_approvals (status);

CREATE TABLE change_attachments (
  id                uuid PRIMARY KEY DEFAULT uuidv7(),
  change_request_id uuid NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  file_name         text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
  file_path         text NOT NULL,
  file_size         bigint NOT NULL CHECK (file_size >= 0),
  mime_type         text NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX change_attachments_change_request_id_idx ON change_attachments (change_request_id);

CREATE TRIGGER touch BEFORE UPDATE ON change_requests FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON change_approvals FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
