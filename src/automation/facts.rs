//! What rules know of tickets, read with one query for all of them.

use super::rules::Facts;
use super::{Fact, FactName};
use crate::fields::{FieldValue, FieldValues};
use crate::people::{OrganisationId, UserId};
use crate::tickets::{QueueId, TicketId, TicketNumber, TicketPriority, TicketSource, TicketStatus};
use crate::{Result, Timestamp};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A ticket as rules see it.
pub(super) struct Seen {
    pub id: TicketId,
    pub number: TicketNumber,
    pub subject: String,
    pub priority: TicketPriority,
    pub status: TicketStatus,
    pub tags: Vec<String>,
    pub requester_email: String,
    pub requester_name: Option<String>,
    pub assignee_name: Option<String>,
    pub facts: Facts,
    /// What it is tried on was written by a machine.
    pub by_machine: bool,
    pub created_at: Timestamp,
    pub status_since: Timestamp,
    pub waits_since: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
}

/// The tickets as they are now, in the order of their ids; what is deleted or merged away is none of a rule's business.
pub(super) async fn seen(db: &mut PgConnection, tickets: &[TicketId]) -> Result<Vec<Seen>> {
    let rows = sqlx::query!(
        r#"SELECT t.id AS "id: TicketId", t.ticket_number AS "number: TicketNumber", t.subject, t.description, t.status AS "status: TicketStatus",
             t.priority AS "priority: TicketPriority", t.source AS "source: TicketSource", t.category, t.subcategory, t.tags,
             t.custom_fields AS "custom_fields: Json<FieldValues>", t.requester_email, t.requester_name,
             t.queue_id AS "queue_id: QueueId", q.name AS "queue?", t.assigned_to_id AS "assigned_to_id: UserId",
             coalesce(nullif(concat_ws(' ', a.first_name, a.last_name), ''), a.email) AS "assignee?",
             t.organisation_id AS "organisation_id: OrganisationId", o.name AS "organisation?",
             t.created_at AS "created_at: Timestamp", t.status_since AS "status_since: Timestamp", t.waits_since AS "waits_since: Timestamp",
             nullif(t.due_at, 'infinity') AS "due_at: Timestamp"
           FROM tickets t LEFT JOIN queues q ON q.id = t.queue_id LEFT JOIN users a ON a.id = t.assigned_to_id
           LEFT JOIN organisations o ON o.id = t.organisation_id
           WHERE t.id = ANY($1) AND t.deleted_at IS NULL AND t.merged_into_id IS NULL ORDER BY t.id"#,
        tickets as _
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut facts = Facts::default();
            let mut set = |fact: Fact, value: Option<&str>| facts.set(FactName::Known(fact), value);
            set(Fact::Subject, Some(&row.subject));
            set(Fact::Description, Some(&row.description));
            set(Fact::Status, Some(row.status.as_str()));
            set(Fact::Priority, Some(row.priority.as_str()));
            set(Fact::Source, Some(row.source.as_str()));
            set(Fact::Category, row.category.as_deref());
            set(Fact::Subcategory, row.subcategory.as_deref());
            set(Fact::Requester, Some(&row.requester_email));
            facts.set(FactName::Known(Fact::Tag), &row.tags);
            let mut named = |fact: Fact, id: Option<String>, name: Option<String>| {
                facts.set(FactName::Known(fact), id);
                if let Some(name) = name {
                    facts.show(FactName::Known(fact), name);
                }
            };
            named(Fact::Queue, row.queue_id.map(|id| id.to_string()), row.queue);
            named(Fact::Assignee, row.assigned_to_id.map(|id| id.to_string()), row.assignee.clone());
            named(Fact::Organisation, row.organisation_id.map(|id| id.to_string()), row.organisation);
            for (key, value) in &row.custom_fields.0 {
                facts.set(FactName::Custom(key.clone()), values(value));
            }
            Seen {
                id: row.id,
                number: row.number,
                subject: row.subject,
                priority: row.priority,
                status: row.status,
                tags: row.tags,
                requester_email: row.requester_email,
                requester_name: row.requester_name,
                assignee_name: row.assignee,
                facts,
                by_machine: false,
                created_at: row.created_at,
                status_since: row.status_since,
                waits_since: row.waits_since,
                due_at: row.due_at,
            }
        })
        .collect())
}

