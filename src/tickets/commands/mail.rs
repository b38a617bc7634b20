//! What mail does to tickets beside answering them.

use super::{History, touch, write_history};
use crate::tickets::TicketId;
use crate::tickets::queries::lock_visible;
use crate::{Actor, Error, Result};
use sqlx::PgConnection;

/// Whether the actor may see a ticket, which is held from here on.
pub(crate) async fn may_see(tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<bool> {
    match lock_visible(tx, actor, ticket).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound | Error::Forbidden) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Links a ticket with the one that its message named.
pub(crate) async fn relate_tickets(tx: &mut PgConnection, source: TicketId, target: TicketId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ticket_links (source_ticket_id, target_ticket_id, link_type) VALUES ($1, $2, 'RELATED') ON CONFLICT DO NOTHING",
        source as _,
        target as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes, for those who work the ticket, that a mail did not reach someone.
pub(crate) async fn record_bounce(tx: &mut PgConnection, ticket: TicketId, recipient: &str, said: &str) -> Result<()> {
    let system = Actor::system("bounce");
    let entry = History::internal("BOUNCED", "mail", Some(recipient), Some(said));
    write_history(&mut *tx, &system, ticket, entry).await?;
    touch(tx, &system, ticket, "mail", true).await
}
