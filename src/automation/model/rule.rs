//! When a rule is tried, and what it is made of.

use super::{Condition, RuleAction};
use crate::id::{id, words};
use serde::{Deserialize, Serialize};

id!(RuleId);

words! {
    /// What a rule may wait for.
    RuleEvent {
        Created = "CREATED",
        Updated = "UPDATED",
        Replied = "REPLIED",
        Noted = "NOTED",
        DueSoon = "DUE_SOON",
        Breached = "BREACHED",
        Returned = "RETURNED",
        Rated = "RATED",
    }
}

impl RuleEvent {
    /// Ends the sentence that begins "When a ticket".
    pub fn label(self) -> &'static str {
        match self {
            Self::Created => "is created",
            Self::Updated => "is changed",
            Self::Replied => "gets a reply",
            Self::Noted => "gets a note",
            Self::DueSoon => "comes near its deadline",
            Self::Breached => "misses its deadline",
            Self::Returned => "comes back that was put off",
            Self::Rated => "is rated",
        }
    }

    /// Its kind in the event log.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Created => "ticket.created",
            Self::Updated => "ticket.updated",
            Self::Replied => "ticket.replied",
            Self::Noted => "ticket.noted",
            Self::DueSoon => "ticket.due_soon",
            Self::Breached => "ticket.breached",
            Self::Returned => "ticket.returned",
            Self::Rated => "ticket.rated",
        }
    }

    pub fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.kind() == kind)
    }
}

words! {
    /// What a timed rule counts from. DUE lies ahead: the rule is tried before it.
    Since { Created = "CREATED", Status = "STATUS", Waits = "WAITS", Due = "DUE" }
}

impl Since {
    /// Ends the sentence that begins with a stretch of time.
    pub fn label(self) -> &'static str {
        match self {
            Self::Created => "after it was created",
            Self::Status => "after it came into its status",
            Self::Waits => "after whoever asks wrote and got no answer",
            Self::Due => "before it is due",
        }
    }
}

/// When a rule is tried: on events, or once when a time has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RuleMoment {
    On { on: Vec<RuleEvent> },
    After { since: Since, minutes: i32 },
}

/// The shortest and the longest time of a timed rule, in minutes: five of them, and two years.
pub const RULE_MINUTES: std::ops::RangeInclusive<i32> = 5..=1_051_200;

/// A rule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    pub name: String,
    pub enabled: bool,
    /// They are tried in this order.
    pub position: i32,
    /// Once it has fired, no later one is tried on the same event.
    pub stops: bool,
    pub moment: RuleMoment,
    pub condition: Condition,
    pub actions: Vec<RuleAction>,
    pub version: i32,
}
