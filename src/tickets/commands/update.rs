//! Changing a ticket's fields.

use super::arrangement::Arrangement;
use super::{History, record, remember_tags, touch, write_history};
use crate::desk::Desk;
use crate::fields::FieldValues;
use crate::jobs;
use crate::people::UserId;
use crate::people::queries::check_works_tickets;
use crate::queues::commands::next_assignee;
use crate::tickets::queries::{Locked, lock_visible};
use crate::tickets::rules::{self, Side, StatusChange, check_transition};
use crate::tickets::{QueueId, SUBJECT_MAX, TicketId, TicketPatch, TicketPriority, TicketStatus};
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
    let (patch, said) = checked(patch)?;
    // Read before the ticket is locked: whoever holds a connection must not wait for a second one.
    let arrangement = match needs_arrangement(&patch) {
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
    let version = write_change(&mut tx, actor, &before, (patch, said), &arrangement).await?;
    tx.commit().await?;
    Ok(version)
}

/// Writes a change that was [`checked`] to a ticket that the caller holds; returns its version.
pub(super) async fn write_change(
    tx: &mut PgConnection,
    actor: &Actor,
    before: &Locked,
    (patch, said): (TicketPatch, StatusChange),
    arrangement: &Arrangement,
) -> Result<i32> {
    let ticket = before.id;
    let mut after = After::of(before, patch, said, arrangement)?;
    after.assign(&mut *tx, before).await?;
    let changes = after.changes(before, arrangement);
    if changes.0.is_empty() {
        return Ok(before.version);
    }
    let version = after.write(&mut *tx, actor, ticket).await?;
    changes.write(&mut *tx, actor, ticket).await?;
    remember_tags(&mut *tx, &after.tags).await?;
    if after.follow_up_at != before.follow_up_at {
        return_in_time(&mut *tx, ticket, after.follow_up_at).await?;
    }
    let fields: Vec<_> = changes.0.iter().map(|change| change.field.as_ref()).collect();
    record(tx, actor, ticket, "ticket.updated", false, json!({ "fields": fields })).await?;
    Ok(version)
}

/// What was given, within bounds.
pub(super) fn checked(patch: TicketPatch) -> Result<(TicketPatch, StatusChange)> {
    let said = StatusChange::parse(patch.resolution_note.as_deref(), patch.cancel_reason.as_deref())?;
    let category = patch.category.map(|text| crate::optional("category", text.as_deref(), 100)).transpose()?;
    let subcategory = patch.subcategory.map(|text| crate::optional("subcategory", text.as_deref(), 100)).transpose()?;
    let patch = TicketPatch {
        subject: patch.subject.map(|text| crate::bounded("subject", &text, SUBJECT_MAX)).transpose()?,
        tags: patch.tags.map(|tags| rules::check_tags(&tags)).transpose()?,
        category,
        subcategory,
        ..patch
    };
    Ok((patch, said))
}

/// Whether it concerns what administrators arrange.
pub(super) fn needs_arrangement(patch: &TicketPatch) -> bool {
    done(patch.status) || !patch.custom_fields.is_empty() || patch.category.is_some() || patch.subcategory.is_some()
}

fn done(status: Option<TicketStatus>) -> bool {
    matches!(status, Some(TicketStatus::Resolved | TicketStatus::Closed))
}

/// What a ticket will be.
struct After {
    subject: String,
    status: TicketStatus,
    priority: TicketPriority,
    assigned_to_id: Option<UserId>,
    queue_id: Option<QueueId>,
    category: Option<String>,
    subcategory: Option<String>,
    tags: Vec<String>,
    resolution_note: Option<String>,
    cancel_reason: Option<String>,
    follow_up_at: Option<Timestamp>,
    custom_fields: FieldValues,
}

impl After {
    /// By the table of transitions and what administrators arrange.
    fn of(before: &Locked, patch: TicketPatch, said: StatusChange, arrangement: &Arrangement) -> Result<Self> {
        let (status, now) = (patch.status.unwrap_or(before.status), Timestamp::now());
        check_transition(before.status, status, Side::Agent, &said, before.closed_at, now)?;
        let (resolution_note, cancel_reason) = outcome(before, status, said);
        let moves = patch.category.is_some() || patch.subcategory.is_some();
        let mut place = arrangement.place(
            patch.category.as_ref().unwrap_or(&before.category).as_deref(),
            patch.subcategory.as_ref().unwrap_or(&before.subcategory).as_deref(),
        );
        let queue_id = patch.queue_id.unwrap_or(before.queue_id);
        let custom_fields = arrangement.change(&place, queue_id, &before.custom_fields.0, &patch.custom_fields)?;
        if done(patch.status) && before.status.is_open() {
            arrangement.check_whole(&place, queue_id, &custom_fields)?;
        }
        if !moves {
            (place.category, place.subcategory) = (before.category.clone(), before.subcategory.clone());
        }
        Ok(Self {
            subject: patch.subject.unwrap_or_else(|| before.subject.clone()),
            status,
            priority: patch.priority.unwrap_or(before.priority),
            assigned_to_id: patch.assigned_to_id.unwrap_or(before.assigned_to_id),
            queue_id,
            category: place.category,
            subcategory: place.subcategory,
            tags: patch.tags.unwrap_or_else(|| before.tags.clone()),
            resolution_note,
            cancel_reason,
            follow_up_at: check_follow_up(patch.follow_up_at, status, now)?.unwrap_or(before.follow_up_at),
            custom_fields,
        })
    }

