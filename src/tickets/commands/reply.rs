//! Saying something on a ticket: to the requester, or among agents.

use super::arrangement::Arrangement;
use super::{History, record, write_history};
use crate::desk::Desk;
use crate::mail::outbox::{self, Mail};
use crate::mail::templates::{self, TemplateName};
use crate::people::UserId;
use crate::tickets::guest::requester_address;
use crate::tickets::queries::{Locked, lock_root, lock_visible};
use crate::tickets::rules::{Side, StatusChange, check_transition, mentioned, status_after_reply};
use crate::tickets::{
    CommentId, IncomingFile, InternalNote, OutgoingId, PublicReply, REASON_MAX, RESOLUTION_MAX, TicketId, TicketStatus,
    WATCHERS_MAX, attachments,
};
use crate::{Actor, EmailAddress, Error, Permission, Result, Timestamp};
use serde_json::json;
use sqlx::PgConnection;

/// Answers in public. The requester's answer goes to the assignee, an agent's by mail to the requester and those in
/// copy; the status becomes `then`, or follows whose turn it is.
pub async fn add_reply(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    reply: PublicReply,
    then: Option<TicketStatus>,
    mut files: Vec<IncomingFile>,
) -> Result<CommentId> {
    if !actor.can(Permission::TicketReply) {
        actor.require(Permission::TicketReplyOwn)?;
    }
    let kept = attachments::keep_all(desk, &mut files).await?;
    let result = insert_reply(desk, actor, ticket, &reply, then, &kept, None).await;
    kept.settle(desk, result).await
}

/// `outgoing` is the waiting reply that this one is: whoever takes its row first, sender or writer, has it.
pub(super) async fn insert_reply(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    reply: &PublicReply,
    then: Option<TicketStatus>,
    files: &attachments::Kept,
    outgoing: Option<OutgoingId>,
) -> Result<CommentId> {
    let ends = matches!(then, Some(TicketStatus::Resolved | TicketStatus::Closed));
    let arrangement = if ends { Some(Arrangement::read(desk, actor).await?) } else { None };
    let ends_draft = outgoing.is_none();
    let reply = NewReply { body: reply.clone(), then, arrangement, is_automatic: false, ends_draft };
    let mut tx = desk.db.begin().await?;
    if let Some(id) = outgoing {
        let taken = sqlx::query!("DELETE FROM outgoing_replies WHERE id = $1", id as _).execute(&mut *tx).await?;
        if taken.rows_affected() == 0 {
            return Err(Error::NotFound);
        }
    }
    let comment = write_reply(desk, &mut tx, actor, ticket, &reply, files).await?;
    tx.commit().await?;
    Ok(comment)
}

/// A reply on its way into a ticket.
pub(crate) struct NewReply {
    pub body: PublicReply,
    /// The status that it brings; else, whose turn it is says so.
    pub then: Option<TicketStatus>,
    /// Needed where it may end a ticket: read before the transaction begins.
    pub(super) arrangement: Option<Arrangement>,
    /// A machine wrote it: nothing answers it by itself.
    pub is_automatic: bool,
    /// Its writer had it as a draft.
    pub(super) ends_draft: bool,
}

impl NewReply {
    pub fn public(body: PublicReply) -> Self {
        Self { body, then: None, arrangement: None, is_automatic: false, ends_draft: false }
    }
}

/// Writes a reply in the caller's transaction, with everything that follows from it.
pub(crate) async fn write_reply(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    reply: &NewReply,
    files: &attachments::Kept,
) -> Result<CommentId> {
    let (ticket, locked) = lock_where_said(&mut *tx, actor, ticket).await?;
    let side = locked.side(actor)?;
    // A merged request goes on elsewhere: what its requester says is kept with it, and its status is that one's.
    let (worked, state) = match locked.merged_into_id {
        Some(_) => lock_root(&mut *tx, ticket).await?,
        None => (ticket, locked),
    };
    if matches!(state.status, TicketStatus::Closed | TicketStatus::Cancelled) && side == Side::Requester {
        return Err(Error::invalid("comment", "This request is closed. Please send a new one."));
    }
    if let Some(arrangement) = reply.arrangement.as_ref().filter(|_| side == Side::Agent && state.status.is_open()) {
        arrangement.check_locked(&state)?;
    }
    let comment = insert_comment(&mut *tx, actor, ticket, reply.body.body(), false).await?;
    files.attach(&mut *tx, actor, ticket, Some(comment)).await?;
    write_history(&mut *tx, actor, ticket, History::done("COMMENT_ADDED")).await?;
    if side == Side::Agent {
        note_mentions(&mut *tx, actor, ticket, comment, reply.body.body()).await?;
    }
    apply_reply(&mut *tx, actor, worked, &state, side, &reply.body, reply.then).await?;
    if reply.ends_draft {
        forget_draft(&mut *tx, actor, ticket, false).await?;
    }
    let data = match reply.is_automatic {
        true => json!({ "comment_id": comment, "is_automatic": true }),
        false => json!({ "comment_id": comment }),
    };
    record(&mut *tx, actor, worked, "ticket.replied", false, data.clone()).await?;
    if worked != ticket {
        record(&mut *tx, actor, ticket, "ticket.replied", false, data).await?;
    }
    if side == Side::Agent {
        mail_reply(desk, tx, worked, &reply.body, comment).await?;
    }
    Ok(comment)
}

