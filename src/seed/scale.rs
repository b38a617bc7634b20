//! Synthetic data at scale, made inside PostgreSQL: the same seed gives the same tickets.

use crate::desk::Desk;
use crate::{Error, Result};

/// How much to make.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub tickets: u32,
    pub users: u32,
    pub seed: u64,
}

/// How much was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    pub tickets: u64,
    pub comments: u64,
    pub users: u64,
}

/// Rows of one statement: few enough to see it move, many enough to be fast.
const BATCH: u32 = 50_000;

/// Adds synthetic users and tickets, with about two comments each and a history row. Nine in ten tickets are done, as
/// on a desk that has run for years. All of it or nothing.
pub async fn seed(desk: &Desk, scale: Scale) -> Result<Made> {
    if scale.tickets > 20_000_000 || scale.users > 1_000_000 {
        return Err(Error::invalid("tickets", "At most 20,000,000 tickets and 1,000,000 users."));
    }
    let mut tx = desk.db.begin().await?;
    // Nothing synthetic is announced; and what was not announced needs no foreign keys checked row by row.
    let superuser: bool =
        sqlx::query_scalar("SELECT current_setting('is_superuser') = 'on'").fetch_one(&mut *tx).await?;
    if superuser {
        sqlx::query("SET LOCAL session_replication_role = replica").execute(&mut *tx).await?;
    }
    sqlx::query("SET LOCAL maintenance_work_mem = '512MB'").execute(&mut *tx).await?;
    sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *tx).await?;
    sqlx::query("SELECT setseed($1)").bind((scale.seed % 1000) as f64 / 1000.0).execute(&mut *tx).await?;
    let salt = i64::try_from(scale.seed % 1_000_000_000).unwrap_or(1);
    let users = sqlx::query(USERS).bind(i64::from(scale.users)).bind(salt).execute(&mut *tx).await?.rows_affected();
    sqlx::query("CREATE TEMP TABLE seed_people ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, email, concat_ws(' ', first_name, last_name) AS name FROM users WHERE deleted_at IS NULL").execute(&mut *tx).await?;
    sqlx::query("CREATE TEMP TABLE seed_agents ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY u.id) - 1 AS n, u.id FROM users u WHERE EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.name = 'AGENT')").execute(&mut *tx).await?;
    sqlx::query("CREATE TEMP TABLE seed_queues ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY name) - 1 AS n, id FROM queues").execute(&mut *tx).await?;
    sqlx::query("CREATE INDEX ON seed_people (n)").execute(&mut *tx).await?;
    sqlx::query("ANALYZE seed_people, seed_agents, seed_queues").execute(&mut *tx).await?;

    // The counter is reserved for the whole run: numbers stay gap-free, and creators wait until it is done.
    let first: i32 = sqlx::query_scalar(
        "INSERT INTO number_counters AS c (prefix, year, last) VALUES ('TKT', extract(year FROM now() AT TIME ZONE 'UTC')::int, $1)
         ON CONFLICT (prefix, year) DO UPDATE SET last = c.last + $1 RETURNING last - $1",
    )
    .bind(i32::try_from(scale.tickets).map_err(Error::internal)?)
    .fetch_one(&mut *tx)
    .await?;

    // Building an index once is several times faster than growing it row by row.
    let large = scale.tickets >= 100_000;
    let indexes: Vec<(String, String)> = if large {
        sqlx::query_as(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
             WHERE i.indrelid = ANY(ARRAY['tickets','ticket_comments','ticket_history']::regclass[])
               AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        )
        .fetch_all(&mut *tx)
        .await?
    } else {
        Vec::new()
    };
    for (name, _) in &indexes {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut *tx).await?;
    }
    sqlx::query(TAGS).execute(&mut *tx).await?;
    let (mut tickets, mut comments) = (0, 0);
    let mut from = 0;
    while from < scale.tickets {
        let to = (from + BATCH).min(scale.tickets);
        let (from_n, to_n) = (i64::from(from) + 1, i64::from(to));
        tickets += sqlx::query(TICKETS)
            .bind(from_n)
            .bind(to_n)
            .bind(salt)
            .bind(i64::from(first))
            .execute(&mut *tx)
            .await?
            .rows_affected();
        comments += sqlx::query(COMMENTS)
            .bind(from_n)
            .bind(to_n)
            .bind(salt)
            .bind(i64::from(first))
            .execute(&mut *tx)
            .await?
            .rows_affected();
        sqlx::query(HISTORY).bind(from_n).bind(to_n).bind(i64::from(first)).execute(&mut *tx).await?;
        from = to;
        tracing::info!(tickets = to, of = scale.tickets, "seeding");
    }
    for (_, definition) in &indexes {
        sqlx::query(sqlx::AssertSqlSafe(definition.clone())).execute(&mut *tx).await?;
    }
    // What is made in the past is not found by the time of its making.
    sqlx::query("UPDATE report_state SET read_until = NULL").execute(&mut *tx).await?;
    tx.commit().await?;
    sqlx::query("ANALYZE").execute(&desk.db).await?;
    if large {
        // Index-only scans and counts need the visibility map.
        sqlx::query("VACUUM tickets").execute(&desk.db).await?;
    }
    Ok(Made { tickets, comments, users })
}

