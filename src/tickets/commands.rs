//! What changes tickets. Each command checks the actor, validates, writes and records the event in one transaction.

use super::queries::lock_visible;
use super::rules::{self, check_transition, status_after_reply};
use super::{
    CommentId, IncomingFile, InternalNote, NewTicket, PublicReply, TicketId, TicketNumber, TicketPatch, TicketStatus,
    attachments,
};
use crate::desk::Desk;
use crate::events::{self, NewEvent};
use crate::mail::outbox::{self, Mail};
use crate::people::UserId;
use crate::people::throttle::{self, ANONYMOUS_FORM, ANONYMOUS_UPLOAD};
use crate::{Actor, EmailAddress, Error, Origin, Permission, Result};
use serde_json::json;
use sqlx::PgConnection;

/// A ticket that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    pub id: TicketId,
    pub ticket_number: TicketNumber,
}

/// Counts a stranger's form before it is read. RateLimited when too many came from the address in the last hour.
pub async fn admit_form(desk: &Desk, actor: &Actor) -> Result<()> {
    match (&actor.origin, &actor.address) {
        (Origin::Anonymous, Some(address)) => {
            throttle::count(&desk.db, &format!("form:{address}"), ANONYMOUS_UPLOAD).await
        }
        _ => Ok(()),
    }
}

/// Makes a ticket, with its files. Strangers may too, through the public form, a limited number an hour and address;
/// whoever does not work tickets makes them for themselves only.
pub async fn create_ticket(
    desk: &Desk,
    actor: &Actor,
    mut new: NewTicket,
    mut files: Vec<IncomingFile>,
) -> Result<Created> {
    if actor.origin == Origin::Anonymous {
        if let Some(address) = &actor.address {
            throttle::count(&desk.db, &format!("ticket:{address}"), ANONYMOUS_FORM).await?;
        }
    } else {
        actor.require(Permission::TicketCreate)?;
    }
    if !actor.can(Permission::TicketUpdate) {
        // A requester does not choose the queue, and asks in their own name.
        new.queue_id = None;
        if let Some(email) = &actor.email {
            new.requester_email = email.clone();
            new.requester_name = Some(actor.name.clone());
        }
    }
    let kept = attachments::keep_all(desk, &mut files).await?;
    let result = insert_ticket(desk, actor, &new, &kept).await;
    kept.settle(desk, result).await
}

