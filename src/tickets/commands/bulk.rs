//! One change to many tickets.

use super::update::change_ticket;
use crate::desk::Desk;
use crate::tickets::{BULK_MAX, BulkOutcome, Refused, TicketId, TicketPatch, queries};
use crate::{Actor, Error, Permission, Result};

/// Makes the same change to each ticket, each in a transaction of its own: what one refuses does not hold back the
/// others, and is told with its reason. At most [`BULK_MAX`] at once.
pub async fn update_tickets(desk: &Desk, actor: &Actor, ids: &[TicketId], patch: &TicketPatch) -> Result<BulkOutcome> {
    actor.require(Permission::TicketUpdate)?;
    if ids.is_empty() {
        return Err(Error::invalid("ids", "Choose at least one ticket."));
    }
    if ids.len() > BULK_MAX {
        return Err(Error::invalid("ids", format!("At most {BULK_MAX} tickets at once, please.")));
    }
    if *patch == TicketPatch::default() {
        return Err(Error::invalid("ids", "Choose what to change."));
    }
    let mut outcome = BulkOutcome::default();
    for id in ids {
        match change_ticket(desk, actor, *id, None, patch.clone()).await {
            Ok(_) => outcome.changed += 1,
            // Nobody learns what a ticket is that they may not see.
            Err(Error::NotFound) => outcome.refused.push(Refused { ticket: None, why: "not found".to_owned() }),
            Err(error @ (Error::Invalid(_) | Error::Forbidden)) => {
                let ticket = queries::ticket(desk, actor, *id).await.ok().map(|ticket| ticket.ticket_number);
                outcome.refused.push(Refused { ticket, why: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}
