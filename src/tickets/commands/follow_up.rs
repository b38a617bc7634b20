//! Putting a ticket off: it leaves the inbox and comes back by itself.

use super::record;
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::{Actor, Result};
use serde_json::json;

/// Brings back a ticket whose time has come, and tells those concerned. A job; idempotent: it does nothing when the
/// time was changed meanwhile.
pub(crate) async fn return_ticket(desk: &Desk, ticket: TicketId) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let returned = sqlx::query!(
        "UPDATE tickets SET follow_up_at = NULL, version = version + 1
         WHERE id = $1 AND follow_up_at <= now() AND deleted_at IS NULL",
        ticket as _
    )
    .execute(&mut *tx)
    .await?;
    if returned.rows_affected() > 0 {
        record(&mut tx, &Actor::system("follow-up"), ticket, "ticket.returned", true, json!({})).await?;
    }
    tx.commit().await?;
    Ok(())
}
