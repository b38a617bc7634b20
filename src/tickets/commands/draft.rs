//! What an agent has begun to write: kept on the server, theirs alone, until it is sent or thrown away.

use crate::desk::Desk;
use crate::tickets::queries::lock_visible;
use crate::tickets::{COMMENT_MAX, TicketId};
use crate::{Actor, Error, Result, optional};

/// Keeps a draft and returns its version; an empty one is thrown away (version 0). `version` is the one this tab has
/// seen, 0 for none: when another tab has written since, nothing is overwritten.
pub async fn save_draft(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    is_internal: bool,
    body: &str,
    version: i32,
) -> Result<i32> {
    let me = actor.signed_in()?;
    // Spaces at the end belong to what is being written.
    optional("comment", Some(body), COMMENT_MAX)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let current = sqlx::query_scalar!(
        "SELECT version FROM ticket_drafts WHERE ticket_id = $1 AND user_id = $2 AND is_internal = $3",
        ticket as _,
        me as _,
        is_internal,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(current) = current.filter(|current| *current != version) {
        return Err(Error::Conflict { current });
    }
    let kept = if body.trim().is_empty() {
        sqlx::query!(
            "DELETE FROM ticket_drafts WHERE ticket_id = $1 AND user_id = $2 AND is_internal = $3",
            ticket as _,
            me as _,
            is_internal,
        )
        .execute(&mut *tx)
        .await?;
        0
    } else {
        sqlx::query_scalar!(
            "INSERT INTO ticket_drafts (ticket_id, user_id, is_internal, body) VALUES ($1, $2, $3, $4)
             ON CONFLICT (ticket_id, user_id, is_internal) DO UPDATE SET body = EXCLUDED.body, version = ticket_drafts.version + 1
             RETURNING version",
            ticket as _,
            me as _,
            is_internal,
            body,
        )
        .fetch_one(&mut *tx)
        .await?
    };
    tx.commit().await?;
    Ok(kept)
}
