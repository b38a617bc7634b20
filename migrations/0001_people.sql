-- People: users, roles, organisations, teams, sessions, tokens.
CREATE EXTENSION IF NOT EXISTS vector;

-- RFC 9562 version 7: 48 bits of milliseconds, then random. Time-ordered, so indexes grow at their right edge.
CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
        FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;

CREATE TABLE organisations (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  name        text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  domains     text[] NOT NULL DEFAULT '{}',
  -- Whether members see each other's tickets.
  shares_tickets boolean NOT NULL DEFAULT false,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
  id             uuid PRIMARY KEY DEFAULT uuidv7(),
  email          text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
  password_hash  text,
  first_name     text CHECK (length(first_name) <= 100),
  last_name      text CHECK (length(last_name) <= 100),
  phone          text CHECK (length(phone) <= 50),
  avatar         text CHECK (length(avatar) <= 2000),
  email_verified boolean NOT NULL DEFAULT false,
  -- SHA-256 of the token in the mail, hex; the token itself is never stored.
  email_verification_token text UNIQUE,
  password_reset_token     text UNIQUE,
  password_reset_expires   timestamptz,
  last_login_at  timestamptz,
  time_zone      text NOT NULL DEFAULT 'UTC',
  language       text NOT NULL DEFAULT 'en',
  organisation_id uuid REFERENCES organisations (id) ON DELETE SET NULL,
  active         boolean NOT NULL DEFAULT true,
  version        integer NOT NULL DEFAULT 1,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  created_by_id  uuid REFERENCES users (id) ON DELETE SET NULL,
  updated_by_id  uuid REFERENCES users (id) ON DELETE SET NULL,
  deleted_at     timestamptz
);
-- Addresses compare without case, and an erased person's address may be used again.
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX users_email_idx ON users (email);
CREATE INDEX users_created_at_idx ON users (created_at);
CREATE INDEX users_deleted_at_idx ON users (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX users_organisation_id_idx ON users (organisation_id);
CREATE INDEX users_created_by_id_idx ON users (created_by_id);
CREATE INDEX users_updated_by_id_idx ON users (updated_by_id);

CREATE TABLE roles (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  name        text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  description text,
  permissions text[] NOT NULL DEFAULT '{}',
  built_in    boolean NOT NULL DEFAULT false,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_roles (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role_id    uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, role_id)
);
CREATE INDEX user_roles_user_id_idx ON user_roles (user_id);
CREATE INDEX user_roles_role_id_idx ON user_roles (role_id);

CREATE TABLE teams (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE team_members (
  team_id    uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user_id_idx ON team_members (user_id);

CREATE TABLE sessions (
  -- SHA-256 of the cookie's value: a leaked table opens no session.
  id         bytea PRIMARY KEY,
  -- What a person sees and ends; safe to show.
  public_id  uuid NOT NULL UNIQUE DEFAULT uuidv7(),
  user_id    uuid REFERENCES users (id) ON DELETE CASCADE,
  address    text,
  user_agent text,
  data       jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE api_tokens (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  token_hash   bytea NOT NULL UNIQUE,
  last_used_at timestamptz,
  expires_at   timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id);

-- One row per thing that is throttled (an account, an address, a form) and its current window.
CREATE TABLE throttles (
  key          text PRIMARY KEY,
  hits         integer NOT NULL,
  window_ends  timestamptz NOT NULL
);
CREATE INDEX throttles_window_ends_idx ON throttles (window_ends);

CREATE TRIGGER touch BEFORE UPDATE ON organisations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch BEFORE UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

INSERT INTO roles (name, description, permissions, built_in) VALUES
  ('REQUESTER', 'Someone who wrote in: their own tickets and the public knowledge base',
   ARRAY['ticket.create','ticket.read.own','ticket.reply.own'], true),
  ('END_USER', 'An employee with an account: also their organisation''s shared tickets and internal articles',
   ARRAY['ticket.create','ticket.read.own','ticket.reply.own','ticket.read.organisation','article.read.internal','asset.read.own','change.create'], true),
  ('AGENT', 'Works the tickets in their queues',
   ARRAY['ticket.create','ticket.read.own','ticket.reply.own','ticket.read.queue','ticket.update','ticket.assign','ticket.reply','note.read','note.write','user.read','article.read.internal','article.write','asset.read','change.create'], true),
  ('IT_MANAGER', 'All queues, approvals, policies and reports',
   ARRAY['ticket.create','ticket.read.own','ticket.reply.own','ticket.read.all','ticket.update','ticket.assign','ticket.reply','ticket.delete','note.read','note.write','user.read','article.read.internal','article.write','asset.read','asset.write','change.create','change.approve','sla.manage','report.read'], true),
  ('ADMIN', 'Everything, and the settings',
   ARRAY['ticket.create','ticket.read.own','ticket.reply.own','ticket.read.all','ticket.update','ticket.assign','ticket.reply','ticket.delete','note.read','note.write','user.read','user.manage','role.manage','article.read.internal','article.write','asset.read','asset.write','change.create','change.approve','sla.manage','report.read','outbox.read','settings.manage','audit.read'], true);
