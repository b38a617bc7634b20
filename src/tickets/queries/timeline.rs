//! What was said and done on a ticket, in the version that the actor may see.

use super::visible::visible_tree;
use super::{PAGE_MAX, ticket};
use crate::desk::Desk;
use crate::mail::{Delivery, DeliveryState, RawMailId};
use crate::markdown::{render, render_plain};
use crate::people::{UserId, display_name};
use crate::tickets::{
    Attachment, AttachmentId, Comment, CommentId, HistoryEntry, MergedRequest, TicketId, TicketNumber, TicketSource,
    TimelineEntry,
};
use crate::{Actor, Permission, Result, Timestamp};

/// The most entries a ticket's page shows of its timeline: the newest.
const TIMELINE_MAX: i64 = 500;

/// The comments that may be seen, as replies and, for those who may read them, notes.
pub(super) async fn comments(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    tree: &[TicketId],
    files: &mut Files,
) -> Result<Vec<TimelineEntry>> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.user_id, c.comment, c.is_internal, c.is_from_email, c.created_at,
             u.first_name AS "first_name?", u.last_name AS "last_name?", u.email AS "email?", coalesce(c.author_name, c.author_email, t.requester_name, t.requester_email) AS "unnamed!",
             (SELECT id FROM raw_mails r WHERE r.comment_id = c.id AND $2 LIMIT 1) AS "original?: RawMailId",
             sent.state AS "state?: DeliveryState", sent.last_error AS "said?",
             (SELECT coalesce(array_agg(concat_ws(' ', m.first_name, m.last_name)), '{}') FROM ticket_mentions tm
              JOIN users m ON m.id = tm.user_id WHERE tm.comment_id = c.id) AS "mentions!"
           FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id LEFT JOIN users u ON u.id = c.user_id
           -- Of several readers the one that it did not reach counts.
           LEFT JOIN LATERAL (SELECT state, last_error FROM outbox o WHERE o.comment_id = c.id AND $2
             ORDER BY state IN ('FAILED', 'BOUNCED', 'SUPPRESSED') DESC, state <> 'SENT' DESC LIMIT 1) AS sent ON true
           WHERE c.deleted_at IS NULL AND (NOT c.is_internal OR $2) AND c.id IN (
             SELECT id FROM ticket_comments WHERE ticket_id = ANY($4)
             -- What agents answer after a merge is for the requester of the merged ticket too; what its other
             -- requester says there is not.
             UNION ALL
             SELECT answer.id FROM tickets merged JOIN tickets root ON root.id = ticket_root(merged.id)
             JOIN ticket_comments answer ON answer.ticket_id = root.id
             WHERE merged.id = $1 AND merged.merged_into_id IS NOT NULL AND answer.created_at >= merged.merged_at
               AND NOT answer.is_internal AND answer.user_id IS NOT NULL
               AND answer.user_id IS DISTINCT FROM root.requester_id)
           ORDER BY c.created_at DESC LIMIT $3"#,
        ticket as _,
        actor.can(Permission::NoteRead),
        TIMELINE_MAX,
        tree as _,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let author = match &row.email {
                Some(email) => display_name(row.first_name.as_deref(), row.last_name.as_deref(), email),
                None => row.unnamed,
            };
            let own = take(files, |_, file| file.comment_id == Some(row.id));
            let comment = Comment {
                id: row.id,
                author,
                author_id: row.user_id,
                html: if row.is_from_email { render_plain(&row.comment) } else { render(&row.comment, &row.mentions) },
                is_from_email: row.is_from_email,
                original: row.original,
                delivery: row.state.map(|state| Delivery { state, said: row.said }),
                attachments: own,
                created_at: row.created_at,
            };
            if row.is_internal { TimelineEntry::Note(comment) } else { TimelineEntry::Reply(comment) }
        })
        .collect())
}

/// Files that are still to be put where they belong, each with the ticket it hangs on.
pub(super) type Files = Vec<(TicketId, Attachment)>;

fn take(files: &mut Files, belongs: impl Fn(TicketId, &Attachment) -> bool) -> Vec<Attachment> {
    let (own, rest): (Files, Files) = std::mem::take(files).into_iter().partition(|(id, file)| belongs(*id, file));
    *files = rest;
    own.into_iter().map(|(_, file)| file).collect()
}

