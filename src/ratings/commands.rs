//! Asking how it went, and hearing the answer.

use super::{COMMENT_MAX, Score};
use crate::desk::Desk;
use crate::mail::outbox::{self, Mail};
use crate::mail::templates::{self, TemplateName, first_name};
use crate::tickets::{TicketId, TicketStatus, commands as tickets, guest::requester_address};
use crate::{Actor, Error, Permission, Result, optional, settings};
use serde_json::json;
use uuid::Uuid;

/// Says how it went, on one's own ticket that was solved or closed a short while ago; a second time replaces the
/// first.
pub async fn rate_ticket(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    score: Score,
    comment: Option<&str>,
) -> Result<()> {
    actor.require(Permission::TicketReplyOwn)?;
    let comment = optional("comment", comment, COMMENT_MAX)?;
    let mut tx = desk.db.begin().await?;
    tickets::check_may_rate(&mut tx, actor, ticket).await?;
    sqlx::query!(
        "INSERT INTO ticket_ratings (ticket_id, score, comment, rated_at) VALUES ($1, $2, $3, now())
         ON CONFLICT (ticket_id) DO UPDATE SET score = EXCLUDED.score, comment = EXCLUDED.comment, rated_at = now()",
        ticket as _,
        score.number(),
        comment,
    )
    .execute(&mut *tx)
    .await?;
    tickets::record_rated(&mut tx, actor, ticket, score.label()).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks the requester how it went, once a ticket, when an event closed it (`csat.enabled`). A job; idempotent: the row
/// that says that it was asked comes in the transaction in which the mail does.
pub(crate) async fn ask_after(desk: &Desk, event: Uuid) -> Result<()> {
    if !settings::queries::boolean(desk, "csat.enabled").await? {
        return Ok(());
    }
    let mut tx = desk.db.begin().await?;
    let Some(closed) = tickets::closed_by_event(&mut tx, event).await? else { return Ok(()) };
    let asked = sqlx::query!(
        "INSERT INTO ticket_ratings (ticket_id) VALUES ($1) ON CONFLICT (ticket_id) DO NOTHING",
        closed.id as _
    )
    .execute(&mut *tx)
    .await?;
    if asked.rows_affected() == 0 {
        return Ok(());
    }
    let address = requester_address(desk, &mut tx, closed.id).await?;
    let name = closed.requester_name.as_deref().unwrap_or_default();
    let values = json!({
        "ticket": { "number": closed.ticket_number, "subject": closed.subject },
        "requester": { "name": name, "first_name": first_name(name) },
        "link": format!("{address}#rate"),
        "desk": { "link": &*desk.base_url },
    });
    let mail = Mail::from(templates::queries::write(&mut *tx, TemplateName::Rating, &values).await?);
    outbox::queue(&mut tx, &closed.requester_email.parse()?, &mail, &format!("rating:{}", closed.id), Some(closed.id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Whether a ticket in this status can be rated.
pub(crate) fn can_be_rated(status: TicketStatus) -> bool {
    matches!(status, TicketStatus::Resolved | TicketStatus::Closed)
}

/// What is said when it cannot.
pub(crate) fn not_now() -> Error {
    Error::invalid("score", "This request can be rated once it is solved, and for a month after it was closed.")
}
