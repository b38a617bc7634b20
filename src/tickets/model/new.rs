//! What tickets, comments and changes are made from: parsed and checked.

use super::{QueueId, TicketPriority, TicketSource, TicketStatus};
use crate::fields::{FieldValue, FieldValues};
use crate::people::UserId;
use crate::{EmailAddress, Result, Timestamp};
use std::collections::BTreeMap;

/// What a ticket is made from. Parsed and checked: see [`crate::tickets::rules::check_new_ticket`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket {
    pub subject: String,
    pub description: String,
    /// The category's, or MEDIUM, when nothing is said.
    pub priority: Option<TicketPriority>,
    pub source: TicketSource,
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub tags: Vec<String>,
    pub queue_id: Option<QueueId>,
    pub requester_email: EmailAddress,
    pub requester_name: Option<String>,
    /// Checked against the fields that belong to the ticket when it is made.
    pub custom_fields: FieldValues,
    /// Not for the requester's colleagues, even where they share their tickets.
    pub is_private: bool,
}

/// An answer that the requester reads. Not an [`InternalNote`], and never made from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicReply {
    body: String,
}

/// What agents tell each other. No query that a requester can reach returns one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalNote {
    body: String,
}

impl PublicReply {
    pub fn parse(body: &str) -> Result<Self> {
        Ok(Self { body: crate::bounded("comment", body, COMMENT_MAX)? })
    }

    pub fn body(&self) -> &str {
        &self.body
    }
}

impl InternalNote {
    pub fn parse(body: &str) -> Result<Self> {
        Ok(Self { body: crate::bounded("comment", body, COMMENT_MAX)? })
    }

    pub fn body(&self) -> &str {
        &self.body
    }
}

/// The longest comment and description, in characters.
pub const COMMENT_MAX: usize = 50_000;
/// The longest subject, in characters.
pub const SUBJECT_MAX: usize = 200;

/// What may change on a ticket in one go. `None` leaves a field as it is; `Some(None)` empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketPatch {
    pub subject: Option<String>,
    pub status: Option<TicketStatus>,
    pub priority: Option<TicketPriority>,
    pub assigned_to_id: Option<Option<UserId>>,
    pub queue_id: Option<Option<QueueId>>,
    pub category: Option<Option<String>>,
    pub subcategory: Option<Option<String>>,
    pub tags: Option<Vec<String>>,
    /// What solved it; see [`crate::tickets::rules::TRANSITIONS`] for when it is needed.
    pub resolution_note: Option<String>,
    /// Why it is cancelled.
    pub cancel_reason: Option<String>,
    /// Custom fields to set, or with `None` to empty.
    pub custom_fields: BTreeMap<String, Option<FieldValue>>,
    /// Puts the ticket off until then, or takes it back.
    pub follow_up_at: Option<Option<Timestamp>>,
}
