//! What was said and done on a ticket, in the version that the actor may see.

use super::{PAGE_MAX, ticket};
use crate::desk::Desk;
use crate::people::{UserId, display_name};
use crate::tickets::{Attachment, Comment, CommentId, HistoryEntry, TicketId, TimelineEntry};
use crate::{Actor, Permission, Result, Timestamp};

/// The most entries a ticket's page shows of its timeline: the newest.
const TIMELINE_MAX: i64 = 500;

/// The comments that may be seen, as replies and, for those who may read them, notes.
pub(super) async fn comments(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    internal: bool,
    files: &mut Vec<Attachment>,
) -> Result<Vec<TimelineEntry>> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.user_id, c.comment, c.is_internal, c.is_from_email, c.created_at,
             u.first_name AS "first_name?", u.last_name AS "last_name?", u.email AS "email?", t.requester_name, t.requester_email
           FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id LEFT JOIN users u ON u.id = c.user_id
           WHERE c.ticket_id = $1 AND c.deleted_at IS NULL AND (NOT c.is_internal OR $2)
           ORDER BY c.created_at DESC LIMIT $3"#,
        ticket as _,
        internal && actor.can(Permission::NoteRead),
        TIMELINE_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let author = match &row.email {
                Some(email) => display_name(row.first_name.as_deref(), row.last_name.as_deref(), email),
                None => row.requester_name.unwrap_or(row.requester_email),
            };
            let (own, rest) = std::mem::take(files).into_iter().partition(|file| file.comment_id == Some(row.id));
            *files = rest;
            let comment = Comment {
                id: row.id,
                author,
                author_id: row.user_id,
                body: row.comment,
                is_from_email: row.is_from_email,
                attachments: own,
                created_at: row.created_at,
            };
            if row.is_internal { TimelineEntry::Note(comment) } else { TimelineEntry::Reply(comment) }
        })
        .collect())
}

pub(super) async fn attachments_of(desk: &Desk, ticket: TicketId, internal: bool) -> Result<Vec<Attachment>> {
    let files = sqlx::query_as!(
        Attachment,
        r#"SELECT a.id, a.comment_id, a.file_name, a.file_size, a.mime_type, a.created_at
           FROM ticket_attachments a LEFT JOIN ticket_comments c ON c.id = a.comment_id
           WHERE a.ticket_id = $1 AND c.deleted_at IS NULL AND (NOT coalesce(c.is_internal, false) OR $2)
           ORDER BY a.created_at, a.id LIMIT 1000"#,
        ticket as _,
        internal,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(files)
}

/// What changed, with people and queues by their names. Comments stand in the timeline themselves.
pub(super) async fn history(desk: &Desk, ticket: TicketId) -> Result<Vec<HistoryEntry>> {
    let rows = sqlx::query!(
        r#"SELECT h.action, h.field, h.created_at, u.first_name AS "first_name?", u.last_name AS "last_name?", u.email AS "email?",
             CASE h.field
               WHEN 'assigned_to_id' THEN (SELECT coalesce(nullif(concat_ws(' ', p.first_name, p.last_name), ''), p.email) FROM users p WHERE p.id::text = h.old_value)
               WHEN 'queue_id' THEN (SELECT q.name FROM queues q WHERE q.id::text = h.old_value) ELSE h.old_value END AS old_value,
             CASE h.field
               WHEN 'assigned_to_id' THEN (SELECT coalesce(nullif(concat_ws(' ', p.first_name, p.last_name), ''), p.email) FROM users p WHERE p.id::text = h.new_value)
               WHEN 'queue_id' THEN (SELECT q.name FROM queues q WHERE q.id::text = h.new_value) ELSE h.new_value END AS new_value
           FROM ticket_history h LEFT JOIN users u ON u.id = h.user_id
           WHERE h.ticket_id = $1 AND h.action <> 'COMMENT_ADDED' AND NOT h.is_internal
           ORDER BY h.created_at DESC LIMIT $2"#,
        ticket as _,
        TIMELINE_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| HistoryEntry {
            author: row.email.as_deref().map_or("Oxdesk".to_owned(), |email| {
                display_name(row.first_name.as_deref(), row.last_name.as_deref(), email)
            }),
            action: row.action,
            field: row.field,
            old_value: row.old_value,
            new_value: row.new_value,
            created_at: row.created_at,
        })
        .collect())
}

/// Comments in the order they were written, after the one named, for the API.
pub async fn list_comments(
    desk: &Desk,
    actor: &Actor,
    id: TicketId,
    after: Option<CommentId>,
    limit: i64,
) -> Result<Vec<ApiComment>> {
    ticket(desk, actor, id).await?;
    let comments = sqlx::query_as!(
        ApiComment,
        "SELECT id, user_id, comment, is_internal, is_from_email, message_id, created_at FROM ticket_comments
         WHERE ticket_id = $1 AND deleted_at IS NULL AND (NOT is_internal OR $2) AND ($3::uuid IS NULL OR id > $3)
         ORDER BY id LIMIT $4",
        id as _,
        actor.can(Permission::NoteRead),
        after.map(|comment| comment.0),
        limit.clamp(1, PAGE_MAX + 1),
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(comments)
}

/// A comment with the specification's field names. Rows with `is_internal` are only ever read for those who may.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ApiComment {
    pub id: CommentId,
    pub user_id: Option<UserId>,
    pub comment: String,
    pub is_internal: bool,
    pub is_from_email: bool,
    pub message_id: Option<String>,
    pub created_at: Timestamp,
}

/// A ticket's files, those of notes only for those who may read notes.
pub async fn list_attachments(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<Attachment>> {
    ticket(desk, actor, id).await?;
    attachments_of(desk, id, actor.can(Permission::NoteRead)).await
}

impl TimelineEntry {
    pub fn created_at(&self) -> Timestamp {
        match self {
            Self::Reply(comment) | Self::Note(comment) => comment.created_at,
            Self::Event(entry) => entry.created_at,
        }
    }
}
