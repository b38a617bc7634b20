-- What the program works on becomes the property of its role; the audit log stays with whoever made it.
DO $$
DECLARE
  program constant text := current_setting('oxdesk.program');
  found record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = program) THEN
    EXECUTE format('CREATE ROLE %I LOGIN', program);
  END IF;
  EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO %I', current_database(), program);
  FOR found IN SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'graphile_worker') LOOP
    EXECUTE format('GRANT ALL ON SCHEMA %I TO %I', found.nspname, program);
  END LOOP;
  FOR found IN
    SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'graphile_worker') AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
      AND pg_get_userbyid(c.relowner) <> program AND c.relname NOT IN ('audit_logs', 'audit_chain', 'audit_anchors')
      -- A column's own sequence goes with its table; what an extension made is the extension's.
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'e', 'i'))
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO %I', found.name, program);
  END LOOP;
  EXECUTE format('GRANT SELECT, INSERT ON audit_logs TO %I', program);
  EXECUTE format('GRANT SELECT ON audit_chain, audit_anchors TO %I', program);
END $$;
