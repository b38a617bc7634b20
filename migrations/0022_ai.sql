-- What people ask the desk, what it answered, and what was sent to a model.

CREATE TABLE ai_conversations (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  -- What became of it.
  ticket_id  uuid REFERENCES tickets ON DELETE SET NULL,
  became_at  timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ai_conversations_user_idx ON ai_conversations (user_id, updated_at DESC);
CREATE INDEX ai_conversations_ticket_idx ON ai_conversations (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX ai_conversations_updated_idx ON ai_conversations (updated_at);

CREATE TABLE ai_turns (
  id              uuid PRIMARY KEY,
  conversation_id uuid NOT NULL REFERENCES ai_conversations ON DELETE CASCADE,
  question        text NOT NULL CHECK (length(question) BETWEEN 1 AND 1000),
  -- What was found, in the order in which answers cite it: article, address, anchor, title, text.
  passages        jsonb NOT NULL,
  -- What the model made of it; none where it was not asked, is still writing, or does not know.
  answer          text,
  state           text NOT NULL CHECK (state IN ('PASSAGES', 'WAITING', 'WRITING', 'ANSWERED', 'UNKNOWN', 'FAILED')),
  writing_since   timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ai_turns_conversation_idx ON ai_turns (conversation_id, created_at);

-- What was sent to a model, for whom and what for; not the text itself.
CREATE TABLE ai_calls (
  id             uuid PRIMARY KEY,
  called_at      timestamptz NOT NULL DEFAULT now(),
  feature        text NOT NULL CHECK (feature IN ('ANSWER', 'SUMMARY', 'REPLY', 'ARTICLE', 'TRANSLATION')),
  model          text NOT NULL,
  host           text NOT NULL,
  user_id        uuid REFERENCES users ON DELETE SET NULL,
  ticket_id      uuid REFERENCES tickets ON DELETE SET NULL,
  -- Addresses of the articles, and how many characters in all.
  articles       text[] NOT NULL DEFAULT '{}',
  characters     integer NOT NULL,
  -- As the endpoint counted them; until it has, and where it does not, our own estimate.
  tokens         integer NOT NULL,
  outcome        text NOT NULL DEFAULT 'RUNNING' CHECK (outcome IN ('RUNNING', 'ANSWERED', 'FAILED')),
  took_ms        integer
);
CREATE INDEX ai_calls_called_at_idx ON ai_calls (called_at DESC);
CREATE INDEX ai_calls_user_idx ON ai_calls (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ai_calls_ticket_idx ON ai_calls (ticket_id) WHERE ticket_id IS NOT NULL;

-- Tickets for which nobody wants to be told again what fields solved ones like it have.
CREATE TABLE ai_triage_dismissals (
  ticket_id    uuid PRIMARY KEY REFERENCES tickets ON DELETE CASCADE,
  dismissed_at timestamptz NOT NULL DEFAULT now()
);
