//! Whether a requester's colleagues see a ticket.

use super::{History, touch, write_history};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::tickets::queries::lock_visible;
use crate::{Actor, Error, Permission, Result};

/// Shows the actor's own ticket to the colleagues in their organisation, or to nobody but the service desk.
pub async fn share_with_organisation(desk: &Desk, actor: &Actor, ticket: TicketId, shared: bool) -> Result<()> {
    actor.require(Permission::TicketReplyOwn)?;
    let mut tx = desk.db.begin().await?;
    let own = lock_visible(&mut tx, actor, ticket).await?;
    if !actor.owns(own.id, own.requester_id) || actor.user_id.is_none() {
        return Err(Error::Forbidden);
    }
    let changed = sqlx::query!(
        "UPDATE tickets t SET organisation_id = CASE WHEN $2 THEN u.organisation_id END FROM users u
         WHERE t.id = $1 AND u.id = t.requester_id
           AND t.organisation_id IS DISTINCT FROM CASE WHEN $2 THEN u.organisation_id END",
        ticket as _,
        shared,
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() > 0 {
        let word = |shared: bool| Some(if shared { "yes" } else { "no" });
        write_history(&mut tx, actor, ticket, History::of("UPDATED", "shared", word(!shared), word(shared))).await?;
        touch(&mut tx, actor, ticket, "organisation_id", false).await?;
    }
    tx.commit().await?;
    Ok(())
}
