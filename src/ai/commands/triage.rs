//! What is suggested for a ticket's fields, and not wanted.

use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::tickets::queries::ticket;
use crate::{Actor, Permission, Result};

/// Suggests nothing more for this ticket.
pub async fn dismiss_triage(desk: &Desk, actor: &Actor, id: TicketId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    ticket(desk, actor, id).await?;
    sqlx::query!("INSERT INTO ai_triage_dismissals (ticket_id) VALUES ($1) ON CONFLICT DO NOTHING", id as _)
        .execute(&desk.db)
        .await?;
    Ok(())
}
