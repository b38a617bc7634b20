//! What a queue is to those who arrange it.

use crate::id::words;
use crate::people::{Person, Team};
use crate::tickets::QueueId;
use serde::{Deserialize, Serialize};

words! {
    /// Who sees the tickets of a queue: its members, or everyone who works tickets.
    QueueVisibility { Members = "MEMBERS", Agents = "AGENTS" }
}

words! {
    /// To whom a ticket goes that comes into a queue without an assignee: to nobody, to whoever waits longest, to
    /// whoever has the fewest open tickets, to whoever has most of the skills that its tags name. Who is away, or does not
    /// work at this hour, gets none.
    AssignmentRule { None = "NONE", RoundRobin = "ROUND_ROBIN", LeastOpen = "LEAST_OPEN", Skill = "SKILL" }
}

impl QueueVisibility {
    pub fn label(self) -> &'static str {
        match self {
            Self::Members => "Its members",
            Self::Agents => "Everyone who works tickets",
        }
    }
}

impl AssignmentRule {
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "Nobody",
            Self::RoundRobin => "Whoever waits longest",
            Self::LeastOpen => "Whoever has the fewest open",
            Self::Skill => "Whoever knows most of its tags",
        }
    }
}

/// A queue with those who work in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueDetail {
    pub id: QueueId,
    pub name: String,
    pub description: Option<String>,
    pub active: bool,
    pub visibility: QueueVisibility,
    pub assignment_rule: AssignmentRule,
    pub members: Vec<Member>,
    pub version: i32,
}

/// Someone who works in a queue or a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    #[serde(flatten)]
    pub person: Person,
    pub away: bool,
}

/// A team with its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamDetail {
    #[serde(flatten)]
    pub team: Team,
    pub members: Vec<Member>,
}

/// A queue as a manager fills it in; see [`super::commands::save_queue`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewQueue {
    pub name: String,
    pub description: Option<String>,
    pub active: bool,
    pub visibility: Option<String>,
    pub assignment_rule: Option<String>,
}

/// At most this many queues, and as many teams.
pub const QUEUES_MAX: i64 = 500;
