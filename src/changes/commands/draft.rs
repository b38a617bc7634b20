//! A rule's "plan a change".

use super::state::{note, rehash};
use crate::changes::rules::TITLE_MAX;
use crate::changes::{ChangeId, ChangeNumber};
use crate::people::UserId;
use crate::tickets::TicketId;
use crate::{Actor, Error, Result, bounded};
use sqlx::PgConnection;

/// A draft because of a ticket, in the name of its assignee, or else of `author`. Who is named plans it; nobody is asked yet.
pub async fn draft_change_of_ticket(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    author: Option<UserId>,
    title: &str,
) -> Result<ChangeNumber> {
    let title: String = title.chars().take(TITLE_MAX).collect();
    let title = bounded("title", &title, TITLE_MAX)?;
    let id = ChangeId::new();
    let number = sqlx::query_scalar!(
        r#"INSERT INTO change_requests (id, change_number, title, description, type, requested_by_id, related_ticket_id)
           SELECT $1, next_number('CHG'), $3, t.ticket_number || ': ' || t.subject, 'NORMAL', u.id, t.id
           FROM tickets t JOIN users u ON u.id = coalesce(t.assigned_to_id, $4) WHERE t.id = $2
           RETURNING change_number AS "number: ChangeNumber""#,
        id as _,
        ticket as _,
        title,
        author as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    let number = number
        .ok_or_else(|| Error::invalid("actions", "Nobody is there to plan the change: give the ticket to someone."))?;
    sqlx::query!(
        "INSERT INTO change_assets (change_id, asset_id) SELECT $1, r.asset_id FROM ticket_asset_relations r
         JOIN assets a ON a.id = r.asset_id AND a.deleted_at IS NULL WHERE r.ticket_id = $2 ON CONFLICT DO NOTHING",
        id as _,
        ticket as _
    )
    .execute(&mut *tx)
    .await?;
    rehash(tx, actor, id).await?;
    note(tx, actor, id, "made it, as a rule says", None).await?;
    Ok(number)
}
