//! Changing a ticket's fields.

use super::arrangement::Arrangement;
use super::{History, record, remember_tags, touch, write_history};
use crate::desk::Desk;
use crate::jobs;
use crate::people::queries::check_works_tickets;
use crate::queues::commands::next_assignee;
use crate::tickets::queries::{Locked, lock_visible};
use crate::tickets::rules::{self, Side, StatusChange, check_transition};
use crate::tickets::{SUBJECT_MAX, TicketId, TicketPatch, TicketStatus};
use crate::{Actor, Error, Permission, Result, Timestamp};
use serde_json::json;
use sqlx::PgConnection;
use std::borrow::Cow;

/// Changes fields. `version` is the one the actor saw: if the ticket has changed since, nothing is written and the
/// answer is a conflict.
pub async fn update_ticket(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    version: i32,
    patch: TicketPatch,
) -> Result<i32> {
    change_ticket(desk, actor, ticket, Some(version), patch).await
}

/// Like [`update_ticket`], on whatever version there is when `version` is `None`.
pub(super) async fn change_ticket(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    version: Option<i32>,
    patch: TicketPatch,
) -> Result<i32> {
    actor.require(Permission::TicketUpdate)?;
    if patch.assigned_to_id.is_some() {
        actor.require(Permission::TicketAssign)?;
    }
    let subject = patch.subject.map(|text| crate::bounded("subject", &text, SUBJECT_MAX)).transpose()?;
    let tags = patch.tags.map(|tags| rules::check_tags(&tags)).transpose()?;
    let category = patch.category.map(|text| crate::optional("category", text.as_deref(), 100)).transpose()?;
    let subcategory = patch.subcategory.map(|text| crate::optional("subcategory", text.as_deref(), 100)).transpose()?;
    let said = StatusChange::parse(patch.resolution_note.as_deref(), patch.cancel_reason.as_deref())?;
    // Read before the ticket is locked: whoever holds a connection must not wait for a second one.
    let done = matches!(patch.status, Some(TicketStatus::Resolved | TicketStatus::Closed));
    let arrangement = match done || !patch.custom_fields.is_empty() || category.is_some() || subcategory.is_some() {
        true => Arrangement::read(desk, actor).await?,
        false => Arrangement::default(),
    };
    arrangement.check_people(desk, &patch.custom_fields).await?;

    let mut tx = desk.db.begin().await?;
    let before = lock_visible(&mut tx, actor, ticket).await?;
    if version.is_some_and(|version| before.version != version) {
        return Err(Error::Conflict { current: before.version });
    }
    before.check_not_merged()?;
    let (status, now) = (patch.status.unwrap_or(before.status), Timestamp::now());
    check_transition(before.status, status, Side::Agent, &said, before.closed_at, now)?;
    let follow_up_at = check_follow_up(patch.follow_up_at, status, now)?;
    let (resolution_note, cancel_reason) = outcome(&before, status, said);
    let place = arrangement.place(
        category.as_ref().unwrap_or(&before.category).as_deref(),
        subcategory.as_ref().unwrap_or(&before.subcategory).as_deref(),
    );
    let category = category.map(|_| place.category.clone());
    let subcategory = subcategory.map(|_| place.subcategory.clone());
    let queue = patch.queue_id.unwrap_or(before.queue_id);
    let values = arrangement.change(&place, queue, &before.custom_fields.0, &patch.custom_fields)?;
    if done && before.status.is_open() {
        arrangement.check_whole(&place, queue, &values)?;
    }
    let mut assigned_to_id = patch.assigned_to_id;
    if let Some(Some(queue)) = patch.queue_id
        && Some(queue) != before.queue_id
        && assigned_to_id.unwrap_or(before.assigned_to_id).is_none()
        && let Some(next) = next_assignee(&mut tx, queue).await?
    {
        assigned_to_id = Some(Some(next));
    }
    if let Some(Some(person)) = assigned_to_id {
        check_works_tickets(&mut tx, person, "assigned_to_id").await?;
    }
    let mut changes = Changes::default();
    changes.note("SUBJECT_CHANGED", "subject", Some(before.subject.clone()), subject.clone().map(Some));
    changes.note("STATUS_CHANGED", "status", Some(before.status.to_string()), Some(Some(status.to_string())));
    changes.note("UPDATED", "resolution_note", before.resolution_note.clone(), Some(resolution_note.clone()));
    changes.note("UPDATED", "cancel_reason", before.cancel_reason.clone(), Some(cancel_reason.clone()));
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    changes.note("UPDATED", "follow_up_at", text(before.follow_up_at), follow_up_at.map(text));
    let priority = patch.priority.map(|priority| Some(priority.to_string()));
    changes.note("PRIORITY_CHANGED", "priority", Some(before.priority.to_string()), priority);
    let assignee = assigned_to_id.map(|person| person.map(|person| person.to_string()));
    changes.note("ASSIGNED", "assigned_to_id", before.assigned_to_id.map(|person| person.to_string()), assignee);
    let queue = patch.queue_id.map(|queue| queue.map(|queue| queue.to_string()));
    changes.note("UPDATED", "queue_id", before.queue_id.map(|queue| queue.to_string()), queue);
    changes.note("UPDATED", "category", before.category.clone(), category.clone());
    changes.note("UPDATED", "subcategory", before.subcategory.clone(), subcategory.clone());
    changes.note("UPDATED", "tags", Some(before.tags.join(", ")), tags.as_ref().map(|tags| Some(tags.join(", "))));
    for (key, old, new, is_public) in arrangement.changes(&before.custom_fields.0, &values) {
        changes.0.push(Change { action: "UPDATED", field: Cow::Owned(key), old, new, internal: !is_public });
    }
    if changes.0.is_empty() {
        return Ok(before.version);
    }
    let version = sqlx::query_scalar!(
        "UPDATE tickets SET
           subject = coalesce($2, subject),
           priority = coalesce($3, priority),
           assigned_to_id = CASE WHEN $4 THEN $5 ELSE assigned_to_id END,
           assigned_at = CASE WHEN $4 AND assigned_to_id IS DISTINCT FROM $5 THEN now() ELSE assigned_at END,
           assigned_by_id = CASE WHEN $4 AND assigned_to_id IS DISTINCT FROM $5 THEN $6 ELSE assigned_by_id END,
           queue_id = CASE WHEN $7 THEN $8 ELSE queue_id END,
           tags = coalesce($9, tags),
           status = coalesce($10, status),
           resolved_at = CASE WHEN $10 = 'RESOLVED' THEN coalesce(resolved_at, now())
                              WHEN $10 IN ('NEW','IN_PROGRESS','WAITING') THEN NULL ELSE resolved_at END,
           closed_at = CASE WHEN $10 IN ('CLOSED','CANCELLED') THEN coalesce(closed_at, now())
                            WHEN $10 IS NOT NULL THEN NULL ELSE closed_at END,
           category = CASE WHEN $11 THEN $12 ELSE category END,
           subcategory = CASE WHEN $13 THEN $14 ELSE subcategory END,
           resolution_note = $15,
           cancel_reason = $16,
           follow_up_at = CASE WHEN $17 THEN $18 ELSE follow_up_at END,
           custom_fields = $19,
           updated_by_id = $6,
           version = version + 1
         WHERE id = $1 RETURNING version",
        ticket as _,
        subject,
        patch.priority as _,
        assigned_to_id.is_some(),
        assigned_to_id.flatten() as _,
        actor.user_id as _,
        patch.queue_id.is_some(),
        patch.queue_id.flatten() as _,
        tags as _,
        patch.status as _,
        category.is_some(),
        category.flatten(),
        subcategory.is_some(),
        subcategory.flatten(),
        resolution_note,
        cancel_reason,
        follow_up_at.is_some(),
        follow_up_at.flatten() as _,
        serde_json::to_value(&values).map_err(Error::internal)?,
    )
    .fetch_one(&mut *tx)
    .await?;
    changes.write(&mut tx, actor, ticket).await?;
    remember_tags(&mut tx, tags.as_deref().unwrap_or_default()).await?;
    if let Some(Some(at)) = follow_up_at {
        jobs::enqueue_at(
            &mut tx,
            jobs::RETURN_TICKET,
            &json!({ "ticket_id": ticket }),
            &format!("return:{ticket}"),
            at,
        )
        .await?;
    }
    let fields: Vec<_> = changes.0.iter().map(|change| change.field.as_ref()).collect();
    record(&mut tx, actor, ticket, "ticket.updated", false, json!({ "fields": fields })).await?;
    tx.commit().await?;
    Ok(version)
}

