-- What a token may do of what its owner may; everything, where nothing is said.
ALTER TABLE api_tokens ADD COLUMN scopes text[] CHECK (cardinality(scopes) > 0);
