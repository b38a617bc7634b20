//! What is left to do on a ticket.

use super::record;
use crate::desk::Desk;
use crate::tickets::queries::lock_visible;
use crate::tickets::{CHECKLIST_MAX, ChecklistItemId, TicketId};
use crate::{Actor, Error, Permission, Result, bounded};
use serde_json::json;

/// The longest item, in characters.
const ITEM_MAX: usize = 300;

/// Adds one item for each line of `text`.
pub async fn add_checklist_items(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    text: &str,
) -> Result<Vec<ChecklistItemId>> {
    actor.require(Permission::TicketUpdate)?;
    let items = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| bounded("text", line, ITEM_MAX))
        .collect::<Result<Vec<_>>>()?;
    if items.is_empty() {
        return Err(Error::invalid("text", "Say what is to be done."));
    }
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM ticket_checklist_items WHERE ticket_id = $1"#,
        ticket as _
    );
    if count.fetch_one(&mut *tx).await? + items.len() as i64 > CHECKLIST_MAX {
        return Err(Error::invalid("text", format!("At most {CHECKLIST_MAX} items on one ticket, please.")));
    }
    let ids = sqlx::query_scalar!(
        r#"INSERT INTO ticket_checklist_items (ticket_id, position, text, created_by_id)
           SELECT $1, item.place + coalesce((SELECT max(position) FROM ticket_checklist_items WHERE ticket_id = $1), 0), item.text, $3
           FROM unnest($2::text[]) WITH ORDINALITY AS item (text, place) ORDER BY item.place
           RETURNING id AS "id: ChecklistItemId""#,
        ticket as _,
        &items,
        actor.user_id as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["checklist"] })).await?;
    tx.commit().await?;
    Ok(ids)
}

/// Ticks an item, or takes the tick away.
pub async fn tick_checklist_item(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    item: ChecklistItemId,
    done: bool,
) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let changed = sqlx::query!(
        "UPDATE ticket_checklist_items SET done_at = CASE WHEN $3 THEN coalesce(done_at, now()) END,
           done_by_id = CASE WHEN $3 THEN coalesce(done_by_id, $4) END
         WHERE id = $1 AND ticket_id = $2",
        item as _,
        ticket as _,
        done,
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["checklist"] })).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn remove_checklist_item(desk: &Desk, actor: &Actor, ticket: TicketId, item: ChecklistItemId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let gone =
        sqlx::query!("DELETE FROM ticket_checklist_items WHERE id = $1 AND ticket_id = $2", item as _, ticket as _)
            .execute(&mut *tx)
            .await?;
    if gone.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["checklist"] })).await?;
    tx.commit().await?;
    Ok(())
}
