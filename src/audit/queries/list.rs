//! Entries, the newest first.

use crate::audit::{AuditFilter, AuditLink, AuditLog, AuditLogId};
use crate::desk::Desk;
use crate::people::{UserId, display_name};
use crate::{Actor, Error, Permission, Result, Timestamp};
use serde_json::Value;
use sqlx::{FromRow, Postgres, QueryBuilder};

/// Entries are written out so many at a time.
const BATCH: i64 = 1_000;

/// One page of entries, after the one named.
pub async fn list_entries(
    desk: &Desk,
    actor: &Actor,
    filter: &AuditFilter,
    after: Option<AuditLogId>,
    limit: i64,
) -> Result<Vec<AuditLog>> {
    actor.require(Permission::AuditRead)?;
    let people = people_of(desk, filter).await?;
    let mut query = QueryBuilder::<Postgres>::new(ENTRIES);
    narrow(&mut query, actor, filter, people)?;
    if let Some(after) = after {
        query.push(" AND (a.created_at, a.id) < (SELECT created_at, id FROM audit_logs WHERE id = ");
        query.push_bind(after).push(")");
    }
    query.push(" ORDER BY a.created_at DESC, a.id DESC LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(AuditLog::from).collect())
}

/// The next entries for a file. That someone takes them along is for the caller to record.
pub async fn export_entries(
    desk: &Desk,
    actor: &Actor,
    filter: &AuditFilter,
    after: Option<AuditLogId>,
) -> Result<Vec<AuditLog>> {
    list_entries(desk, actor, filter, after, BATCH).await
}

/// The next links of the chain after a position, as they are checked; only those that a filter asks for.
pub async fn export_links(desk: &Desk, actor: &Actor, filter: &AuditFilter, after: i64) -> Result<Vec<AuditLink>> {
    actor.require(Permission::AuditRead)?;
    let people = people_of(desk, filter).await?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT c.position, c.audit_log_id, c.prev_hash, c.hash, audit_canonical(a) AS entry
         FROM audit_chain c JOIN audit_logs a ON a.id = c.audit_log_id WHERE true",
    );
    narrow(&mut query, actor, filter, people)?;
    query.push(" AND c.position > ").push_bind(after).push(" ORDER BY c.position LIMIT ").push_bind(BATCH);
    Ok(query.build_query_as().fetch_all(&desk.db).await?)
}

/// The actions and the kinds of things that the log has words of. Read from the ends of their indexes, however long the
/// log is.
pub async fn list_words(desk: &Desk, actor: &Actor) -> Result<(Vec<String>, Vec<String>)> {
    actor.require(Permission::AuditRead)?;
    let actions = sqlx::query_scalar!(
        r#"WITH RECURSIVE word AS (
             (SELECT action FROM audit_logs ORDER BY action LIMIT 1)
             UNION ALL
             SELECT (SELECT action FROM audit_logs WHERE action > word.action ORDER BY action LIMIT 1) FROM word WHERE word.action IS NOT NULL)
           SELECT action AS "action!" FROM word WHERE action IS NOT NULL LIMIT 200"#
    );
    let entity_types = sqlx::query_scalar!(
        r#"WITH RECURSIVE word AS (
             (SELECT entity_type FROM audit_logs WHERE entity_type IS NOT NULL ORDER BY entity_type LIMIT 1)
             UNION ALL
             SELECT (SELECT entity_type FROM audit_logs WHERE entity_type > word.entity_type ORDER BY entity_type LIMIT 1) FROM word WHERE word.entity_type IS NOT NULL)
           SELECT entity_type AS "entity_type!" FROM word WHERE entity_type IS NOT NULL LIMIT 200"#
    );
    Ok(tokio::try_join!(actions.fetch_all(&desk.db), entity_types.fetch_all(&desk.db))?)
}