const USERS: &str = "
WITH made AS (
  INSERT INTO users (email, first_name, last_name, email_verified)
  SELECT 'person' || n || '.' || $2::bigint || '@example.test',
    (ARRAY['Ana','Ben','Chen','Dora','Emil','Fatma','Goran','Hana','Ivo','Jana','Kofi','Lena','Mika','Nora','Omar','Pia'])[1 + (n * 7 + $2) % 16],
    (ARRAY['Ruiz','Okafor','Wei','Lind','Weber','Kaya','Petrov','Sato','Novak','Silva','Mensah','Berg','Koch','Dahl','Haddad','Costa'])[1 + (n * 11 + $2 * 3) % 16],
    true
  FROM generate_series(1, $1::bigint) AS n
  ON CONFLICT DO NOTHING RETURNING id)
INSERT INTO user_roles (user_id, role_id) SELECT made.id, r.id FROM made, roles r WHERE r.name = 'END_USER'";

const TICKETS: &str = "
INSERT INTO tickets (ticket_number, subject, description, status, priority, source, category, tags, queue_id,
  assigned_to_id, assigned_at, requester_email, requester_name, requester_id, first_response_at, first_response_sla,
  resolution_sla, resolved_at, closed_at, created_at, updated_at, custom_fields)
SELECT 'TKT-' || extract(year FROM now() AT TIME ZONE 'UTC') || '-' || lpad(($4::bigint + i)::text, greatest(4, length(($4::bigint + i)::text)), '0'),
  (ARRAY['VPN drops','Printer prints blank pages','Password does not work','Laptop is slow','Mailbox is full','Screen stays dark','Access is missing','Phone does not ring'])[1 + h % 8] || ' ' ||
  (ARRAY['since this morning','after the update','in meeting room 2.14','on floor 3','at home','for the whole team','every ten minutes','again'])[1 + (h / 8) % 8],
  'Case ' || i || '. ' || (ARRAY['It worked yesterday.','A restart does not help.','Several people have it.','I need it for a deadline today.'])[1 + (h / 64) % 4] ||
  ' The message says error ' || (h % 9000 + 1000) || '.',
  s.status, (ARRAY['LOW','MEDIUM','MEDIUM','MEDIUM','HIGH','CRITICAL'])[1 + (h / 3) % 6],
  (ARRAY['EMAIL','FORM','EMAIL','API','PHONE'])[1 + (h / 5) % 5],
  (ARRAY['Hardware','Software','Network','Access'])[1 + (h / 7) % 4],
  ARRAY[(ARRAY['network','printing','access','mail','hardware'])[1 + (h / 11) % 5]],
  q.id, a.id, CASE WHEN a.id IS NOT NULL THEN s.created END,
  coalesce(p.email, 'nobody@example.test'), p.name, p.id,
  CASE WHEN s.status <> 'NEW' THEN s.created + interval '20 minutes' END,
  s.created + interval '4 hours', s.created + make_interval(hours => (8 + h % 64)::int),
  CASE WHEN s.done THEN s.created + interval '6 hours' END, CASE WHEN s.done AND h % 3 > 0 THEN s.created + interval '3 days' END,
  s.created, s.created + interval '6 hours', jsonb_build_object('site', 'Building ' || h % 500)
FROM generate_series($1::bigint, $2::bigint) AS i
CROSS JOIN LATERAL (SELECT abs(hashint8(i * 2654435761 + $3::bigint))::bigint AS h) AS hashed
CROSS JOIN LATERAL (SELECT i % 20 <> 0 AS done,
  CASE WHEN i % 20 <> 0 THEN (ARRAY['RESOLVED','CLOSED','CLOSED'])[1 + h % 3] ELSE (ARRAY['NEW','IN_PROGRESS','WAITING'])[1 + h % 3] END AS status,
  -- Minutes apart, the last one now; what is open is recent.
  now() - CASE WHEN i % 20 = 0 THEN make_interval(mins => (h % 20000)::int) ELSE make_interval(mins => (h % 1500000)::int) END AS created) AS s
LEFT JOIN seed_people p ON p.n = h % nullif((SELECT count(*) FROM seed_people), 0)
LEFT JOIN seed_queues q ON q.n = (h / 13) % nullif((SELECT count(*) FROM seed_queues), 0)
LEFT JOIN seed_agents a ON h % 4 > 0 AND a.n = (h / 17) % nullif((SELECT count(*) FROM seed_agents), 0)";

const TAGS: &str = "
INSERT INTO tags (tag) SELECT unnest(ARRAY['network','printing','access','mail','hardware']) ON CONFLICT DO NOTHING";

const COMMENTS: &str = "
INSERT INTO ticket_comments (ticket_id, user_id, comment, is_internal, created_at, updated_at)
SELECT t.id, CASE WHEN c = 1 THEN t.assigned_to_id ELSE t.requester_id END,
  (ARRAY['We are looking into it.','It works again, thank you.','Please restart and tell us what you see.','Checked the log: nothing unusual.'])[1 + (n + c + $3::bigint) % 4],
  c = 1 AND n % 5 = 0, t.created_at + make_interval(mins => 20 * c), t.created_at + make_interval(mins => 20 * c)
FROM generate_series($1::bigint, $2::bigint) AS n
JOIN tickets t ON t.ticket_number = 'TKT-' || extract(year FROM now() AT TIME ZONE 'UTC') || '-' || lpad(($4::bigint + n)::text, greatest(4, length(($4::bigint + n)::text)), '0')
CROSS JOIN generate_series(1, 2) AS c";

const HISTORY: &str = "
INSERT INTO ticket_history (ticket_id, user_id, action, created_at)
SELECT t.id, t.requester_id, 'CREATED', t.created_at
FROM generate_series($1::bigint, $2::bigint) AS n
JOIN tickets t ON t.ticket_number = 'TKT-' || extract(year FROM now() AT TIME ZONE 'UTC') || '-' || lpad(($3::bigint + n)::text, greatest(4, length(($3::bigint + n)::text)), '0')";
