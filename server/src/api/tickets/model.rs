//! Tickets as REST has them.

use oxdesk::fields::{FieldValue, FieldValues};
use oxdesk::tickets;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Ticket {
    pub(super) id: Uuid,
    pub(super) ticket_number: String,
    pub(super) subject: String,
    pub(super) description: String,
    pub(super) status: String,
    pub(super) priority: String,
    pub(super) source: String,
    pub(super) category: Option<String>,
    pub(super) subcategory: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) queue_id: Option<Uuid>,
    pub(super) assigned_to_id: Option<Uuid>,
    pub(super) requester_id: Option<Uuid>,
    pub(super) requester_email: String,
    pub(super) requester_name: Option<String>,
    pub(super) first_response_at: Option<String>,
    pub(super) resolved_at: Option<String>,
    pub(super) closed_at: Option<String>,
    /// What solved it.
    pub(super) resolution_note: Option<String>,
    /// Why it was cancelled.
    pub(super) cancel_reason: Option<String>,
    /// Put off until then.
    pub(super) follow_up_at: Option<String>,
    /// Where it was merged into.
    pub(super) merged_into_id: Option<Uuid>,
    /// Set on a deleted ticket, which only those see who may restore it.
    pub(super) deleted_at: Option<String>,
    /// By the keys of `/custom-fields`; requesters get the public ones.
    #[schema(value_type = Object)]
    pub(super) custom_fields: FieldValues,
    /// Send it back in `If-Match` to change the ticket.
    pub(super) version: i32,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

impl From<tickets::Ticket> for Ticket {
    fn from(ticket: tickets::Ticket) -> Self {
        let time = |at: Option<oxdesk::Timestamp>| at.map(|at| at.to_string());
        Self {
            id: ticket.id.0,
            ticket_number: ticket.ticket_number.to_string(),
            subject: ticket.subject,
            description: ticket.description,
            status: ticket.status.to_string(),
            priority: ticket.priority.to_string(),
            source: ticket.source.to_string(),
            category: ticket.category,
            subcategory: ticket.subcategory,
            tags: ticket.tags,
            queue_id: ticket.queue.map(|queue| queue.id.0),
            assigned_to_id: ticket.assignee.map(|person| person.id.0),
            requester_id: ticket.requester_id.map(|person| person.0),
            requester_email: ticket.requester_email,
            requester_name: ticket.requester_name,
            first_response_at: time(ticket.first_response_at),
            resolved_at: time(ticket.resolved_at),
            closed_at: time(ticket.closed_at),
            resolution_note: ticket.resolution_note,
            cancel_reason: ticket.cancel_reason,
            follow_up_at: time(ticket.follow_up_at),
            merged_into_id: ticket.merged_into_id.map(|into| into.0),
            deleted_at: ticket.deleted.map(|deletion| deletion.at.to_string()),
            custom_fields: ticket.custom_fields,
            version: ticket.version,
            created_at: ticket.created_at.to_string(),
            updated_at: ticket.updated_at.to_string(),
        }
    }
}

/// A ticket as a list has it.
#[derive(Serialize, ToSchema)]
pub struct TicketSummary {
    pub(super) id: Uuid,
    pub(super) ticket_number: String,
    pub(super) subject: String,
    pub(super) status: String,
    pub(super) priority: String,
    pub(super) tags: Vec<String>,
    pub(super) assigned_to_id: Option<Uuid>,
    pub(super) requester_name: String,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct TicketPage {
    pub(super) data: Vec<TicketSummary>,
    /// Send it as `after` for the next page.
    pub(super) next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    #[schema(min_length = 1, max_length = 200)]
    pub(super) subject: String,
    #[schema(min_length = 1, max_length = 50_000)]
    pub(super) description: String,
    /// LOW, MEDIUM, HIGH or CRITICAL; the category's, or MEDIUM, when it is not given.
    #[schema(pattern = "^(LOW|MEDIUM|HIGH|CRITICAL)$")]
    pub(super) priority: Option<String>,
    #[schema(max_length = 100)]
    pub(super) category: Option<String>,
    #[schema(max_length = 100)]
    pub(super) subcategory: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) queue_id: Option<String>,
    /// Whom it is for; you, when it is not given.
    #[schema(format = Email, max_length = 254)]
    pub(super) requester_email: Option<String>,
    #[schema(max_length = 200)]
    pub(super) requester_name: Option<String>,
    /// By the keys of `/custom-fields`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) custom_fields: FieldValues,
    /// Not for your colleagues, even where they see your tickets.
    #[serde(default)]
    pub(super) is_private: bool,
}

/// What is not given stays; what is null is emptied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketChange {
    pub(super) subject: Option<String>,
    pub(super) status: Option<String>,
    pub(super) priority: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub(super) assigned_to_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub(super) queue_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub(super) category: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub(super) subcategory: Option<Option<String>>,
    pub(super) tags: Option<Vec<String>>,
    /// What solved it: needed to resolve or close an open ticket.
    #[schema(max_length = 10_000)]
    pub(super) resolution_note: Option<String>,
    /// Why it is cancelled: needed to cancel.
    #[schema(max_length = 1000)]
    pub(super) cancel_reason: Option<String>,
    /// Puts the ticket off until then; null takes it back.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) follow_up_at: Option<Option<String>>,
    /// By the keys of `/custom-fields`: what is not given stays, what is null is emptied.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) custom_fields: BTreeMap<String, Option<FieldValue>>,
}

impl TicketChange {
    /// The whole change is one of status, as requesters may make it on their own tickets.
    pub(super) fn only_status(&self) -> Option<&str> {
        let rest = self.subject.is_none()
            && self.priority.is_none()
            && self.assigned_to_id.is_none()
            && self.queue_id.is_none()
            && self.category.is_none()
            && self.subcategory.is_none()
            && self.tags.is_none()
            && self.resolution_note.is_none()
            && self.follow_up_at.is_none()
            && self.custom_fields.is_empty();
        self.status.as_deref().filter(|_| rest)
    }
}

/// Tells `null` from nothing.
pub fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
