//! What reports know of tickets.

use crate::people::{OrganisationId, UserId};
use crate::tickets::{QueueId, TicketId, TicketPriority, TicketSource};
use crate::{Result, Timestamp};
use sqlx::PgPool;
use std::collections::HashMap;

/// A ticket as it counts in reports.
pub(crate) struct Reported {
    pub id: TicketId,
    pub created_at: Timestamp,
    /// When it was resolved, closed or cancelled; none while it is open.
    pub solved_at: Option<Timestamp>,
    pub queue_id: Option<QueueId>,
    pub assigned_to_id: Option<UserId>,
    pub organisation_id: Option<OrganisationId>,
    pub category: Option<String>,
    pub source: TicketSource,
    pub priority: TicketPriority,
    /// It was done once, and was not.
    pub reopened: bool,
    pub updated_at: Timestamp,
}

/// The next tickets that were changed after a place in the walk, up to a moment, in the order of their changes.
pub(crate) async fn changed_tickets(
    db: &PgPool,
    after: (Timestamp, TicketId),
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Reported>> {
    let rows = sqlx::query_as!(
        Reported,
        r#"SELECT t.id AS "id: TicketId", t.created_at AS "created_at: Timestamp",
             CASE WHEN NOT t.is_open THEN coalesce(t.resolved_at, t.closed_at, t.updated_at) END AS "solved_at: Timestamp",
             t.queue_id AS "queue_id: QueueId", t.assigned_to_id AS "assigned_to_id: UserId",
             t.organisation_id AS "organisation_id: OrganisationId", t.category, t.source AS "source: TicketSource",
             t.priority AS "priority: TicketPriority", t.updated_at AS "updated_at: Timestamp",
             EXISTS (SELECT FROM ticket_history h WHERE h.ticket_id = t.id AND h.field = 'status'
               AND h.old_value IN ('RESOLVED','CLOSED','CANCELLED') AND h.new_value IN ('NEW','IN_PROGRESS','WAITING')) AS "reopened!"
           FROM tickets t
           WHERE t.deleted_at IS NULL AND (t.updated_at, t.id) > ($1, $2) AND t.updated_at <= $3
           ORDER BY t.updated_at, t.id LIMIT $4"#,
        after.0 as _,
        after.1 as _,
        until as _,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}

/// What was deleted since a moment.
pub(crate) async fn deleted_tickets(db: &PgPool, since: Timestamp) -> Result<Vec<TicketId>> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: TicketId" FROM tickets WHERE deleted_at IS NOT NULL AND deleted_at >= $1"#,
        since as _
    );
    Ok(ids.fetch_all(db).await?)
}

/// How queues are called, those that no longer take tickets included.
pub(crate) async fn queue_names(db: &PgPool, ids: &[uuid::Uuid]) -> Result<HashMap<String, String>> {
    let rows = sqlx::query!(r#"SELECT id::text AS "id!", name FROM queues WHERE id = ANY($1)"#, ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
}
