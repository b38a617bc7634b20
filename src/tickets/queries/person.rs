//! What a person asked and said, for them to take along.

use crate::Result;
use crate::people::{Kept, UserId};
use sqlx::PgPool;
use uuid::Uuid;

/// Their tickets, with what was said on them that they may read.
pub(crate) async fn tickets_of_person(db: &PgPool, user: UserId, after: Uuid, limit: i64) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as!(
        Kept,
        r#"SELECT t.id AS "id: _", jsonb_build_object('number', t.ticket_number, 'subject', t.subject, 'description', t.description,
             'status', t.status, 'priority', t.priority, 'source', t.source, 'category', t.category, 'subcategory', t.subcategory,
             'custom_fields', t.custom_fields, 'requester_email', t.requester_email, 'requester_name', t.requester_name,
             'resolution_note', t.resolution_note, 'created_at', t.created_at, 'resolved_at', t.resolved_at, 'closed_at', t.closed_at,
             'said', (SELECT coalesce(jsonb_agg(jsonb_build_object('by', CASE WHEN c.user_id = $1 THEN 'you' ELSE 'service desk' END,
                'text', c.comment, 'at', c.created_at) ORDER BY c.created_at, c.id), '[]')
                FROM ticket_comments c WHERE c.ticket_id = t.id AND NOT c.is_internal AND c.deleted_at IS NULL),
             'files', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.file_name, 'bytes', a.file_size, 'at', a.created_at)
                ORDER BY a.created_at, a.id), '[]') FROM ticket_attachments a LEFT JOIN ticket_comments c ON c.id = a.comment_id
                WHERE a.ticket_id = t.id AND NOT coalesce(c.is_internal, false) AND c.deleted_at IS NULL)) AS "data!"
           FROM tickets t WHERE t.requester_id = $1 AND t.deleted_at IS NULL AND t.id > $2 ORDER BY t.id LIMIT $3"#,
        user as _,
        after,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}

/// What they said on other people's tickets. Notes are the service desk's.
pub(crate) async fn comments_of_person(db: &PgPool, user: UserId, after: Uuid, limit: i64) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as!(
        Kept,
        r#"SELECT c.id AS "id: _", jsonb_build_object('ticket', t.ticket_number, 'text', c.comment, 'at', c.created_at) AS "data!"
           FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id
           WHERE c.user_id = $1 AND t.requester_id IS DISTINCT FROM $1 AND NOT c.is_internal AND c.deleted_at IS NULL
             AND t.deleted_at IS NULL AND c.id > $2 ORDER BY c.id LIMIT $3"#,
        user as _,
        after,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}
