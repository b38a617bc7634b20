//! What rules did, would do, and did not do.

use super::RuleId;
use crate::Timestamp;
use crate::id::{id, words};
use crate::people::UserId;
use crate::sla::CalendarId;
use crate::tickets::TicketNumber;
use serde::{Deserialize, Serialize};

id!(RuleRunId);

words! {
    /// LOOP: it would have fired on what itself had brought about.
    RuleOutcome { Fired = "FIRED", Failed = "FAILED", Loop = "LOOP", Missed = "MISSED" }
}

impl RuleOutcome {
    pub fn label(self) -> &'static str {
        match self {
            Self::Fired => "Done",
            Self::Failed => "Could not be done",
            Self::Loop => "Its own doing: left alone",
            Self::Missed => "Did not hold",
        }
    }
}

/// A line of a rule's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRun {
    pub rule_id: RuleId,
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub outcome: RuleOutcome,
    /// What was done, or why it was not.
    pub said: Vec<String>,
    pub created_at: Timestamp,
}

/// What a rule would do to a ticket as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub fires: bool,
    /// What would be done, or why it would not.
    pub said: Vec<String>,
}

/// Someone who works tickets, and what decides which are given to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    pub id: UserId,
    pub name: String,
    pub skills: Vec<String>,
    pub calendar_id: Option<CalendarId>,
    pub away: bool,
}
