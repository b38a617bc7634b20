//! Which tickets a list shows, and in what order.

use super::{QueueId, TicketPriority, TicketSource, TicketStatus};
use crate::id::words;
use crate::people::UserId;
use serde::{Deserialize, Serialize};

words! {
    TicketSort { Due = "due", Created = "created", Updated = "updated", Priority = "priority" }
}

words! {
    /// What a list shows beside what every list shows.
    TicketColumn {
        Tags = "tags",
        Requester = "requester",
        Queue = "queue",
        Category = "category",
        Created = "created",
        Updated = "updated",
        Assignee = "assignee",
        Due = "due",
    }
}

impl TicketColumn {
    /// Those of a list that says nothing else.
    pub const USUAL: [Self; 3] = [Self::Tags, Self::Assignee, Self::Due];

    pub fn label(self) -> &'static str {
        match self {
            Self::Tags => "Tags",
            Self::Requester => "Requester",
            Self::Queue => "Queue",
            Self::Category => "Category",
            Self::Created => "Created",
            Self::Updated => "Last change",
            Self::Assignee => "Assignee",
            Self::Due => "Deadline",
        }
    }
}

words! {
    /// Under which headings a list stands.
    TicketGrouping { Status = "status", Priority = "priority", Queue = "queue" }
}

impl TicketGrouping {
    pub fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Priority => "Priority",
            Self::Queue => "Queue",
        }
    }
}

/// Which tickets a list shows. Empty means all that the actor may see. Written as text in the filter bar: see
/// [`crate::tickets::parse_filter`].
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
    /// Custom fields by their keys, with the value each must have.
    pub fields: Vec<(String, String)>,
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
    /// Only what is put off, or only what is not.
    pub snoozed: Option<bool>,
    /// Only the causes of others, for those who may read notes.
    pub problem: Option<ProblemFilter>,
    /// Only what is deleted, for those who may bring it back; else nothing that is.
    pub deleted: bool,
    /// Words to find in subject and description.
    pub words: Option<String>,
    pub sort: Option<TicketSort>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProblemFilter {
    Any,
    /// Its cause or a workaround is known.
    Known,
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

impl Window {
    /// A hundred years: long enough, and short enough to be added to a date.
    pub const MAX_SECONDS: i64 = 3_155_760_000;
}

/// Views count so far, so that a number stays cheap however many tickets there are.
pub const COUNT_MAX: i64 = 1000;
