-- Organisations as administrators arrange them. Whoever writes from one of its domains belongs to it.
ALTER TABLE organisations
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD CHECK (cardinality(domains) <= 100);
CREATE INDEX organisations_domains_idx ON organisations USING gin (domains);

-- Which organisation an address belongs to by its domain.
CREATE FUNCTION organisation_of(email text) RETURNS uuid STABLE LANGUAGE sql AS $$
  SELECT id FROM organisations WHERE domains @> ARRAY[lower(split_part(email, '@', 2))] ORDER BY id LIMIT 1
$$;
