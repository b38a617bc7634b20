//! Who may see a ticket, as SQL: every statement about tickets contains it.

use crate::desk::Desk;
use crate::fields::FieldValues;
use crate::people::UserId;
use crate::tickets::rules::Side;
use crate::tickets::{QueueId, TicketId, TicketNumber, TicketPriority, TicketStatus};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

/// Pushes the condition under which `actor` may see ticket `t`.
pub(crate) fn push_visible(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    if actor.can(Permission::TicketReadAll) {
        query.push("true");
        return;
    }
    query.push("(false");
    if let Some(ticket) = actor.guest_of {
        query.push(" OR t.id = ").push_bind(ticket);
    }
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

/// Those of the tickets that `actor` may see, deleted ones left out.
pub(crate) async fn visible_among(tx: &mut PgConnection, actor: &Actor, tickets: &[TicketId]) -> Result<Vec<TicketId>> {
    let mut query =
        QueryBuilder::<Postgres>::new("SELECT t.id FROM tickets t WHERE t.deleted_at IS NULL AND t.id = ANY(");
    query.push_bind(tickets.iter().map(|ticket| ticket.0).collect::<Vec<_>>()).push(") AND ");
    push_visible(&mut query, actor);
    Ok(query.build_query_scalar().fetch_all(tx).await?)
}

/// A ticket and what was merged into it, as far as `actor` may see that: nobody reads more because of a merge.
pub(super) async fn visible_tree(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<TicketId>> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT t.id FROM tickets t WHERE t.id IN (SELECT ticket_tree(");
    query.push_bind(id).push(")) AND (t.id = ").push_bind(id).push(" OR t.deleted_at IS NULL) AND ");
    push_visible(&mut query, actor);
    Ok(query.build_query_scalar().fetch_all(&desk.db).await?)
}

/// What a command needs to know of the ticket it changes, locked until its transaction ends.
#[derive(Debug, FromRow)]
pub(in crate::tickets) struct Locked {
    pub id: TicketId,
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
    pub resolution_note: Option<String>,
    pub cancel_reason: Option<String>,
    pub closed_at: Option<Timestamp>,
    pub follow_up_at: Option<Timestamp>,
    pub merged_into_id: Option<TicketId>,
    pub custom_fields: Json<FieldValues>,
    pub version: i32,
}

impl Locked {
    /// On which side of the ticket `actor` stands; Forbidden for those who may only look.
    pub fn side(&self, actor: &Actor) -> Result<Side> {
        if actor.owns(self.id, self.requester_id) {
            Ok(Side::Requester)
        } else if actor.can(Permission::TicketReply) {
            Ok(Side::Agent)
        } else {
            Err(Error::Forbidden)
        }
    }

    /// What was merged into another ticket is worked on there.
    pub fn check_not_merged(&self) -> Result<()> {
        match self.merged_into_id {
            None => Ok(()),
            Some(_) => Err(Error::invalid("id", "This ticket was merged into another: work there, or unmerge it.")),
        }
    }
}

const LOCKED: &str =
    "SELECT t.id, t.ticket_number, t.subject, t.status, t.priority, t.tags, t.category, t.subcategory, t.assigned_to_id,
   t.queue_id, t.requester_id, t.requester_email, t.resolution_note, t.cancel_reason, t.closed_at, t.follow_up_at,
   t.merged_into_id, t.custom_fields, t.version
 FROM tickets t WHERE t.deleted_at IS NULL AND t.id = ";

/// Locks a ticket for change; NotFound when `actor` may not see it.
pub(in crate::tickets) async fn lock_visible(tx: &mut PgConnection, actor: &Actor, id: TicketId) -> Result<Locked> {
    let mut query = QueryBuilder::<Postgres>::new(LOCKED);
    query.push_bind(id).push(" AND ");
    push_visible(&mut query, actor);
    query.push(" FOR UPDATE");
    query.build_query_as().fetch_optional(tx).await?.ok_or(Error::NotFound)
}

/// Locks the ticket that `id` was merged into in the end, and all on the way there; itself when it was not merged.
/// The actor need not see it. Everyone locks from the merged towards where it went: nobody waits for each other.
pub(in crate::tickets) async fn lock_root(tx: &mut PgConnection, mut id: TicketId) -> Result<(TicketId, Locked)> {
    loop {
        let mut query = QueryBuilder::<Postgres>::new(LOCKED);
        query.push_bind(id).push(" FOR UPDATE");
        let locked: Locked = query.build_query_as().fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
        match locked.merged_into_id {
            Some(next) => id = next,
            None => return Ok((id, locked)),
        }
    }
}