/// The files of a ticket and of what was merged into it.
pub(super) async fn attachments_of(desk: &Desk, actor: &Actor, tree: &[TicketId]) -> Result<Files> {
    let rows = sqlx::query!(
        r#"SELECT a.ticket_id AS "ticket_id!: TicketId", a.id AS "id: AttachmentId", a.comment_id AS "comment_id: CommentId",
             a.file_name, a.file_size, a.mime_type, a.created_at AS "created_at: Timestamp"
           FROM ticket_attachments a LEFT JOIN ticket_comments c ON c.id = a.comment_id
           WHERE a.ticket_id = ANY($1) AND c.deleted_at IS NULL
             AND (NOT coalesce(c.is_internal, false) OR $2)
           ORDER BY a.created_at, a.id LIMIT 1000"#,
        tree as _,
        actor.can(Permission::NoteRead),
    )
    .fetch_all(&desk.db)
    .await?;
    let file = |id, comment_id, file_name, file_size, mime_type, created_at| Attachment {
        id,
        comment_id,
        file_name,
        file_size,
        mime_type,
        created_at,
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            (row.ticket_id, file(row.id, row.comment_id, row.file_name, row.file_size, row.mime_type, row.created_at))
        })
        .collect())
}

/// What the tickets asked for that were merged into this one, with their files.
pub(super) async fn merged_requests(
    desk: &Desk,
    ticket: TicketId,
    tree: &[TicketId],
    files: &mut Files,
) -> Result<Vec<Box<MergedRequest>>> {
    let rows = sqlx::query!(
        r#"SELECT t.id AS "id: TicketId", t.ticket_number AS "ticket_number: TicketNumber", t.subject, t.description, t.source AS "source: TicketSource",
             coalesce(t.requester_name, t.requester_email) AS "requester!", t.created_at AS "created_at: Timestamp"
           FROM tickets t WHERE t.id = ANY($2) AND t.id <> $1 ORDER BY t.created_at LIMIT 100"#,
        ticket as _,
        tree as _,
    )
    .fetch_all(&desk.db)
    .await?;
    let requests = rows.into_iter().map(|row| {
        Box::new(MergedRequest {
            ticket_number: row.ticket_number,
            subject: row.subject,
            html: if row.source == TicketSource::Email {
                render_plain(&row.description)
            } else {
                render(&row.description, &[])
            },
            requester: row.requester,
            attachments: take(files, |id, file| id == row.id && file.comment_id.is_none()),
            created_at: row.created_at,
        })
    });
    Ok(requests.collect())
}

/// What changed, with people and queues by their names. Comments stand in the timeline themselves.
pub(super) async fn history(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<Vec<HistoryEntry>> {
    let rows = sqlx::query!(
        r#"SELECT h.action, h.field, h.created_at, h.description, u.first_name AS "first_name?", u.last_name AS "last_name?", u.email AS "email?",
             CASE WHEN h.field = 'assigned_to_id' OR (h.field LIKE 'custom\_fields.%' AND as_uuid(h.old_value) IS NOT NULL)
               THEN (SELECT coalesce(nullif(concat_ws(' ', p.first_name, p.last_name), ''), p.email) FROM users p WHERE p.id = as_uuid(h.old_value))
               WHEN h.field = 'queue_id' THEN (SELECT q.name FROM queues q WHERE q.id = as_uuid(h.old_value)) ELSE h.old_value END AS old_value,
             CASE WHEN h.field = 'assigned_to_id' OR (h.field LIKE 'custom\_fields.%' AND as_uuid(h.new_value) IS NOT NULL)
               THEN (SELECT coalesce(nullif(concat_ws(' ', p.first_name, p.last_name), ''), p.email) FROM users p WHERE p.id = as_uuid(h.new_value))
               WHEN h.field = 'queue_id' THEN (SELECT q.name FROM queues q WHERE q.id = as_uuid(h.new_value)) ELSE h.new_value END AS new_value
           FROM ticket_history h LEFT JOIN users u ON u.id = h.user_id
           WHERE h.ticket_id = $1 AND h.action <> 'COMMENT_ADDED' AND (NOT h.is_internal OR $3)
           ORDER BY h.created_at DESC LIMIT $2"#,
        ticket as _,
        TIMELINE_MAX,
        actor.can(Permission::NoteRead),
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| HistoryEntry {
            author: match (row.email.as_deref(), row.description) {
                (Some(email), _) => display_name(row.first_name.as_deref(), row.last_name.as_deref(), email),
                // Which rule it was is the desk's own business.
                (None, Some(rule)) if actor.can(Permission::NoteRead) => format!("Rule “{rule}”"),
                (None, _) => "Oxdesk".to_owned(),
            },
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
    let files = attachments_of(desk, actor, &visible_tree(desk, actor, id).await?).await?;
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

impl TimelineEntry {
    pub fn created_at(&self) -> Timestamp {
        match self {
            Self::Reply(comment) | Self::Note(comment) => comment.created_at,
            Self::Event(entry) => entry.created_at,
            Self::Merged(request) => request.created_at,
        }
    }
}
