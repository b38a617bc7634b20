-- A second factor beside the password: one-time codes by time (RFC 6238), and recovery codes for the day the telephone is lost.
CREATE TABLE second_factors (
  user_id      uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  -- Sealed with the installation's key: it is needed again, each time.
  secret       text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- Asked for at sign-in from then on.
  confirmed_at timestamptz,
  -- The latest step whose code was taken: a code is good once.
  last_step    bigint NOT NULL DEFAULT 0,
  -- Sealed, while they are shown and not yet confirmed to be kept.
  new_codes    text
);

CREATE TABLE recovery_codes (
  user_id   uuid NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
  code_hash bytea NOT NULL,
  used_at   timestamptz,
  PRIMARY KEY (user_id, code_hash)
);

-- Whoever has the role has to have a second factor so many days after they were given it, or after this was said, whichever is later.
ALTER TABLE roles
  ADD COLUMN second_factor_days smallint CHECK (second_factor_days BETWEEN 0 AND 365),
  ADD COLUMN second_factor_since timestamptz,
  ADD CHECK ((second_factor_days IS NULL) = (second_factor_since IS NULL));

-- By when people's roles want a second factor that they have not.
CREATE VIEW second_factors_due AS
  SELECT ur.user_id, min(greatest(r.second_factor_since, ur.created_at) + make_interval(days => r.second_factor_days)) AS due
  FROM user_roles ur JOIN roles r ON r.id = ur.role_id
  WHERE r.second_factor_days IS NOT NULL
    AND NOT EXISTS (SELECT FROM second_factors f WHERE f.user_id = ur.user_id AND f.confirmed_at IS NOT NULL)
  GROUP BY ur.user_id;
