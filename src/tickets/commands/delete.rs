//! Deleting a ticket, and bringing it back: who, when and why are kept.

use super::{History, touch, write_history};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::tickets::queries::lock_visible;
use crate::tickets::{REASON_MAX, TicketId};
use crate::{Actor, Error, Permission, Result, bounded};

/// Takes a ticket out of every list. Its number stays taken.
pub async fn delete_ticket(desk: &Desk, actor: &Actor, ticket: TicketId, reason: &str) -> Result<()> {
    actor.require(Permission::TicketDelete)?;
    let reason = bounded("reason", reason, REASON_MAX)?;
    let mut tx = desk.db.begin().await?;
    let before = lock_visible(&mut tx, actor, ticket).await?;
    before.check_not_merged()?;
    touch(&mut tx, actor, ticket, "deleted_at", false).await?;
    sqlx::query!(
        "UPDATE tickets SET deleted_at = now(), deleted_by_id = $2, delete_reason = $3 WHERE id = $1",
        ticket as _,
        actor.user_id as _,
        reason,
    )
    .execute(&mut *tx)
    .await?;
    write_history(&mut tx, actor, ticket, History::internal("DELETED", "deleted_at", None, Some(&reason))).await?;
    let entry = AuditEntry::new("DELETE", "TICKET").entity(ticket).describe(reason);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Brings a deleted ticket back as it was.
pub async fn restore_ticket(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<()> {
    actor.require(Permission::TicketDelete)?;
    let mut tx = desk.db.begin().await?;
    let restored = sqlx::query!(
        "UPDATE tickets SET deleted_at = NULL, deleted_by_id = NULL, delete_reason = NULL
         WHERE id = $1 AND deleted_at IS NOT NULL",
        ticket as _
    )
    .execute(&mut *tx)
    .await?;
    if restored.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    // Seen again only by whoever could see it before.
    lock_visible(&mut tx, actor, ticket).await?;
    write_history(&mut tx, actor, ticket, History::internal("RESTORED", "deleted_at", None, None)).await?;
    touch(&mut tx, actor, ticket, "deleted_at", false).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("RESTORE", "TICKET").entity(ticket)).await?;
    tx.commit().await?;
    Ok(())
}