#[derive(Default)]
struct Changes(Vec<Change>);

struct Change {
    action: &'static str,
    field: Cow<'static, str>,
    old: Option<String>,
    new: Option<String>,
    /// Only for those who may read notes.
    internal: bool,
}

impl Changes {
    /// Notes a field's change; `new` is `None` when the patch leaves it alone.
    fn note(&mut self, action: &'static str, field: &'static str, old: Option<String>, new: Option<Option<String>>) {
        if let Some(new) = new
            && new != old
        {
            // When agents mean to look again is theirs.
            self.0.push(Change { action, field: Cow::Borrowed(field), old, new, internal: field == "follow_up_at" });
        }
    }

    async fn write(&self, tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<()> {
        for change in &self.0 {
            let entry = History {
                internal: change.internal,
                ..History::of(change.action, &change.field, change.old.as_deref(), change.new.as_deref())
            };
            write_history(&mut *tx, actor, ticket, entry).await?;
        }
        Ok(())
    }
}

/// The note and the reason that belong to a status: they go when the ticket goes back to work.
fn outcome(before: &Locked, status: TicketStatus, said: StatusChange) -> (Option<String>, Option<String>) {
    match status {
        TicketStatus::Resolved | TicketStatus::Closed => {
            (said.resolution_note.or_else(|| before.resolution_note.clone()), None)
        }
        TicketStatus::Cancelled => (None, said.cancel_reason.or_else(|| before.cancel_reason.clone())),
        _ => (None, None),
    }
}

/// Only what is open can be put off, and only into the future; what is done comes back to nobody.
fn check_follow_up(
    wanted: Option<Option<Timestamp>>,
    status: TicketStatus,
    now: Timestamp,
) -> Result<Option<Option<Timestamp>>> {
    let wrong = |message: &str| Err(Error::invalid("follow_up_at", message));
    match wanted {
        Some(Some(_)) if !status.is_open() => wrong("Only an open ticket can be put off."),
        Some(Some(at)) if at <= now => wrong("This has passed already."),
        Some(Some(at)) if now.seconds_until(at) > FOLLOW_UP_MAX => wrong("At most two years ahead, please."),
        _ if !status.is_open() => Ok(Some(None)),
        wanted => Ok(wanted),
    }
}

/// How far a ticket can be put off, in seconds.
const FOLLOW_UP_MAX: i64 = 2 * 366 * 86_400;

/// Notes in the ticket's event log that files were added to it.
pub(in crate::tickets) async fn record_attached(tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<()> {
    touch(tx, actor, ticket, "attachments", false).await
}
