//! Sessions in PostgreSQL: what the web host's session layer keeps, and what a person sees and ends.

use super::{SessionId, SessionView, UserId};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::{Actor, Error, Result, Timestamp};
use serde_json::Value;
use sqlx::PgPool;

/// A session's content as the web host keeps it.
#[derive(Debug, Clone)]
pub struct StoredSession {
    pub data: Value,
    pub expires_at: Timestamp,
}

/// Writes a session under the hash of its cookie.
pub async fn save(
    db: &PgPool,
    id: &[u8],
    user: Option<UserId>,
    address: Option<&str>,
    user_agent: Option<&str>,
    session: &StoredSession,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO sessions (id, user_id, address, user_agent, data, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET user_id = EXCLUDED.user_id, data = EXCLUDED.data,
           expires_at = EXCLUDED.expires_at, last_seen_at = now()",
        id,
        user.map(|user| user.0),
        address,
        user_agent,
        session.data,
        session.expires_at as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn load(db: &PgPool, id: &[u8]) -> Result<Option<StoredSession>> {
    let row = sqlx::query!("SELECT data, expires_at FROM sessions WHERE id = $1 AND expires_at > now()", id)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| StoredSession { data: row.data, expires_at: row.expires_at }))
}

pub async fn delete(db: &PgPool, id: &[u8]) -> Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE id = $1", id).execute(db).await?;
    Ok(())
}

/// The actor's own signed-in browsers, the latest first. `current` is the hash of the asking one's cookie.
pub async fn list_sessions(desk: &Desk, actor: &Actor, current: Option<&[u8]>) -> Result<Vec<SessionView>> {
    let user = actor.signed_in()?;
    let rows = sqlx::query!(
        r#"SELECT public_id, address, user_agent, created_at, last_seen_at, coalesce(id = $2, false) AS "current!"
           FROM sessions WHERE user_id = $1 AND expires_at > now() ORDER BY last_seen_at DESC LIMIT 100"#,
        user.0,
        current,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SessionView {
            id: SessionId(row.public_id),
            address: row.address,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            current: row.current,
        })
        .collect())
}

/// Ends one of the actor's own sessions.
pub async fn end_session(desk: &Desk, actor: &Actor, session: SessionId) -> Result<()> {
    let user = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    let ended = sqlx::query!("DELETE FROM sessions WHERE public_id = $1 AND user_id = $2", session.0, user.0)
        .execute(&mut *tx)
        .await?;
    if ended.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "SESSION").entity(session)).await?;
    tx.commit().await?;
    Ok(())
}