async fn insert_ticket(desk: &Desk, actor: &Actor, new: &NewTicket, files: &attachments::Kept) -> Result<Created> {
    // Whoever is signed in sees what they sent themselves.
    let own = actor.user_id.filter(|_| actor.email.as_ref() == Some(&new.requester_email));
    let mut tx = desk.db.begin().await?;
    // Only a confirmed address: whoever merely registered someone's address must not see what comes from it. The
    // rest follows when the address is confirmed.
    let requester = sqlx::query!(
        "SELECT id, organisation_id FROM users
         WHERE lower(email) = $1 AND deleted_at IS NULL AND (email_verified OR id = $2)",
        new.requester_email.as_str(),
        own as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    // The number comes with the row: its counter stays locked from here to the commit, so little happens after.
    let row = sqlx::query!(
        "INSERT INTO tickets (ticket_number, subject, description, priority, source, category, subcategory, tags,
           queue_id, requester_email, requester_name, requester_id, organisation_id, created_by_id, updated_by_id)
         VALUES (next_number('TKT'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
         RETURNING id, ticket_number",
        new.subject,
        new.description,
        new.priority as _,
        new.source as _,
        new.category,
        new.subcategory,
        &new.tags,
        new.queue_id as _,
        new.requester_email.as_str(),
        new.requester_name,
        requester.as_ref().map(|person| person.id) as _,
        requester.as_ref().and_then(|person| person.organisation_id),
        actor.user_id as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    files.attach(&mut tx, actor, row.id, None).await?;
    write_history(&mut tx, actor, row.id, "CREATED", None, None, None).await?;
    record(&mut tx, actor, row.id, "ticket.created", false, json!({})).await?;
    let mail = Mail {
        subject: format!("[{}] {}", row.ticket_number, new.subject),
        body: format!(
            "Hello,\n\nwe have your request and will answer as soon as we can.\n\nFollow it here:\n{}/portal/requests/{}\n",
            desk.base_url, row.ticket_number
        ),
    };
    outbox::queue(&mut tx, &new.requester_email, &mail, &format!("created:{}", row.id), Some(row.id)).await?;
    tx.commit().await?;
    Ok(Created { id: row.id, ticket_number: row.ticket_number })
}

/// Answers in public. The requester's answer goes to the assignee, an agent's to the requester by mail too; the
/// status follows whose turn it is.
pub async fn add_reply(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    reply: PublicReply,
    mut files: Vec<IncomingFile>,
) -> Result<CommentId> {
    if !actor.can(Permission::TicketReply) {
        actor.require(Permission::TicketReplyOwn)?;
    }
    let kept = attachments::keep_all(desk, &mut files).await?;
    let result = insert_reply(desk, actor, ticket, &reply, &kept).await;
    kept.settle(desk, result).await
}

async fn insert_reply(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    reply: &PublicReply,
    files: &attachments::Kept,
) -> Result<CommentId> {
    let mut tx = desk.db.begin().await?;
    let locked = lock_visible(&mut tx, actor, ticket).await?;
    let by_requester = actor.user_id.is_some() && actor.user_id == locked.requester_id;
    let by_agent = actor.can(Permission::TicketReply) && !by_requester;
    if !by_agent && !by_requester {
        return Err(Error::Forbidden);
    }
    if matches!(locked.status, TicketStatus::Closed | TicketStatus::Cancelled) && by_requester {
        return Err(Error::invalid("comment", "This request is closed. Please send a new one."));
    }
    let comment = insert_comment(&mut tx, actor, ticket, reply.body(), false).await?;
    files.attach(&mut tx, actor, ticket, Some(comment)).await?;
    let status = status_after_reply(locked.status, by_agent);
    sqlx::query!(
        "UPDATE tickets SET status = $2, version = version + 1, updated_by_id = $3,
           first_response_at = CASE WHEN $4 THEN coalesce(first_response_at, now()) ELSE first_response_at END,
           resolved_at = CASE WHEN $2 = 'RESOLVED' THEN resolved_at END
         WHERE id = $1",
        ticket as _,
        status as _,
        actor.user_id as _,
        by_agent,
    )
    .execute(&mut *tx)
    .await?;
    write_history(&mut tx, actor, ticket, "COMMENT_ADDED", None, None, None).await?;
    if status != locked.status {
        let (old, new) = (locked.status.as_str(), status.as_str());
        write_history(&mut tx, actor, ticket, "STATUS_CHANGED", Some("status"), Some(old), Some(new)).await?;
    }
    record(&mut tx, actor, ticket, "ticket.replied", false, json!({ "comment_id": comment })).await?;
    if by_agent && let Ok(to) = locked.requester_email.parse::<EmailAddress>() {
        let mail = Mail {
            subject: format!("Re: [{}] {}", locked.ticket_number, locked.subject),
            body: format!("{}\n\n{}/portal/requests/{}\n", reply.body(), desk.base_url, locked.ticket_number),
        };
        outbox::queue(&mut tx, &to, &mail, &format!("reply:{comment}"), Some(ticket)).await?;
    }
    tx.commit().await?;
    Ok(comment)
}

/// Writes a note that only those with `note.read` will ever see. No mail, and nothing in the requester's history.
pub async fn add_note(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    note: InternalNote,
    mut files: Vec<IncomingFile>,
) -> Result<CommentId> {
    actor.require(Permission::NoteWrite)?;
    let kept = attachments::keep_all(desk, &mut files).await?;
    let result = insert_note(desk, actor, ticket, &note, &kept).await;
    kept.settle(desk, result).await
}

async fn insert_note(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    note: &InternalNote,
    files: &attachments::Kept,
) -> Result<CommentId> {
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let comment = insert_comment(&mut tx, actor, ticket, note.body(), true).await?;
    files.attach(&mut tx, actor, ticket, Some(comment)).await?;
    record(&mut tx, actor, ticket, "ticket.noted", true, json!({ "comment_id": comment })).await?;
    tx.commit().await?;
    Ok(comment)
}

/// Changes fields. `version` is the one the actor saw: if the ticket has changed since, nothing is written and the
/// answer is a conflict.
pub async fn update_ticket(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    version: i32,
    patch: TicketPatch,
) -> Result<i32> {
    actor.require(Permission::TicketUpdate)?;
    if patch.assigned_to_id.is_some() {
        actor.require(Permission::TicketAssign)?;
    }
    let subject = patch.subject.map(|text| crate::bounded("subject", &text, super::SUBJECT_MAX)).transpose()?;
    let tags = patch.tags.map(|tags| rules::check_tags(&tags)).transpose()?;
    let category = patch.category.map(|text| crate::optional("category", text.as_deref(), 100)).transpose()?;
    let subcategory = patch.subcategory.map(|text| crate::optional("subcategory", text.as_deref(), 100)).transpose()?;

    let mut tx = desk.db.begin().await?;
    let before = lock_visible(&mut tx, actor, ticket).await?;
    if before.version != version {
        return Err(Error::Conflict { current: before.version });
    }
    if let Some(status) = patch.status {
        check_transition(before.status, status)?;
    }
    if let Some(Some(person)) = patch.assigned_to_id {
        check_assignable(&mut tx, person).await?;
    }
    let mut changes = Changes::default();
    changes.note("SUBJECT_CHANGED", "subject", Some(before.subject.clone()), subject.clone().map(Some));
    let status = patch.status.map(|status| Some(status.to_string()));
    changes.note("STATUS_CHANGED", "status", Some(before.status.to_string()), status);
    let priority = patch.priority.map(|priority| Some(priority.to_string()));
    changes.note("PRIORITY_CHANGED", "priority", Some(before.priority.to_string()), priority);
    let assignee = patch.assigned_to_id.map(|person| person.map(|person| person.to_string()));
    changes.note("ASSIGNED", "assigned_to_id", before.assigned_to_id.map(|person| person.to_string()), assignee);
    let queue = patch.queue_id.map(|queue| queue.map(|queue| queue.to_string()));
    changes.note("UPDATED", "queue_id", before.queue_id.map(|queue| queue.to_string()), queue);
    changes.note("UPDATED", "category", before.category.clone(), category.clone());
    changes.note("UPDATED", "subcategory", before.subcategory.clone(), subcategory.clone());
    changes.note("UPDATED", "tags", Some(before.tags.join(", ")), tags.as_ref().map(|tags| Some(tags.join(", "))));
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
           updated_by_id = $6,
           version = version + 1
         WHERE id = $1 RETURNING version",
        ticket as _,
        subject,
        patch.priority as _,
        patch.assigned_to_id.is_some(),
        patch.assigned_to_id.flatten() as _,
        actor.user_id as _,
        patch.queue_id.is_some(),
        patch.queue_id.flatten() as _,
        tags as _,
        patch.status as _,
        category.is_some(),
        category.flatten(),
        subcategory.is_some(),
        subcategory.flatten(),
    )
    .fetch_one(&mut *tx)
    .await?;
    for change in &changes.0 {
        let (old, new) = (change.old.as_deref(), change.new.as_deref());
        write_history(&mut tx, actor, ticket, change.action, Some(change.field), old, new).await?;
    }
    let fields: Vec<_> = changes.0.iter().map(|change| change.field).collect();
    record(&mut tx, actor, ticket, "ticket.updated", false, json!({ "fields": fields })).await?;
    tx.commit().await?;
    Ok(version)
}

/// Hands someone the tickets that came from their confirmed address before they had an account.
pub(crate) async fn claim_tickets(tx: &mut PgConnection, user: UserId, email: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE tickets SET requester_id = $1,
           organisation_id = coalesce(organisation_id, (SELECT organisation_id FROM users WHERE id = $1))
         WHERE lower(requester_email) = lower($2) AND requester_id IS NULL",
        user as _,
        email
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Changes(Vec<Change>);

struct Change {
    action: &'static str,
    field: &'static str,
    old: Option<String>,
    new: Option<String>,
}

impl Changes {
    /// Notes a field's change; `new` is `None` when the patch leaves it alone.
    fn note(&mut self, action: &'static str, field: &'static str, old: Option<String>, new: Option<Option<String>>) {
        if let Some(new) = new
            && new != old
        {
            self.0.push(Change { action, field, old, new });
        }
    }
}

async fn check_assignable(tx: &mut PgConnection, person: UserId) -> Result<()> {
    let works = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
           WHERE u.id = $1 AND u.active AND u.deleted_at IS NULL
             AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all']) AS "works!""#,
        person as _
    )
    .fetch_one(tx)
    .await?;
    if works { Ok(()) } else { Err(Error::invalid("assigned_to_id", "This person does not work tickets.")) }
}

async fn insert_comment(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    body: &str,
    internal: bool,
) -> Result<CommentId> {
    let id = sqlx::query_scalar!(
        "INSERT INTO ticket_comments (ticket_id, user_id, comment, is_internal) VALUES ($1, $2, $3, $4) RETURNING id",
        ticket as _,
        actor.user_id as _,
        body,
        internal,
    )
    .fetch_one(tx)
    .await?;
    Ok(id)
}

async fn write_history(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    action: &str,
    field: Option<&str>,
    old: Option<&str>,
    new: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ticket_history (ticket_id, user_id, action, field, old_value, new_value) VALUES ($1, $2, $3, $4, $5, $6)",
        ticket as _,
        actor.user_id as _,
        action,
        field,
        old,
        new,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn record(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket_id: TicketId,
    kind: &'static str,
    is_internal: bool,
    data: serde_json::Value,
) -> Result<()> {
    events::record(tx, actor, NewEvent { kind, ticket_id, is_internal, data }).await?;
    Ok(())
}

/// Notes in the ticket's event log that files were added to it.
pub(super) async fn record_attached(tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<()> {
    sqlx::query!(
        "UPDATE tickets SET version = version + 1, updated_by_id = $2 WHERE id = $1",
        ticket as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    record(tx, actor, ticket, "ticket.updated", false, json!({ "fields": ["attachments"] })).await
}
