//! What rules do to tickets, in the transaction that notes that they did it.

use super::arrangement::Arrangement;
use super::link::relate;
use super::reply::{insert_comment, mail_automatic};
use super::update::{checked, needs_arrangement, write_change};
use super::{History, record, write_history};
use crate::desk::Desk;
use crate::queues::AssignmentRule;
use crate::queues::commands::choose_assignee;
use crate::tickets::queries::lock_visible;
use crate::tickets::{PublicReply, TicketId, TicketNumber, TicketPatch};
use crate::{Actor, Error, Result};
use serde_json::json;
use sqlx::PgConnection;

/// A change of which some depends on what the ticket is when it comes to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AutomaticChange {
    pub patch: TicketPatch,
    /// By one step, where there is one.
    pub raises_priority: bool,
    pub adds_tags: Vec<String>,
    pub removes_tags: Vec<String>,
    /// To a member of its queue who is working; left as it is where nobody is.
    pub assigns_by: Option<AssignmentRule>,
}

/// What has to be read before the transaction begins: whoever holds a connection must not wait for a second one.
pub(crate) struct Prepared(Arrangement);

pub(crate) async fn prepare_change(desk: &Desk, actor: &Actor, patch: &TicketPatch) -> Result<Prepared> {
    if !needs_arrangement(patch) {
        return Ok(Prepared(Arrangement::default()));
    }
    let arrangement = Arrangement::read(desk, actor).await?;
    arrangement.check_people(desk, &patch.custom_fields).await?;
    Ok(Prepared(arrangement))
}

/// Changes a ticket as an agent could; what an agent may not do, no rule does.
pub(crate) async fn change_automatically(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    change: AutomaticChange,
    Prepared(arrangement): &Prepared,
) -> Result<()> {
    let before = lock_visible(&mut *tx, actor, ticket).await?;
    before.check_not_merged()?;
    let mut patch = change.patch;
    if change.raises_priority {
        patch.priority = Some(patch.priority.unwrap_or(before.priority).raised());
    }
    if !change.adds_tags.is_empty() || !change.removes_tags.is_empty() {
        let stays = before.tags.iter().filter(|tag| !change.removes_tags.contains(tag)).cloned();
        patch.tags = Some(stays.chain(change.adds_tags).collect());
    }
    if let Some(rule) = change.assigns_by
        && let Some(queue) = patch.queue_id.unwrap_or(before.queue_id)
    {
        let tags = patch.tags.as_ref().unwrap_or(&before.tags);
        if let Some(person) = choose_assignee(&mut *tx, queue, rule, tags).await? {
            patch.assigned_to_id = Some(Some(person));
        }
    }
    // What it is already needs no transition.
    patch.status = patch.status.filter(|status| *status != before.status);
    write_change(tx, actor, &before, checked(patch)?, arrangement).await?;
    Ok(())
}

/// Writes to whoever asks, in the desk's own name. It is no first answer, changes nobody's turn, and says of itself that it
/// is automatic (RFC 3834). `key` is what it is sent once for.
pub(crate) async fn reply_automatically(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    reply: &PublicReply,
    key: &str,
) -> Result<()> {
    lock_visible(&mut *tx, actor, ticket).await?.check_not_merged()?;
    let desks = Actor { name: "Oxdesk".to_owned(), ..actor.clone() };
    let comment = insert_comment(&mut *tx, &desks, ticket, reply.body(), false).await?;
    write_history(&mut *tx, actor, ticket, History::done("COMMENT_ADDED")).await?;
    record(&mut *tx, actor, ticket, "ticket.replied", false, json!({ "comment_id": comment })).await?;
    mail_automatic(desk, tx, ticket, reply, key).await
}

/// Relates a ticket to the one with a number, as an incident's tickets to it.
pub(crate) async fn link_automatically(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    to: &TicketNumber,
) -> Result<()> {
    let gone = || Error::invalid("ticket", format!("There is no ticket {to}."));
    let other = sqlx::query_scalar!(
        r#"SELECT id AS "id: TicketId" FROM tickets WHERE ticket_number = $1 AND deleted_at IS NULL"#,
        to.as_str()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(gone)?;
    if other == ticket {
        return Ok(());
    }
    if relate(&mut *tx, actor, ticket, other).await? {
        let seen = format!("RELATED {to}");
        write_history(&mut *tx, actor, ticket, History::internal("LINKED", "link", None, Some(&seen))).await?;
        for side in [ticket, other] {
            record(&mut *tx, actor, side, "ticket.updated", true, json!({ "fields": ["links"] })).await?;
        }
    }
    Ok(())
}
