//! What agents keep beside a ticket: links, watchers, a checklist, time.

use super::{ChecklistItemId, LinkId, OutgoingId, Problem, TicketId, TicketNumber, TicketStatus, TimeEntryId};
use crate::Timestamp;
use crate::assets::LinkedAsset;
use crate::changes::ChangeRow;
use crate::id::words;
use crate::people::{Person, UserId};
use crate::search::Known;
use crate::sla::Deadlines;
use serde::{Deserialize, Serialize};

words! {
    /// How one ticket stands to another. BLOCKED_BY is BLOCKS seen from the other side.
    LinkType { Related = "RELATED", Duplicate = "DUPLICATE", Blocks = "BLOCKS", BlockedBy = "BLOCKED_BY" }
}

/// What waits in a queue, or in none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
pub struct QueueCount {
    pub name: Option<String>,
    pub open: i64,
    pub unassigned: i64,
    /// What was promised on them has passed.
    pub late: i64,
}

/// A link as one of its two tickets shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub id: LinkId,
    pub link_type: LinkType,
    /// Made on the other ticket: a DUPLICATE then means that the other one is the duplicate.
    pub incoming: bool,
    pub ticket: TicketRef,
}

impl Link {
    /// As people read it: "Blocks", "Blocked by" …
    pub fn label(&self) -> &'static str {
        match (self.link_type, self.incoming) {
            (LinkType::Related, _) => "Related to",
            (LinkType::Duplicate, false) => "Duplicate of",
            (LinkType::Duplicate, true) => "Duplicated by",
            (LinkType::Blocks, _) => "Blocks",
            (LinkType::BlockedBy, _) => "Blocked by",
        }
    }
}

/// Just enough of a ticket to name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRef {
    pub id: TicketId,
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub status: TicketStatus,
}

/// Something to do before the ticket is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    pub id: ChecklistItemId,
    pub text: String,
    pub done_at: Option<Timestamp>,
    pub done_by: Option<String>,
}

/// Time that someone worked on the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeEntry {
    pub id: TimeEntryId,
    pub user_id: Option<UserId>,
    pub person: String,
    pub minutes: i32,
    pub note: Option<String>,
    /// The day, as in `2026-11-24`.
    pub spent_on: String,
    /// Whether the one who asks may take it away.
    pub may_delete: bool,
}

/// One line of the report of time: a person's on one queue's tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSpent {
    pub user_id: Option<UserId>,
    pub person: String,
    pub queue: Option<String>,
    pub minutes: i64,
    pub tickets: i64,
}

/// What only agents see beside a ticket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Workbench {
    pub links: Vec<Link>,
    /// The tickets that were merged straight into this one.
    pub merged: Vec<TicketRef>,
    pub watchers: Vec<Person>,
    /// Addresses that get the public replies too.
    pub ccs: Vec<String>,
    pub checklist: Vec<ChecklistItem>,
    pub time: Vec<TimeEntry>,
    /// Of all entries, in minutes.
    pub minutes: i64,
    pub drafts: Vec<Draft>,
    pub outgoing: Vec<Outgoing>,
    /// The viewer hears of this ticket only when they are mentioned.
    pub is_muted: bool,
    /// What is promised, with why.
    pub deadlines: Option<Deadlines>,
    /// What is known about what it asks.
    pub known: Known,
    /// What it is about, and what else its requester has.
    pub assets: Vec<LinkedAsset>,
    pub own_assets: Vec<LinkedAsset>,
    /// What is changed because of it.
    pub changes: Vec<ChangeRow>,
    /// What is known of it, where it is the cause of others.
    pub problem: Option<Problem>,
    /// A model makes drafts for who works on it.
    pub is_drafting: bool,
}

/// A reply that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    pub id: OutgoingId,
    pub author: String,
    pub body: String,
    /// Why it could not be sent.
    pub error: Option<String>,
    /// Only its writer takes it back.
    pub is_mine: bool,
}

/// What an agent has begun to write and not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub is_internal: bool,
    pub body: String,
    pub version: i32,
}

/// What became of one change to many tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkOutcome {
    pub changed: usize,
    pub refused: Vec<Refused>,
}

/// A ticket that was not changed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// `None` when the actor may not know.
    pub ticket: Option<TicketNumber>,
    pub why: String,
}

/// At most this many tickets are changed at once.
pub const BULK_MAX: usize = 500;
/// At most this many watchers, and as many addresses in copy.
pub const WATCHERS_MAX: i64 = 50;
/// At most this many links on one ticket.
pub const LINKS_MAX: i64 = 100;
/// At most this many checklist items on one ticket.
pub const CHECKLIST_MAX: i64 = 100;
/// At most this many time entries on one ticket.
pub const TIME_ENTRIES_MAX: i64 = 500;
/// The longest resolution note, in characters.
pub const RESOLUTION_MAX: usize = 10_000;
/// The longest reason for cancelling or deleting, in characters.
pub const REASON_MAX: usize = 1000;
