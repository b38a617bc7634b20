//! Who hears of a ticket beside its requester and its assignee: watchers, and addresses in copy.

use super::{History, record, write_history};
use crate::desk::Desk;
use crate::people::UserId;
use crate::people::queries::check_works_tickets;
use crate::tickets::queries::lock_visible;
use crate::tickets::{TicketId, WATCHERS_MAX};
use crate::{Actor, EmailAddress, Error, Permission, Result};
use serde_json::json;

/// Lets someone who works tickets watch this one. Whoever watches hears of everything that they may see.
pub async fn add_watcher(desk: &Desk, actor: &Actor, ticket: TicketId, person: UserId) -> Result<()> {
    require_worker(actor, person)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    check_works_tickets(&mut tx, person, "user_id").await?;
    let added = sqlx::query!(
        "INSERT INTO ticket_watchers (ticket_id, user_id, added_by_id)
         SELECT $1, $2, $3 WHERE (SELECT count(*) FROM ticket_watchers WHERE ticket_id = $1) < $4
         ON CONFLICT DO NOTHING",
        ticket as _,
        person as _,
        actor.user_id as _,
        WATCHERS_MAX,
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        let watches = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM ticket_watchers WHERE ticket_id = $1 AND user_id = $2) AS "watches!""#,
            ticket as _,
            person as _,
        );
        return if watches.fetch_one(&mut *tx).await? { Ok(()) } else { Err(too_many("user_id")) };
    }
    record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["watchers"] })).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends someone's watching.
pub async fn remove_watcher(desk: &Desk, actor: &Actor, ticket: TicketId, person: UserId) -> Result<()> {
    require_worker(actor, person)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let gone =
        sqlx::query!("DELETE FROM ticket_watchers WHERE ticket_id = $1 AND user_id = $2", ticket as _, person as _)
            .execute(&mut *tx)
            .await?;
    if gone.rows_affected() > 0 {
        record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["watchers"] })).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Sends the public replies to this address too.
pub async fn add_cc(desk: &Desk, actor: &Actor, ticket: TicketId, email: &EmailAddress) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM ticket_ccs WHERE ticket_id = $1 AND email <> $2"#,
        ticket as _,
        email.as_str(),
    );
    if count.fetch_one(&mut *tx).await? >= WATCHERS_MAX {
        return Err(too_many("email"));
    }
    let added = sqlx::query!(
        "INSERT INTO ticket_ccs (ticket_id, email, added_by_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        ticket as _,
        email.as_str(),
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() > 0 {
        write_history(&mut tx, actor, ticket, History::internal("UPDATED", "cc", None, Some(email.as_str()))).await?;
        record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["ccs"] })).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Stops sending to this address.
pub async fn remove_cc(desk: &Desk, actor: &Actor, ticket: TicketId, email: &EmailAddress) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let gone = sqlx::query!("DELETE FROM ticket_ccs WHERE ticket_id = $1 AND email = $2", ticket as _, email.as_str())
        .execute(&mut *tx)
        .await?;
    if gone.rows_affected() > 0 {
        write_history(&mut tx, actor, ticket, History::internal("UPDATED", "cc", Some(email.as_str()), None)).await?;
        record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["ccs"] })).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whoever works tickets may watch; others are added and taken away by those who may change tickets.
fn require_worker(actor: &Actor, person: UserId) -> Result<()> {
    if actor.user_id == Some(person) && actor.is_agent() { Ok(()) } else { actor.require(Permission::TicketUpdate) }
}

fn too_many(field: &str) -> Error {
    Error::invalid(field, format!("At most {WATCHERS_MAX} on one ticket, please."))
}