fn values(value: &FieldValue) -> Vec<String> {
    match value {
        FieldValue::YesNo(yes) => vec![if *yes { "yes" } else { "no" }.to_owned()],
        FieldValue::Number(number) => vec![number.to_string()],
        FieldValue::Text(text) => vec![text.clone()],
        FieldValue::Several(several) => several.clone(),
    }
}

/// Something that happened, as far as rules ask about it.
pub(super) struct Happened {
    pub kind: String,
    pub ticket: TicketId,
    pub caused_by: Vec<Uuid>,
    /// What changed, and how it was.
    pub before: Vec<(String, Option<String>)>,
    pub by: &'static str,
    comment: Option<String>,
}

impl Happened {
    /// Adds what it brought to what is known of its ticket.
    pub fn tell(&self, ticket: &mut Seen) {
        ticket.by_machine = self.by == "MACHINE";
        let facts = &mut ticket.facts;
        facts.set(FactName::Known(Fact::By), [self.by]);
        facts.set(FactName::Known(Fact::Comment), self.comment.as_deref());
        tell_before(&self.before, facts);
    }
}

/// What fields were, by their names in the history.
pub(super) fn tell_before(before: &[(String, Option<String>)], facts: &mut Facts) {
    for (field, old) in before {
        let fact = match field.strip_prefix("custom_fields.") {
            Some(key) => Some(FactName::Custom(key.to_owned())),
            None => {
                Fact::ALL.iter().find(|fact| fact.history_field() == Some(field)).map(|fact| FactName::Known(*fact))
            }
        };
        let Some(fact) = fact else { continue };
        let old = old.as_deref().unwrap_or_default();
        match fact {
            FactName::Known(Fact::Tag) => facts.set_before(fact, old.split(", ")),
            fact => facts.set_before(fact, [old]),
        }
    }
}

/// An event of a ticket; `None` when there is none.
pub(super) async fn happened(db: &mut PgConnection, event: Uuid) -> Result<Option<Happened>> {
    let row = sqlx::query!(
        r#"SELECT e.kind, e.ticket_id AS "ticket!: TicketId", e.caused_by, c.comment AS "comment?",
             CASE WHEN cardinality(e.caused_by) > 0 THEN 'DESK' WHEN (e.data->>'is_automatic')::boolean THEN 'MACHINE'
               WHEN e.actor_id = t.requester_id OR (e.actor_id IS NULL AND (c.author_email IS NOT NULL OR e.kind IN ('ticket.created', 'ticket.replied', 'ticket.rated'))) THEN 'REQUESTER'
               WHEN e.actor_id IS NULL THEN 'DESK' ELSE 'AGENT' END AS "by!",
             ARRAY(SELECT h.field FROM ticket_history h WHERE h.ticket_id = e.ticket_id AND h.created_at = e.created_at AND h.field IS NOT NULL
               ORDER BY h.id) AS "fields!: Vec<String>",
             ARRAY(SELECT h.old_value FROM ticket_history h WHERE h.ticket_id = e.ticket_id AND h.created_at = e.created_at AND h.field IS NOT NULL
               ORDER BY h.id) AS "olds!: Vec<Option<String>>"
           FROM events e JOIN tickets t ON t.id = e.ticket_id LEFT JOIN ticket_comments c ON c.id = (e.data->>'comment_id')::uuid
           WHERE e.id = $1"#,
        event
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Happened {
        kind: row.kind,
        ticket: row.ticket,
        caused_by: row.caused_by,
        before: row.fields.into_iter().zip(row.olds).collect(),
        by: super::BY.iter().copied().find(|by| *by == row.by).unwrap_or("DESK"),
        comment: row.comment,
    }))
}
