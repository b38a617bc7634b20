//! What requesters decide about their own tickets: confirm that it is solved, reopen it, cancel it.

use super::{History, record, write_history};
use crate::desk::Desk;
use crate::tickets::queries::{lock_root, lock_visible};
use crate::tickets::rules::{Side, StatusChange, check_transition};
use crate::tickets::{TicketId, TicketStatus};
use crate::{Actor, Error, Permission, Result, Timestamp};
use serde_json::json;

/// Brings the actor's own ticket to `to`, where the status machine lets a requester. `reason` says why it is
/// cancelled.
pub async fn change_own_status(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    to: TicketStatus,
    reason: Option<&str>,
) -> Result<()> {
    actor.require(Permission::TicketReplyOwn)?;
    let said = StatusChange::parse(None, reason)?;
    let mut tx = desk.db.begin().await?;
    let own = lock_visible(&mut tx, actor, ticket).await?;
    if own.side(actor)? != Side::Requester {
        return Err(Error::Forbidden);
    }
    let (root, before) = lock_root(&mut tx, ticket).await?;
    if root != ticket && !before.requester_email.eq_ignore_ascii_case(&own.requester_email) {
        return Err(Error::invalid("status", "This request is handled together with another. Please answer instead."));
    }
    check_transition(before.status, to, Side::Requester, &said, before.closed_at, Timestamp::now())?;
    if before.status == to {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE tickets SET status = $2, version = version + 1, updated_by_id = $3, follow_up_at = NULL,
           resolved_at = CASE WHEN $2 IN ('RESOLVED','CLOSED') THEN coalesce(resolved_at, now()) END,
           closed_at = CASE WHEN $2 IN ('CLOSED','CANCELLED') THEN now() END,
           resolution_note = CASE WHEN $2 IN ('RESOLVED','CLOSED') THEN resolution_note END,
           cancel_reason = CASE WHEN $2 = 'CANCELLED' THEN $4 END
         WHERE id = $1",
        root as _,
        to as _,
        actor.user_id as _,
        said.cancel_reason,
    )
    .execute(&mut *tx)
    .await?;
    let (old, new) = (before.status.as_str(), to.as_str());
    write_history(&mut tx, actor, root, History::of("STATUS_CHANGED", "status", Some(old), Some(new))).await?;
    record(&mut tx, actor, root, "ticket.updated", false, json!({ "fields": ["status"] })).await?;
    tx.commit().await?;
    Ok(())
}
