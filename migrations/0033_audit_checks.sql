-- The walk along the audit log's chain that somebody asked for last, and what it found.
CREATE TABLE audit_checks (
  the_last boolean PRIMARY KEY DEFAULT true CHECK (the_last),
  asked_at timestamptz NOT NULL DEFAULT now(),
  asked_by_id uuid REFERENCES users (id) ON DELETE SET NULL,
  done_at timestamptz,
  outcome jsonb,
  CHECK ((done_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX audit_checks_asked_by_id_idx ON audit_checks (asked_by_id);
