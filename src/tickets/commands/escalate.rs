//! What a deadline brings on a ticket, in the transaction that notes that it was done.

use super::{History, record, remember_tags, write_history};
use crate::people::UserId;
use crate::tickets::rules::check_tags;
use crate::tickets::{TicketId, TicketPriority};
use crate::{Actor, Result};
use serde_json::json;
use sqlx::PgConnection;

/// What changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Escalation {
    /// By one step, where there is one.
    pub raises_priority: bool,
    /// Left as it is where they work no tickets any more.
    pub assigned_to: Option<UserId>,
    pub tags: Vec<String>,
}

/// Changes a ticket whose row the caller holds.
pub(crate) async fn escalate_ticket(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    change: Escalation,
) -> Result<()> {
    let before = sqlx::query!(
        r#"SELECT priority AS "priority: TicketPriority", assigned_to_id AS "assigned_to_id: UserId", tags,
             EXISTS (SELECT FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
               WHERE u.id = $2 AND u.active AND u.deleted_at IS NULL AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all']) AS "may_have!"
           FROM tickets WHERE id = $1"#,
        ticket as _,
        change.assigned_to as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    let priority = if change.raises_priority { before.priority.raised() } else { before.priority };
    let assignee = change.assigned_to.filter(|_| before.may_have).or(before.assigned_to_id);
    let wanted: Vec<_> = before.tags.iter().cloned().chain(change.tags).collect();
    // One too many is left away: nobody is there to be told.
    let tags =
        if wanted.len() == before.tags.len() { wanted } else { check_tags(&wanted).unwrap_or(before.tags.clone()) };
    let text = |person: Option<UserId>| person.map(|person| person.to_string());
    let changes = [
        ("PRIORITY_CHANGED", "priority", Some(before.priority.to_string()), Some(priority.to_string())),
        ("ASSIGNED", "assigned_to_id", text(before.assigned_to_id), text(assignee)),
        ("UPDATED", "tags", Some(before.tags.join(", ")), Some(tags.join(", "))),
    ];
    let changes: Vec<_> = changes.into_iter().filter(|(_, _, old, new)| old != new).collect();
    if changes.is_empty() {
        return Ok(());
    }
    remember_tags(&mut *tx, &tags).await?;
    sqlx::query!(
        "UPDATE tickets SET priority = $2, tags = $3, version = version + 1,
           assigned_at = CASE WHEN assigned_to_id IS DISTINCT FROM $4 THEN now() ELSE assigned_at END,
           assigned_by_id = CASE WHEN assigned_to_id IS DISTINCT FROM $4 THEN NULL ELSE assigned_by_id END, assigned_to_id = $4
         WHERE id = $1",
        ticket as _,
        priority as _,
        &tags,
        assignee as _,
    )
    .execute(&mut *tx)
    .await?;
    for (action, field, old, new) in &changes {
        write_history(&mut *tx, actor, ticket, History::of(action, field, old.as_deref(), new.as_deref())).await?;
    }
    let fields: Vec<_> = changes.iter().map(|(_, field, ..)| *field).collect();
    record(tx, actor, ticket, "ticket.updated", false, json!({ "fields": fields })).await
}
