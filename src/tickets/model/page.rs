//! A ticket as it is read: a row of a list, its page, what was said and done.

use super::{
    AttachmentId, CommentId, QueueId, TicketId, TicketNumber, TicketPriority, TicketSource, TicketStatus, Workbench,
};
use crate::Timestamp;
use crate::fields::{FieldValues, ShownField};
use crate::mail::{Delivery, RawMailId};
use crate::people::{Person, UserId};
use crate::ratings::Rating;
use serde::{Deserialize, Serialize};

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRow {
    pub id: TicketId,
    pub ticket_number: TicketNumber,
    pub subject: String,
    /// The first words of the description.
    pub excerpt: String,
    pub status: TicketStatus,
    pub priority: TicketPriority,
    pub tags: Vec<String>,
    pub assignee: Option<Person>,
    pub requester_name: String,
    pub queue: Option<String>,
    pub category: Option<String>,
    /// Put off until then.
    pub follow_up_at: Option<Timestamp>,
    /// The promise that falls due next, if there is one.
    pub due_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A ticket as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub description: String,
    pub status: TicketStatus,
    pub priority: TicketPriority,
    pub source: TicketSource,
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub tags: Vec<String>,
    pub queue: Option<Queue>,
    pub assignee: Option<Person>,
    pub requester_id: Option<UserId>,
    pub requester_email: String,
    pub requester_name: Option<String>,
    pub first_response_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub resolution_note: Option<String>,
    pub cancel_reason: Option<String>,
    /// Put off until then.
    pub follow_up_at: Option<Timestamp>,
    /// Where it was merged into: its number still opens, its replies arrive there.
    pub merged_into_id: Option<TicketId>,
    /// Deleted tickets are shown only to those who may bring them back.
    pub deleted: Option<Deletion>,
    /// All of them for those who work tickets, those of public fields for others.
    pub custom_fields: FieldValues,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Ticket {
    pub fn requester_label(&self) -> &str {
        self.requester_name.as_deref().unwrap_or(&self.requester_email)
    }
}

/// Who deleted a ticket, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub at: Timestamp,
    pub by: String,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    pub id: QueueId,
    pub name: String,
}

/// A file that hangs on a ticket or on one of its comments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: AttachmentId,
    pub comment_id: Option<CommentId>,
    pub file_name: String,
    /// Bytes.
    pub file_size: i64,
    pub mime_type: String,
    pub created_at: Timestamp,
}

/// What stands in a ticket's timeline, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimelineEntry {
    Reply(Comment),
    /// Present only in what an agent is sent.
    Note(Comment),
    Event(HistoryEntry),
    /// What another ticket asked for, which was merged into this one.
    Merged(Box<MergedRequest>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    pub author: String,
    pub author_id: Option<UserId>,
    /// Safe to show: made by [`crate::markdown`].
    pub html: String,
    pub is_from_email: bool,
    /// The mail that it came as, for those who may read the whole of it.
    pub original: Option<RawMailId>,
    /// What became of the mail that carries it, for those who work tickets.
    pub delivery: Option<Delivery>,
    pub attachments: Vec<Attachment>,
    pub created_at: Timestamp,
}

/// The description of a ticket that was merged into the one shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedRequest {
    pub ticket_number: TicketNumber,
    pub subject: String,
    /// Safe to show.
    pub html: String,
    pub requester: String,
    pub attachments: Vec<Attachment>,
    pub created_at: Timestamp,
}

/// One change of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub author: String,
    pub action: String,
    pub field: Option<String>,
    pub old_value: Option<String>,
    pub new_value: Option<String>,
    pub created_at: Timestamp,
}

/// A ticket with everything its page needs, in the version that this viewer may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketPage {
    pub ticket: Ticket,
    /// The description, safe to show.
    pub html: String,
    /// The mail that it came as, for those who may read the whole of it.
    pub original: Option<RawMailId>,
    pub attachments: Vec<Attachment>,
    pub timeline: Vec<TimelineEntry>,
    pub may: Abilities,
    /// What agents keep beside the ticket; `None` for requesters.
    pub bench: Option<Workbench>,
    /// What requesters read of the custom fields.
    pub fields: Vec<ShownField>,
    /// What its requester said of how it went.
    pub rating: Option<Rating>,
    /// Who beside the requester and the service desk sees it; `None` where nobody could.
    pub sharing: Option<Sharing>,
    /// How long most requests wait for their first answer, in seconds, while this one waits for its own.
    pub usual_wait: Option<i64>,
    pub now: Timestamp,
}

/// What this viewer may do here: what may not be done is not offered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    pub update: bool,
    pub assign: bool,
    pub reply: bool,
    pub note: bool,
    pub delete: bool,
    /// Stands on the requester's side: may confirm, reopen or cancel by the table.
    pub own: bool,
    /// May say how it went.
    pub rate: bool,
}

/// Whether the requester's colleagues see a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Whose members share their tickets.
    pub organisation: String,
    pub is_shared: bool,
}

/// The first tickets of one group of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketGroup {
    pub label: String,
    /// What the filter bar says for this group alone: key and value.
    pub token: (String, String),
    pub rows: Vec<TicketRow>,
    /// There are more than these.
    pub more: bool,
    pub now: Timestamp,
}

/// One page of a list, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketList {
    pub rows: Vec<TicketRow>,
    pub next: Option<String>,
    pub now: Timestamp,
}
