//! The event log: one row for everything that happened, written in the transaction in which it happened. History,
//! notifications and live updates come from it.

use crate::people::{OrganisationId, UserId};
use crate::tickets::{QueueId, TicketId};
use crate::{Actor, Permission};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a node hears of an event over NOTIFY: enough to decide whom to tell, nothing to leak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: Uuid,
    /// `ticket.created`, `ticket.updated`, `ticket.replied`, `ticket.noted`.
    pub kind: String,
    pub actor_id: Option<UserId>,
    pub ticket_id: Option<TicketId>,
    pub queue_id: Option<QueueId>,
    pub assignee_id: Option<UserId>,
    pub requester_id: Option<UserId>,
    pub organisation_id: Option<OrganisationId>,
    pub is_internal: bool,
    /// Only they are told; everyone who may see it, where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<UserId>,
}

/// Someone has something to read, or no longer: their bell looks again. No event is kept.
pub const NOTIFIED: &str = "notified";

/// What someone may do has changed, or everyone's where nobody is named: open streams end, and browsers come back as who they
/// are by then. No event is kept.
pub const ACCESS: &str = "access";

/// The channel every node listens on.
pub const CHANNEL: &str = "oxdesk_events";

impl Event {
    /// Whether what `viewer` may do has changed.
    pub fn changes_access_of(&self, viewer: &Actor) -> bool {
        self.kind == ACCESS && (self.only.is_empty() || viewer.user_id.is_some_and(|me| self.only.contains(&me)))
    }

    /// Whether `viewer` may know that this happened: the same rule as for reading the ticket, and for internal
    /// events that of reading notes.
    pub fn may_be_seen_by(&self, viewer: &Actor) -> bool {
        if !self.only.is_empty() {
            return viewer.user_id.is_some_and(|me| self.only.contains(&me));
        }
        if self.is_internal && !viewer.can(Permission::NoteRead) {
            return false;
        }
        if viewer.can(Permission::TicketReadAll) {
            return true;
        }
        let me = viewer.user_id;
        let is = |person: Option<UserId>| me.is_some() && person == me;
        if viewer.can(Permission::TicketReadQueue)
            && (self.queue_id.is_none_or(|queue| viewer.queues.contains(&queue)) || is(self.assignee_id))
        {
            return true;
        }
        let shared = self.organisation_id.is_some() && self.organisation_id == viewer.shared_organisation;
        (viewer.can(Permission::TicketReadOwn) && is(self.requester_id))
            || (viewer.can(Permission::TicketReadOrganisation) && shared)
    }
}

#[cfg(feature = "ssr")]
pub(crate) use record::notice;
#[cfg(feature = "ssr")]
pub use record::{NewEvent, about_ticket, access_changed, happened_since, record, tell};

#[cfg(feature = "ssr")]
mod record {
    use super::Event;
    use crate::desk::Desk;
    use crate::people::UserId;
    use crate::tickets::TicketId;
    use crate::{Actor, Result, Timestamp};
    use sqlx::PgConnection;
    use uuid::Uuid;

    /// An internal event about a ticket as it is now, to be told and not kept; `None` when there is no such ticket.
    pub async fn about_ticket(
        tx: &mut PgConnection,
        kind: &str,
        actor: UserId,
        ticket: TicketId,
    ) -> Result<Option<Event>> {
        let row = sqlx::query!(
            r#"SELECT queue_id AS "queue_id: crate::tickets::QueueId", assigned_to_id AS "assignee_id: UserId",
                 requester_id AS "requester_id: UserId", organisation_id AS "organisation_id: crate::people::OrganisationId"
               FROM tickets WHERE id = $1"#,
            ticket as _
        )
        .fetch_optional(tx)
        .await?;
        Ok(row.map(|row| Event {
            id: Uuid::now_v7(),
            kind: kind.to_owned(),
            actor_id: Some(actor),
            ticket_id: Some(ticket),
            queue_id: row.queue_id,
            assignee_id: row.assignee_id,
            requester_id: row.requester_id,
            organisation_id: row.organisation_id,
            is_internal: true,
            only: Vec::new(),
        }))
    }

    /// Of so many events the viewer may be concerned; where there were more, they are.
    const LOOKED_AT: i64 = 200;
    /// An event is dated by the beginning of its transaction, which ends so much later, in microseconds.
    const LASTING: i64 = 100_000;

    /// Whether something may have happened since then that `viewer` may know of: between a page and its listening, or while
    /// the line was broken.
    pub async fn happened_since(desk: &Desk, viewer: &Actor, since: Timestamp) -> Result<bool> {
        let since = Timestamp::from_microsecond(since.as_microsecond() - LASTING).unwrap_or(since);
        let rows = sqlx::query!(
            r#"SELECT id, kind, actor_id AS "actor_id: UserId", ticket_id AS "ticket_id: TicketId", queue_id AS "queue_id: crate::tickets::QueueId",
                 assignee_id AS "assignee_id: UserId", requester_id AS "requester_id: UserId",
                 organisation_id AS "organisation_id: crate::people::OrganisationId", is_internal
               FROM events WHERE created_at > $1 ORDER BY created_at LIMIT $2"#,
            since as _,
            LOOKED_AT
        )
        .fetch_all(&desk.db)
        .await?;
        let many = rows.len() as i64 == LOOKED_AT;
        let seen = rows.into_iter().any(|row| {
            let event = Event {
                id: row.id,
                kind: row.kind,
                actor_id: row.actor_id,
                ticket_id: row.ticket_id,
                queue_id: row.queue_id,
                assignee_id: row.assignee_id,
                requester_id: row.requester_id,
                organisation_id: row.organisation_id,
                is_internal: row.is_internal,
                only: Vec::new(),
            };
            event.may_be_seen_by(viewer)
        });
        Ok(many || seen)
    }