/// Agents answer where a merged ticket went; its requester goes on writing to their own.
async fn lock_where_said(tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<(TicketId, Locked)> {
    let locked = lock_visible(&mut *tx, actor, ticket).await?;
    if locked.merged_into_id.is_some() && locked.side(actor)? == Side::Agent {
        let (root, _) = lock_root(&mut *tx, ticket).await?;
        return Ok((root, lock_visible(tx, actor, root).await?));
    }
    Ok((ticket, locked))
}

async fn apply_reply(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    before: &Locked,
    side: Side,
    reply: &PublicReply,
    then: Option<TicketStatus>,
) -> Result<()> {
    let status = then.unwrap_or_else(|| status_after_reply(before.status, side));
    // Whoever answers has said what solved it, or why it is not done.
    let beginning = |max: usize| Some(reply.body().chars().take(max).collect());
    let said = StatusChange { resolution_note: beginning(RESOLUTION_MAX), cancel_reason: beginning(REASON_MAX) };
    check_transition(before.status, status, side, &said, before.closed_at, Timestamp::now())?;
    let changed = status != before.status;
    sqlx::query!(
        "UPDATE tickets SET status = $2, version = version + 1, updated_by_id = $3,
           first_response_at = CASE WHEN $4 THEN coalesce(first_response_at, now()) ELSE first_response_at END,
           resolved_at = CASE WHEN $2 IN ('RESOLVED','CLOSED') THEN coalesce(resolved_at, now()) END,
           closed_at = CASE WHEN $2 IN ('CLOSED','CANCELLED') THEN coalesce(closed_at, now()) END,
           resolution_note = CASE WHEN $5 AND $2 IN ('RESOLVED','CLOSED') THEN $6
                                  WHEN $2 IN ('RESOLVED','CLOSED') THEN resolution_note END,
           cancel_reason = CASE WHEN $5 AND $2 = 'CANCELLED' THEN $7 WHEN $2 = 'CANCELLED' THEN cancel_reason END,
           -- Since when whoever asks waits for the next answer.
           waits_since = CASE WHEN NOT $4 AND $2 IN ('NEW','IN_PROGRESS','WAITING') THEN coalesce(waits_since, now()) END,
           -- An answer brings back what was put off.
           follow_up_at = CASE WHEN $4 AND $2 IN ('NEW','IN_PROGRESS','WAITING') THEN follow_up_at END
         WHERE id = $1",
        ticket as _,
        status as _,
        actor.user_id as _,
        side == Side::Agent,
        changed,
        said.resolution_note,
        said.cancel_reason,
    )
    .execute(&mut *tx)
    .await?;
    if changed {
        let (old, new) = (before.status.as_str(), status.as_str());
        write_history(tx, actor, ticket, History::of("STATUS_CHANGED", "status", Some(old), Some(new))).await?;
    }
    Ok(())
}

/// Sends an agent's reply to the requester, to the requesters of what was merged into the ticket, each under their
/// own number, and to those in copy.
async fn mail_reply(
    desk: &Desk,
    tx: &mut PgConnection,
    ticket: TicketId,
    reply: &PublicReply,
    comment: CommentId,
) -> Result<()> {
    let readers = sqlx::query!(
        r#"SELECT DISTINCT ON (lower(reader.email)) reader.email AS "email!", reader.rank = 0 AS "requests!", t.id,
             t.ticket_number, t.subject
           FROM tickets t CROSS JOIN LATERAL (
             SELECT t.requester_email AS email, 0 AS rank
             UNION ALL SELECT c.email, 1 FROM ticket_ccs c WHERE c.ticket_id = t.id) AS reader
           WHERE t.id IN (SELECT ticket_tree($1))
           ORDER BY lower(reader.email), t.id <> $1, reader.rank"#,
        ticket as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let writer = sqlx::query!(
        r#"SELECT nullif(concat_ws(' ', u.first_name, u.last_name), '') AS name, u.signature FROM ticket_comments c
           JOIN users u ON u.id = c.user_id WHERE c.id = $1"#,
        comment as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    let (name, signature) = writer.map_or((None, None), |writer| (writer.name, writer.signature));
    let template = templates::queries::template(&mut *tx, TemplateName::Reply).await?;
    for reader in readers {
        let Ok(to) = reader.email.parse::<EmailAddress>() else { continue };
        // Those in copy read what is said; the ticket itself is its requester's.
        let address = if reader.requests { requester_address(desk, &mut *tx, reader.id).await? } else { String::new() };
        let values = json!({
            "text": reply.body(),
            "agent": { "name": name, "signature": signature },
            "ticket": { "number": reader.ticket_number, "subject": reader.subject },
            "link": address,
            "desk": { "link": &*desk.base_url },
        });
        let mail = Mail { comment: Some(comment), ..templates::render(&template, &values)?.into() };
        outbox::queue(&mut *tx, &to, &mail, &format!("reply:{comment}"), Some(reader.id)).await?;
    }
    Ok(())
}

/// Sends what a rule writes to the requester alone.
pub(super) async fn mail_automatic(
    desk: &Desk,
    tx: &mut PgConnection,
    ticket: TicketId,
    reply: &PublicReply,
    key: &str,
) -> Result<()> {
    let reader = sqlx::query!("SELECT requester_email, ticket_number, subject FROM tickets WHERE id = $1", ticket as _)
        .fetch_one(&mut *tx)
        .await?;
    let Ok(to) = reader.requester_email.parse::<EmailAddress>() else { return Ok(()) };
    let values = json!({
        "text": reply.body(),
        "agent": { "name": null, "signature": null },
        "ticket": { "number": reader.ticket_number, "subject": reader.subject },
        "link": requester_address(desk, &mut *tx, ticket).await?,
        "desk": { "link": &*desk.base_url },
    });
    let mail = Mail::from(templates::queries::write(&mut *tx, TemplateName::Reply, &values).await?);
    outbox::queue(tx, &to, &mail, key, Some(ticket)).await
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
    let comment = write_note(&mut tx, actor, ticket, note, files).await?;
    forget_draft(&mut tx, actor, ticket, true).await?;
    tx.commit().await?;
    Ok(comment)
}

/// Writes a note in the caller's transaction.
pub(crate) async fn write_note(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    note: &InternalNote,
    files: &attachments::Kept,
) -> Result<CommentId> {
    actor.require(Permission::NoteWrite)?;
    lock_visible(&mut *tx, actor, ticket).await?;
    let (ticket, _) = lock_root(&mut *tx, ticket).await?;
    lock_visible(&mut *tx, actor, ticket).await?;
    let comment = insert_comment(&mut *tx, actor, ticket, note.body(), true).await?;
    files.attach(&mut *tx, actor, ticket, Some(comment)).await?;
    note_mentions(&mut *tx, actor, ticket, comment, note.body()).await?;
    record(tx, actor, ticket, "ticket.noted", true, json!({ "comment_id": comment })).await?;
    Ok(comment)
}

pub(super) async fn insert_comment(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    body: &str,
    internal: bool,
) -> Result<CommentId> {
    let id = sqlx::query_scalar!(
        "INSERT INTO ticket_comments (ticket_id, user_id, comment, is_internal, author_name) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        ticket as _,
        actor.user_id as _,
        body,
        internal,
        actor.rule_name(),
    )
    .fetch_one(tx)
    .await?;
    Ok(id)
}

/// Whoever is named after an `@` watches the ticket from now on, and hears that they were mentioned.
async fn note_mentions(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket: TicketId,
    comment: CommentId,
    body: &str,
) -> Result<()> {
    if !body.contains('@') {
        return Ok(());
    }
    let named = sqlx::query!(
        r#"SELECT u.id AS "id: UserId", lower(concat_ws(' ', u.first_name, u.last_name)) AS "name!" FROM users u
           WHERE u.active AND u.deleted_at IS NULL AND concat_ws(' ', u.first_name, u.last_name) <> ''
             AND strpos(lower($1), '@' || lower(concat_ws(' ', u.first_name, u.last_name))) > 0
             AND EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id
               AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all'])
           LIMIT 200"#,
        body
    )
    .fetch_all(&mut *tx)
    .await?;
    let names: Vec<_> = named.iter().map(|person| person.name.as_str()).collect();
    let mentioned = mentioned(body, &names);
    let people: Vec<UserId> =
        named.iter().filter(|person| mentioned.contains(&person.name.as_str())).map(|person| person.id).collect();
    sqlx::query!(
        "INSERT INTO ticket_mentions (comment_id, user_id) SELECT $1, * FROM unnest($2::uuid[])",
        comment as _,
        &people as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO ticket_watchers (ticket_id, user_id, added_by_id)
         SELECT $1, person, $3 FROM unnest($2::uuid[]) AS person
         LIMIT greatest(0, $4 - (SELECT count(*) FROM ticket_watchers WHERE ticket_id = $1)) ON CONFLICT DO NOTHING",
        ticket as _,
        &people as _,
        actor.user_id as _,
        WATCHERS_MAX,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What was sent is no draft any more.
pub(super) async fn forget_draft(tx: &mut PgConnection, actor: &Actor, ticket: TicketId, internal: bool) -> Result<()> {
    sqlx::query!(
        "DELETE FROM ticket_drafts WHERE ticket_id = $1 AND user_id = $2 AND is_internal = $3",
        ticket as _,
        actor.user_id as _,
        internal,
    )
    .execute(tx)
    .await?;
    Ok(())
}