    /// Finds an assignee in a new queue, if it gives its tickets out; checks one that was chosen.
    async fn assign(&mut self, tx: &mut PgConnection, before: &Locked) -> Result<()> {
        if let Some(queue) = self.queue_id
            && self.queue_id != before.queue_id
            && self.assigned_to_id.is_none()
        {
            self.assigned_to_id = next_assignee(&mut *tx, queue, &self.tags).await?;
        }
        match self.assigned_to_id {
            Some(person) if self.assigned_to_id != before.assigned_to_id => {
                check_works_tickets(tx, person, "assigned_to_id").await
            }
            _ => Ok(()),
        }
    }

    fn changes(&self, before: &Locked, arrangement: &Arrangement) -> Changes {
        let mut changes = Changes::default();
        let (old, new) = (before, self);
        let some = |text: &str| Some(text.to_owned());
        changes.note("SUBJECT_CHANGED", "subject", some(&old.subject), some(&new.subject));
        changes.note("STATUS_CHANGED", "status", some(old.status.as_str()), some(new.status.as_str()));
        changes.note("UPDATED", "resolution_note", old.resolution_note.clone(), new.resolution_note.clone());
        changes.note("UPDATED", "cancel_reason", old.cancel_reason.clone(), new.cancel_reason.clone());
        changes.note("UPDATED", "follow_up_at", text(old.follow_up_at), text(new.follow_up_at));
        changes.note("PRIORITY_CHANGED", "priority", some(old.priority.as_str()), some(new.priority.as_str()));
        changes.note("ASSIGNED", "assigned_to_id", text(old.assigned_to_id), text(new.assigned_to_id));
        changes.note("UPDATED", "queue_id", text(old.queue_id), text(new.queue_id));
        changes.note("UPDATED", "category", old.category.clone(), new.category.clone());
        changes.note("UPDATED", "subcategory", old.subcategory.clone(), new.subcategory.clone());
        changes.note("UPDATED", "tags", Some(old.tags.join(", ")), Some(new.tags.join(", ")));
        for (key, old, new, is_public) in arrangement.changes(&before.custom_fields.0, &self.custom_fields) {
            changes.0.push(Change { action: "UPDATED", field: Cow::Owned(key), old, new, internal: !is_public });
        }
        changes
    }

    async fn write(&self, tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<i32> {
        let version = sqlx::query_scalar!(
            "UPDATE tickets SET
               subject = $2, status = $3, priority = $4, queue_id = $5, category = $6, subcategory = $7, tags = $8,
               resolution_note = $9, cancel_reason = $10, follow_up_at = $11, custom_fields = $12,
               assigned_at = CASE WHEN assigned_to_id IS DISTINCT FROM $13 THEN now() ELSE assigned_at END,
               assigned_by_id = CASE WHEN assigned_to_id IS DISTINCT FROM $13 THEN $14 ELSE assigned_by_id END,
               assigned_to_id = $13,
               resolved_at = CASE WHEN $3 = 'RESOLVED' THEN coalesce(resolved_at, now())
                                  WHEN $3 IN ('NEW','IN_PROGRESS','WAITING') THEN NULL ELSE resolved_at END,
               closed_at = CASE WHEN $3 IN ('CLOSED','CANCELLED') THEN coalesce(closed_at, now()) END,
               updated_by_id = $14,
               version = version + 1
             WHERE id = $1 RETURNING version",
            ticket as _,
            self.subject,
            self.status as _,
            self.priority as _,
            self.queue_id as _,
            self.category,
            self.subcategory,
            &self.tags,
            self.resolution_note,
            self.cancel_reason,
            self.follow_up_at as _,
            serde_json::to_value(&self.custom_fields).map_err(Error::internal)?,
            self.assigned_to_id as _,
            actor.user_id as _,
        )
        .fetch_one(tx)
        .await?;
        Ok(version)
    }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// Brings a ticket that is put off back when its time comes.
async fn return_in_time(tx: &mut PgConnection, ticket: TicketId, at: Option<Timestamp>) -> Result<()> {
    let Some(at) = at else { return Ok(()) };
    let job = json!({ "ticket_id": ticket });
    jobs::enqueue_at(tx, jobs::RETURN_TICKET, &job, &format!("return:{ticket}"), at).await
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
    /// Notes a field's change, if it is one.
    fn note(&mut self, action: &'static str, field: &'static str, old: Option<String>, new: Option<String>) {
        if new != old {
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

/// Locks a ticket, to change which assets it is about in the same transaction: whoever works tickets may, and its
/// requester.
pub(crate) async fn lock_for_assets(tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<()> {
    let locked = lock_visible(tx, actor, ticket).await?;
    locked.check_not_merged()?;
    if !actor.owns(ticket, locked.requester_id) {
        actor.require(Permission::TicketUpdate)?;
    }
    touch(tx, actor, ticket, "assets", false).await
}