    /// What PostgreSQL carries in one notice holds so many.
    const TOLD_AT_ONCE: usize = 100;

    /// Tells people that there is something to read, about a ticket where it is about one, once the transaction commits.
    pub async fn tell(tx: &mut PgConnection, ticket: Option<TicketId>, people: Vec<UserId>) -> Result<()> {
        for only in people.chunks(TOLD_AT_ONCE) {
            sqlx::query!("SELECT pg_notify($1, $2)", super::CHANNEL, notice(ticket, only)?).execute(&mut *tx).await?;
        }
        Ok(())
    }

    /// Ends the streams of someone, or of everyone, once the transaction commits.
    pub async fn access_changed(tx: &mut PgConnection, whose: Option<UserId>) -> Result<()> {
        let told = told(super::ACCESS, None, whose.as_slice())?;
        sqlx::query!("SELECT pg_notify($1, $2)", super::CHANNEL, told).execute(tx).await?;
        Ok(())
    }

    /// What is told on [`super::CHANNEL`] to those whose bell is to look again.
    pub(crate) fn notice(ticket: Option<TicketId>, only: &[UserId]) -> Result<String> {
        told(super::NOTIFIED, ticket, only)
    }

    fn told(kind: &str, ticket: Option<TicketId>, only: &[UserId]) -> Result<String> {
        let event = Event {
            id: Uuid::now_v7(),
            kind: kind.to_owned(),
            actor_id: None,
            ticket_id: ticket,
            queue_id: None,
            assignee_id: None,
            requester_id: None,
            organisation_id: None,
            is_internal: true,
            only: only.to_vec(),
        };
        serde_json::to_string(&event).map_err(crate::Error::internal)
    }

    /// Something that happened to a ticket.
    #[derive(Debug, Clone)]
    pub struct NewEvent {
        pub kind: &'static str,
        pub ticket_id: TicketId,
        pub is_internal: bool,
        pub data: serde_json::Value,
    }

    /// Appends an event and queues the job that follows it up. Both exist only if the transaction commits.
    pub async fn record(tx: &mut PgConnection, actor: &Actor, event: NewEvent) -> Result<Uuid> {
        let id = sqlx::query_scalar!(
            r#"INSERT INTO events (kind, actor_id, ticket_id, queue_id, assignee_id, requester_id, organisation_id, is_internal, data, caused_by)
               SELECT $1, $2, id, queue_id, assigned_to_id, requester_id, organisation_id, $4, $5, $6 FROM tickets WHERE id = $3
               RETURNING id"#,
            event.kind,
            actor.user_id as _,
            event.ticket_id as _,
            event.is_internal,
            event.data,
            actor.caused_by() as _,
        )
        .fetch_one(&mut *tx)
        .await?;
        crate::jobs::enqueue(
            tx,
            crate::jobs::FOLLOW_UP,
            &serde_json::json!({ "event_id": id }),
            &format!("event:{id}"),
        )
        .await?;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Origin;

    fn event() -> Event {
        Event {
            id: Uuid::from_u128(1),
            kind: "ticket.updated".into(),
            actor_id: None,
            ticket_id: Some(TicketId(Uuid::from_u128(2))),
            queue_id: Some(QueueId(Uuid::from_u128(3))),
            assignee_id: None,
            requester_id: Some(UserId(Uuid::from_u128(4))),
            organisation_id: None,
            is_internal: false,
            only: Vec::new(),
        }
    }

    #[test]
    fn what_is_for_some_is_for_nobody_else() {
        let told = Event { only: vec![UserId(Uuid::from_u128(9))], is_internal: true, ..event() };
        assert!(told.may_be_seen_by(&viewer(9, &[])));
        assert!(!told.may_be_seen_by(&viewer(4, &[Permission::TicketReadAll, Permission::NoteRead])));
        assert!(!told.may_be_seen_by(&Actor::anonymous(None)));
    }

    fn viewer(user: u128, permissions: &[Permission]) -> Actor {
        Actor {
            user_id: Some(UserId(Uuid::from_u128(user))),
            permissions: permissions.iter().copied().collect(),
            ..Actor::bare(Origin::Session)
        }
    }

    #[test]
    fn a_requester_hears_of_their_own_ticket_and_of_no_note() {
        let own = viewer(4, &[Permission::TicketReadOwn]);
        assert!(event().may_be_seen_by(&own));
        assert!(!Event { is_internal: true, ..event() }.may_be_seen_by(&own));
        assert!(!event().may_be_seen_by(&viewer(5, &[Permission::TicketReadOwn])));
        assert!(!event().may_be_seen_by(&Actor::anonymous(None)));
    }

    #[test]
    fn an_agent_hears_of_their_queues() {
        let mut agent = viewer(9, &[Permission::TicketReadQueue, Permission::NoteRead]);
        assert!(!event().may_be_seen_by(&agent));
        agent.queues.push(QueueId(Uuid::from_u128(3)));
        assert!(event().may_be_seen_by(&agent));
        assert!(Event { is_internal: true, ..event() }.may_be_seen_by(&agent));
        assert!(Event { queue_id: None, ..event() }.may_be_seen_by(&viewer(9, &[Permission::TicketReadQueue])));
    }

    #[test]
    fn two_people_without_an_account_are_not_the_same_person() {
        let nobody =
            Actor { user_id: None, permissions: [Permission::TicketReadOwn].into(), ..Actor::bare(Origin::Session) };
        assert!(!Event { requester_id: None, ..event() }.may_be_seen_by(&nobody));
    }
}
