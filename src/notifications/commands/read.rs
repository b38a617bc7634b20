//! What was told was read.

use crate::changes::ChangeId;
use crate::desk::Desk;
use crate::notifications::NotificationId;
use crate::tickets::TicketId;
use crate::{Actor, Error, Result, events};
use sqlx::PgExecutor;

/// Marks a line of the list: all that stands behind it is read. NotFound for another's.
pub async fn mark_read(desk: &Desk, actor: &Actor, id: NotificationId) -> Result<()> {
    let me = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    let found = sqlx::query!(
        r#"SELECT ticket_id AS "ticket_id: TicketId" FROM notifications WHERE id = $1 AND user_id = $2"#,
        id as _,
        me as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    match found.ticket_id {
        Some(ticket) => ticket_read(&mut *tx, actor, ticket).await?,
        None => {
            sqlx::query!(
                "UPDATE notifications SET read = true, read_at = now(), mail_due_at = NULL WHERE id = $1 AND NOT read",
                id as _
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Whoever opens a ticket has read what was told of it; no mail of it needs to go any more.
pub async fn mark_ticket_read(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<()> {
    if actor.user_id.is_none() {
        return Ok(());
    }
    ticket_read(&desk.db, actor, ticket).await
}

/// Marks everything.
pub async fn mark_all_read(desk: &Desk, actor: &Actor) -> Result<()> {
    let me = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    let read = sqlx::query_scalar!(
        r#"UPDATE notifications SET read = true, read_at = now(), mail_due_at = NULL WHERE user_id = $1 AND NOT read
           RETURNING ticket_id AS "ticket_id: TicketId""#,
        me as _
    )
    .fetch_all(&mut *tx)
    .await?;
    if let Some(first) = read.first() {
        events::tell(&mut tx, *first, vec![me]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Marks what was told of a change as read: its page is opened.
pub async fn mark_change_read(desk: &Desk, actor: &Actor, change: ChangeId) -> Result<()> {
    let me = actor.signed_in()?;
    sqlx::query!(
        "WITH read AS (UPDATE notifications SET read = true, read_at = now(), mail_due_at = NULL
           WHERE user_id = $1 AND change_id = $2 AND NOT read RETURNING id)
         SELECT pg_notify($3, $4) FROM read LIMIT 1",
        me as _,
        change as _,
        events::CHANNEL,
        events::notice(None, &[me])?,
    )
    .fetch_optional(&desk.db)
    .await?;
    Ok(())
}

/// One statement: it stands on the way of everyone who opens a ticket.
async fn ticket_read(executor: impl PgExecutor<'_>, actor: &Actor, ticket: TicketId) -> Result<()> {
    let me = actor.signed_in()?;
    sqlx::query!(
        "WITH read AS (UPDATE notifications SET read = true, read_at = now(), mail_due_at = NULL
           WHERE user_id = $1 AND ticket_id = $2 AND NOT read RETURNING id)
         SELECT pg_notify($3, $4) FROM read LIMIT 1",
        me as _,
        ticket as _,
        events::CHANNEL,
        events::notice(Some(ticket), &[me])?,
    )
    .fetch_optional(executor)
    .await?;
    Ok(())
}
