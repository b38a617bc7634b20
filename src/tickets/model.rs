//! What a ticket is, for the browser and the server alike.

use crate::id::{id, words};
use crate::people::{Person, UserId};
use crate::{EmailAddress, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

id!(TicketId);
id!(CommentId);
id!(AttachmentId);
id!(QueueId);

words! {
    /// Where a ticket stands. WAITING is the requester's turn.
    TicketStatus {
        New = "NEW",
        InProgress = "IN_PROGRESS",
        Waiting = "WAITING",
        Resolved = "RESOLVED",
        Closed = "CLOSED",
        Cancelled = "CANCELLED",
    }
}

words! {
    TicketPriority { Low = "LOW", Medium = "MEDIUM", High = "HIGH", Critical = "CRITICAL" }
}

words! {
    /// How a ticket came in.
    TicketSource { Email = "EMAIL", Form = "FORM", Api = "API", AiChat = "AI_CHAT", Phone = "PHONE" }
}

impl TicketStatus {
    pub const OPEN: [Self; 3] = [Self::New, Self::InProgress, Self::Waiting];

    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::InProgress => "In progress",
            Self::Waiting => "Waiting",
            Self::Resolved => "Resolved",
            Self::Closed => "Closed",
            Self::Cancelled => "Cancelled",
        }
    }
}

impl TicketPriority {
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

/// A ticket's public number, as in `TKT-2025-0001`: per year, without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct TicketNumber(String);

impl TicketNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TicketNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let upper = text.trim().to_ascii_uppercase();
        let digits = |part: &str, least: usize| {
            part.len() >= least && part.len() <= 10 && part.bytes().all(|b| b.is_ascii_digit())
        };
        match upper.split('-').collect::<Vec<_>>()[..] {
            ["TKT", year, number] if digits(year, 4) && year.len() == 4 && digits(number, 4) => Ok(Self(upper)),
            _ => Err(Error::invalid("ticket_number", "A ticket's number looks like TKT-2025-0001.")),
        }
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a ticket is made from. Parsed and checked: see [`super::rules::check_new_ticket`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket {
    pub subject: String,
    pub description: String,
    pub priority: TicketPriority,
    pub source: TicketSource,
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub tags: Vec<String>,
    pub queue_id: Option<QueueId>,
    pub requester_email: EmailAddress,
    pub requester_name: Option<String>,
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
}

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
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Ticket {
    pub fn requester_label(&self) -> &str {
        self.requester_name.as_deref().unwrap_or(&self.requester_email)
    }
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
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    pub author: String,
    pub author_id: Option<UserId>,
    pub body: String,
    pub is_from_email: bool,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPage {
    pub ticket: Ticket,
    pub attachments: Vec<Attachment>,
    pub timeline: Vec<TimelineEntry>,
    pub may: Abilities,
    pub now: Timestamp,
}

/// What this viewer may do here: what may not be done is not offered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    pub update: bool,
    pub assign: bool,
    pub reply: bool,
    pub note: bool,
}

words! {
    TicketSort { Due = "due", Created = "created", Updated = "updated", Priority = "priority" }
}

/// Which tickets a list shows. Empty means all that the actor may see. Written as text in the filter bar: see
/// [`super::parse_filter`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketFilter {
    /// Only these; empty means any.
    pub status: Vec<TicketStatus>,
    /// Asked for every status in so many words: a list then shows more than what is open.
    pub any_status: bool,
    pub priority: Vec<TicketPriority>,
    pub source: Vec<TicketSource>,
    pub assignee: Option<AssigneeFilter>,
    pub queue: Option<QueueFilter>,
    /// All of these.
    pub tags: Vec<String>,
    pub category: Option<String>,
    /// An address, or how a name begins.
    pub requester: Option<String>,
    /// Time until the next promise falls due.
    pub due: Option<Window>,
    /// Time since.
    pub created: Option<Window>,
    pub updated: Option<Window>,
    /// Only where the actor is the requester.
    pub mine: bool,
    pub overdue: bool,
    /// Words to find in subject and description.
    pub words: Option<String>,
    pub sort: Option<TicketSort>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AssigneeFilter {
    Me,
    Nobody,
    Person(UserId),
    /// An address, or how a name begins.
    Named(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum QueueFilter {
    None,
    Id(QueueId),
    /// How its name begins.
    Named(String),
}

/// A span of time, and whether what is meant lies within it or beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    pub beyond: bool,
    pub seconds: i64,
}

/// One page of a list, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketList {
    pub rows: Vec<TicketRow>,
    pub next: Option<String>,
    pub now: Timestamp,
}

/// Views count so far, so that a number stays cheap however many tickets there are.
pub const COUNT_MAX: i64 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_any_case_and_nothing_else_is_one() {
        assert_eq!("tkt-2026-0418".parse::<TicketNumber>().unwrap().as_str(), "TKT-2026-0418");
        assert_eq!("TKT-2026-1000000".parse::<TicketNumber>().unwrap().as_str(), "TKT-2026-1000000");
        for wrong in [
            "",
            "TKT-26-0418",
            "TKT-2026-1",
            "AST-2026-0001",
            "TKT-2026-00x1",
            "TKT-2026-0418-1",
            "TKT-2026-99999999999",
        ] {
            assert!(wrong.parse::<TicketNumber>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_words_are_the_specifications() {
        let words: Vec<_> = TicketStatus::ALL.iter().map(|status| status.as_str()).collect();
        assert_eq!(words, ["NEW", "IN_PROGRESS", "WAITING", "RESOLVED", "CLOSED", "CANCELLED"]);
        assert_eq!("CRITICAL".parse::<TicketPriority>().unwrap(), TicketPriority::Critical);
        assert!("critical".parse::<TicketPriority>().is_err());
    }
}
