//! Who may see a ticket, as SQL: every statement about tickets contains it.

use crate::people::UserId;
use crate::tickets::{QueueId, TicketId, TicketNumber, TicketPriority, TicketStatus};
use crate::{Actor, Error, Permission, Result};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

/// Pushes the condition under which `actor` may see ticket `t`.
pub(in crate::tickets) fn push_visible(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    if actor.can(Permission::TicketReadAll) {
        query.push("true");
        return;
    }
    query.push("(false");
    if let Some(me) = actor.user_id {
        if actor.can(Permission::TicketReadQueue) {
            query.push(" OR t.queue_id IS NULL OR t.queue_id = ANY(").push_bind(actor.queues.clone());
            query.push(") OR t.assigned_to_id = ").push_bind(me);
        }
        if actor.can(Permission::TicketReadOwn) {
            query.push(" OR t.requester_id = ").push_bind(me);
        }
        if let Some(organisation) = actor.shared_organisation.filter(|_| actor.can(Permission::TicketReadOrganisation))
        {
            query.push(" OR t.organisation_id = ").push_bind(organisation);
        }
    }
    query.push(")");
}

/// What a command needs to know of the ticket it changes, locked until its transaction ends.
#[derive(Debug, FromRow)]
pub(in crate::tickets) struct Locked {
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub status: TicketStatus,
    pub priority: TicketPriority,
    pub tags: Vec<String>,
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub assigned_to_id: Option<UserId>,
    pub queue_id: Option<QueueId>,
    pub requester_id: Option<UserId>,
    pub requester_email: String,
    pub version: i32,
}

/// Locks a ticket for change; NotFound when `actor` may not see it.
pub(in crate::tickets) async fn lock_visible(tx: &mut PgConnection, actor: &Actor, id: TicketId) -> Result<Locked> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.ticket_number, t.subject, t.status, t.priority, t.tags, t.category, t.subcategory, t.assigned_to_id,
           t.queue_id, t.requester_id, t.requester_email, t.version
         FROM tickets t WHERE t.deleted_at IS NULL AND t.id = ",
    );
    query.push_bind(id).push(" AND ");
    push_visible(&mut query, actor);
    query.push(" FOR UPDATE");
    query.build_query_as().fetch_optional(tx).await?.ok_or(Error::NotFound)
}
