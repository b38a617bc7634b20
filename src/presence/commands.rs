//! Saying that one is there, and hearing who else is.

use super::{Colleague, EVENT, GONE_AFTER};
use crate::desk::Desk;
use crate::events::{self, CHANNEL};
use crate::people::{UserId, display_name};
use crate::tickets::{TicketId, queries};
use crate::{Actor, Permission, Result};
use sqlx::PgConnection;

/// Says that the actor is at a ticket, and whether they are writing; returns who else is. Others are told only of what
/// is new. For those who read notes: requesters do not learn who looks.
pub async fn be_present(desk: &Desk, actor: &Actor, ticket: TicketId, is_writing: bool) -> Result<Vec<Colleague>> {
    actor.require(Permission::NoteRead)?;
    let me = actor.signed_in()?;
    queries::ticket(desk, actor, ticket).await?;
    let mut tx = desk.db.begin().await?;
    let before = sqlx::query_scalar!(
        "SELECT is_writing FROM ticket_presence WHERE ticket_id = $1 AND user_id = $2
           AND seen_at > now() - make_interval(secs => $3)",
        ticket as _,
        me as _,
        f64::from(GONE_AFTER),
    )
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO ticket_presence (ticket_id, user_id, is_writing) VALUES ($1, $2, $3)
         ON CONFLICT (ticket_id, user_id) DO UPDATE SET is_writing = EXCLUDED.is_writing, seen_at = now()",
        ticket as _,
        me as _,
        is_writing,
    )
    .execute(&mut *tx)
    .await?;
    if before != Some(is_writing) {
        tell(&mut tx, me, ticket).await?;
    }
    let colleagues = others(&mut tx, me, ticket).await?;
    tx.commit().await?;
    Ok(colleagues)
}

/// Says that the actor has gone elsewhere.
pub async fn leave(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<()> {
    actor.require(Permission::NoteRead)?;
    let me = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    let left = sqlx::query!("DELETE FROM ticket_presence WHERE ticket_id = $1 AND user_id = $2", ticket as _, me as _)
        .execute(&mut *tx)
        .await?;
    if left.rows_affected() > 0 {
        tell(&mut tx, me, ticket).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn others(tx: &mut PgConnection, me: UserId, ticket: TicketId) -> Result<Vec<Colleague>> {
    let rows = sqlx::query!(
        r#"SELECT u.id AS "id: UserId", u.first_name, u.last_name, u.email, p.is_writing
           FROM ticket_presence p JOIN users u ON u.id = p.user_id
           WHERE p.ticket_id = $1 AND p.user_id <> $2 AND p.seen_at > now() - make_interval(secs => $3)
             AND u.active AND u.deleted_at IS NULL
           ORDER BY p.is_writing DESC, u.first_name, u.id LIMIT 20"#,
        ticket as _,
        me as _,
        f64::from(GONE_AFTER),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Colleague {
            id: row.id,
            name: display_name(row.first_name.as_deref(), row.last_name.as_deref(), &row.email),
            is_writing: row.is_writing,
        })
        .collect())
}

/// Tells every node; nothing is kept.
async fn tell(tx: &mut PgConnection, me: UserId, ticket: TicketId) -> Result<()> {
    if let Some(event) = events::about_ticket(&mut *tx, EVENT, me, ticket).await? {
        let event = serde_json::to_string(&event).map_err(crate::Error::internal)?;
        sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, event).execute(tx).await?;
    }
    Ok(())
}
