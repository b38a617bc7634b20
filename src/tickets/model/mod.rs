//! What a ticket is, for the browser and the server alike.

mod filter;
mod new;
mod page;
mod problem;
mod work;

pub use filter::*;
pub use new::*;
pub use page::*;
pub use problem::*;
pub use work::*;

use crate::id::{id, words};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

id!(TicketId);
id!(CommentId);
id!(AttachmentId);
id!(QueueId);
id!(LinkId);
id!(OutgoingId);
id!(ChecklistItemId);
id!(TimeEntryId);

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

impl TicketSource {
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "E-mail",
            Self::Form => "Form",
            Self::Api => "API",
            Self::AiChat => "Question in the portal",
            Self::Phone => "Telephone",
        }
    }
}

impl TicketPriority {
    /// One step up, where there is one.
    pub fn raised(self) -> Self {
        match self {
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

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