const ENTRIES: &str = "SELECT a.id, a.created_at, a.user_id, u.first_name, u.last_name, u.email, a.origin, a.action, a.entity_type,
      a.entity_id, a.changes, a.description, a.ip_address, a.user_agent, a.request_id, c.position
    FROM audit_logs a LEFT JOIN users u ON u.id = a.user_id LEFT JOIN audit_chain c ON c.audit_log_id = a.id WHERE true";

/// Who goes, or went, by the address that a filter asks for. Found beforehand: the plan depends on how much they did.
async fn people_of(desk: &Desk, filter: &AuditFilter) -> Result<Option<Vec<UserId>>> {
    let Some(email) = &filter.email else { return Ok(None) };
    let email = without_nul("email", email)?.to_lowercase();
    let people = sqlx::query_scalar!(
        r#"SELECT id AS "id: UserId" FROM users WHERE lower(email) = $1 ORDER BY id LIMIT 100"#,
        email
    );
    Ok(Some(people.fetch_all(&desk.db).await?))
}

fn narrow(
    query: &mut QueryBuilder<Postgres>,
    actor: &Actor,
    filter: &AuditFilter,
    people: Option<Vec<UserId>>,
) -> Result<()> {
    if let Some(user) = filter.user_id {
        query.push(" AND a.user_id = ").push_bind(user);
    }
    match people.as_deref() {
        Some([one]) => {
            query.push(" AND a.user_id = ").push_bind(*one);
        }
        Some(several) => {
            query.push(" AND a.user_id = ANY(").push_bind(several.iter().map(|id| id.0).collect::<Vec<_>>()).push(")");
        }
        None => {}
    }
    for (column, word) in
        [("action", &filter.action), ("entity_type", &filter.entity_type), ("entity_id", &filter.entity_id)]
    {
        if let Some(word) = word {
            query.push(format!(" AND a.{column} = ")).push_bind(without_nul(column, word)?.to_owned());
        }
    }
    if let Some(day) = &filter.from {
        query.push(" AND a.created_at >= ").push_bind(Timestamp::start_of_day("from", day, 0, &actor.time_zone)?);
    }
    if let Some(day) = &filter.until {
        query.push(" AND a.created_at < ").push_bind(Timestamp::start_of_day("until", day, 1, &actor.time_zone)?);
    }
    Ok(())
}

fn without_nul<'a>(field: &str, text: &'a str) -> Result<&'a str> {
    match text.contains('\0') {
        true => Err(Error::invalid(field, "This contains a character that cannot be stored (NUL).")),
        false => Ok(text),
    }
}

#[derive(FromRow)]
struct Row {
    id: AuditLogId,
    created_at: Timestamp,
    user_id: Option<UserId>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    origin: Option<String>,
    action: String,
    entity_type: Option<String>,
    entity_id: Option<String>,
    changes: Option<Value>,
    description: Option<String>,
    ip_address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    position: Option<i64>,
}

impl From<Row> for AuditLog {
    fn from(row: Row) -> Self {
        let name = row.email.map(|email| display_name(row.first_name.as_deref(), row.last_name.as_deref(), &email));
        Self {
            id: row.id,
            created_at: row.created_at,
            user_id: row.user_id,
            user_name: name,
            origin: row.origin,
            action: row.action,
            entity_type: row.entity_type,
            entity_id: row.entity_id,
            changes: row.changes,
            description: row.description,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            request_id: row.request_id,
            position: row.position,
        }
    }
}

/// What the log has of a person's own doing, for them to take along.
pub(crate) async fn entries_of_person(
    db: &sqlx::PgPool,
    user: crate::people::UserId,
    after: uuid::Uuid,
    limit: i64,
) -> Result<Vec<crate::people::Kept>> {
    let rows = sqlx::query_as!(
        crate::people::Kept,
        r#"SELECT id AS "id: _", jsonb_build_object('at', created_at, 'action', action, 'entity_type', entity_type, 'description', description,
             'address', ip_address, 'user_agent', user_agent) AS "data!"
           FROM audit_logs WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3"#,
        user as _,
        after,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}
