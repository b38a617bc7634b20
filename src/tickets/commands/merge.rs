//! Merging: one ticket goes on in another. Nothing is moved. The target reads the whole tree of what was merged into
//! it, so that taking a merge back gives every ticket exactly what it had.

use super::{History, lock_graph, touch, write_history};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::tickets::queries::{lock_root, lock_visible};
use crate::{Actor, Error, Permission, Result};

/// Merges `source` into `target`: its number still opens, its replies arrive there. The actor must be allowed to
/// change both. A target that was merged itself stands for where it went.
pub async fn merge_tickets(desk: &Desk, actor: &Actor, source: TicketId, target: TicketId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let wrong = |message: String| Err(Error::invalid("into", message));
    if source == target {
        return wrong("A ticket cannot be merged into itself.".to_owned());
    }
    let mut tx = desk.db.begin().await?;
    lock_graph(&mut tx).await?;
    let from = lock_visible(&mut tx, actor, source).await?;
    if from.merged_into_id.is_some() {
        return wrong(format!("{} was merged already.", from.ticket_number));
    }
    let named = lock_visible(&mut tx, actor, target).await.map_err(|_| no_such_ticket())?;
    let (target, _) = lock_root(&mut tx, target).await?;
    if source == target {
        return wrong(format!("{} was merged into this ticket.", named.ticket_number));
    }
    let into = lock_visible(&mut tx, actor, target).await.map_err(|_| no_such_ticket())?;
    sqlx::query!(
        "UPDATE tickets SET merged_into_id = $2, merged_at = now(),
           before_merge = jsonb_build_object('status', status, 'closed_at', closed_at, 'follow_up_at', follow_up_at,
             'updated_by_id', updated_by_id),
           status = 'CLOSED', closed_at = coalesce(closed_at, now()), follow_up_at = NULL
         WHERE id = $1",
        source as _,
        target as _,
    )
    .execute(&mut *tx)
    .await?;
    let (from, into) = (from.ticket_number.as_str(), into.ticket_number.as_str());
    write_history(&mut tx, actor, source, History::internal("MERGED", "merged_into", None, Some(into))).await?;
    write_history(&mut tx, actor, target, History::internal("MERGED", "merged_from", None, Some(from))).await?;
    touch(&mut tx, actor, source, "merged_into_id", false).await?;
    touch(&mut tx, actor, target, "merged", false).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a merge back: both tickets are what they were, with what was said on each since.
pub async fn unmerge_ticket(desk: &Desk, actor: &Actor, source: TicketId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_graph(&mut tx).await?;
    let from = lock_visible(&mut tx, actor, source).await?;
    let Some(target) = from.merged_into_id else {
        return Err(Error::invalid("id", "This ticket was not merged."));
    };
    let into = lock_visible(&mut tx, actor, target).await?;
    sqlx::query!(
        "UPDATE tickets SET merged_into_id = NULL, merged_at = NULL, before_merge = NULL,
           status = before_merge->>'status', closed_at = (before_merge->>'closed_at')::timestamptz,
           follow_up_at = (before_merge->>'follow_up_at')::timestamptz
         WHERE id = $1",
        source as _
    )
    .execute(&mut *tx)
    .await?;
    let (from, into) = (from.ticket_number.as_str(), into.ticket_number.as_str());
    write_history(&mut tx, actor, source, History::internal("UNMERGED", "merged_into", Some(into), None)).await?;
    write_history(&mut tx, actor, target, History::internal("UNMERGED", "merged_from", Some(from), None)).await?;
    touch(&mut tx, actor, source, "merged_into_id", false).await?;
    touch(&mut tx, actor, target, "merged", false).await?;
    tx.commit().await?;
    Ok(())
}

fn no_such_ticket() -> Error {
    Error::invalid("into", "There is no such ticket, or you may not see it.")
}
