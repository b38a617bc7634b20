//! What ratings need to know of a ticket, and what a ticket's history keeps of them.

use super::{History, record, write_history};
use crate::ratings::RATE_DAYS;
use crate::ratings::commands::{can_be_rated, not_now};
use crate::tickets::queries::{lock_root, lock_visible};
use crate::tickets::rules::Side;
use crate::tickets::{TicketId, TicketNumber};
use crate::{Actor, Error, Result, Timestamp};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// Locks the actor's own ticket, and refuses when it is not the time to rate it.
pub(crate) async fn check_may_rate(tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<()> {
    let own = lock_visible(&mut *tx, actor, ticket).await?;
    if !actor.owns(own.id, own.requester_id) || own.side(actor)? != Side::Requester {
        return Err(Error::Forbidden);
    }
    let (_, root) = lock_root(tx, ticket).await?;
    let recent = root.closed_at.is_none_or(|at| at.seconds_until(Timestamp::now()) <= RATE_DAYS * 86_400);
    if can_be_rated(root.status) && recent { Ok(()) } else { Err(not_now()) }
}

pub(crate) async fn record_rated(tx: &mut PgConnection, actor: &Actor, ticket: TicketId, said: &str) -> Result<()> {
    write_history(&mut *tx, actor, ticket, History::of("RATED", "rating", None, Some(said))).await?;
    record(tx, actor, ticket, "ticket.rated", false, json!({})).await
}

/// A ticket that was closed.
#[derive(Debug)]
pub(crate) struct Closed {
    pub id: TicketId,
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub requester_email: String,
    pub requester_name: Option<String>,
}

/// The ticket that an event closed, when it is still closed and was not merged into another.
pub(crate) async fn closed_by_event(tx: &mut PgConnection, event: Uuid) -> Result<Option<Closed>> {
    let closed = sqlx::query_as!(
        Closed,
        r#"SELECT t.id AS "id: TicketId", t.ticket_number AS "ticket_number: TicketNumber", t.subject, t.requester_email, t.requester_name
           FROM events e JOIN tickets t ON t.id = e.ticket_id
           WHERE e.id = $1 AND e.kind IN ('ticket.updated','ticket.replied') AND t.status = 'CLOSED'
             AND t.deleted_at IS NULL AND t.merged_into_id IS NULL AND t.closed_at >= e.created_at - interval '1 minute'"#,
        event
    )
    .fetch_optional(tx)
    .await?;
    Ok(closed)
}
