-- People who turned out to be one, and people who asked to be forgotten.
ALTER TABLE users
  -- Whose account this address's mail belongs to now.
  ADD COLUMN merged_into_id uuid REFERENCES users (id),
  ADD COLUMN erased_at timestamptz,
  ADD CHECK (merged_into_id <> id AND (merged_into_id IS NULL OR deleted_at IS NOT NULL));
CREATE INDEX users_merged_idx ON users (lower(email)) WHERE merged_into_id IS NOT NULL;
CREATE INDEX users_merged_into_id_idx ON users (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- Everything that refers to a person, found in the schema itself, so that no table is ever forgotten: `alone` says that the rows
-- are that person's alone, and go when the person goes.
CREATE VIEW references_to_people AS
  SELECT c.conrelid::regclass AS place, a.attname AS field, c.confdeltype = 'c' AS alone
  FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
  WHERE c.contype = 'f' AND c.confrelid = 'users'::regclass AND cardinality(c.conkey) = 1;

-- Whatever refers to the former person refers to the remaining one from now on, except in what is kept as it is. Where both had
-- one of what a person has once, the remaining one's stays.
CREATE FUNCTION move_references(former uuid, remaining uuid, kept regclass[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  found record;
  one tid;
BEGIN
  FOR found IN SELECT * FROM references_to_people WHERE place <> ALL (kept) ORDER BY place::text, field LOOP
    BEGIN
      EXECUTE format('UPDATE %s SET %I = $2 WHERE %I = $1', found.place, found.field, found.field) USING former, remaining;
    EXCEPTION WHEN unique_violation OR check_violation THEN
      IF NOT found.alone THEN
        RAISE;
      END IF;
      FOR one IN EXECUTE format('SELECT ctid FROM %s WHERE %I = $1', found.place, found.field) USING former LOOP
        BEGIN
          EXECUTE format('UPDATE %s SET %I = $1 WHERE ctid = $2', found.place, found.field) USING remaining, one;
        EXCEPTION WHEN unique_violation OR check_violation THEN
          EXECUTE format('DELETE FROM %s WHERE ctid = $1', found.place) USING one;
        END;
      END LOOP;
    END;
  END LOOP;
END $$;

-- What was a person's alone is gone: sessions, tokens, drafts, notifications, memberships.
CREATE FUNCTION delete_what_is_theirs(person uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT * FROM references_to_people WHERE alone ORDER BY place::text, field LOOP
    EXECUTE format('DELETE FROM %s WHERE %I = $1', found.place, found.field) USING person;
  END LOOP;
END $$;
