//! What a change is: the spec's `ChangeRequest`, with its stages and voices.

mod calendar;
mod form;
mod page;

pub use calendar::*;
pub use form::*;
pub use page::*;

use crate::id::{id, read_number, words};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

id!(ChangeId);
id!(ChangeTemplateId);
id!(BlackoutId);
id!(ChangeTaskId);

words! {
    ChangeType { Standard = "STANDARD", Normal = "NORMAL", Emergency = "EMERGENCY" }
}

impl ChangeType {
    pub fn label(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Normal => "Normal",
            Self::Emergency => "Emergency",
        }
    }
}

words! {
    ChangeStatus {
        Draft = "DRAFT", Submitted = "SUBMITTED", InReview = "IN_REVIEW", Approved = "APPROVED", Rejected = "REJECTED",
        Implemented = "IMPLEMENTED", Closed = "CLOSED",
    }
}

impl ChangeStatus {
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Submitted => "Submitted",
            Self::InReview => "In review",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Implemented => "Implemented",
            Self::Closed => "Closed",
        }
    }
}

words! {
    RiskLevel { Low = "LOW", Medium = "MEDIUM", High = "HIGH", Critical = "CRITICAL" }
}

impl RiskLevel {
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

words! {
    ApprovalStatus { Pending = "PENDING", Approved = "APPROVED", Rejected = "REJECTED" }
}

words! {
    /// How many of a stage have to say yes.
    StageRule { All = "ALL", Any = "ANY", Quorum = "QUORUM" }
}

words! {
    /// How a change went.
    ChangeOutcome { Successful = "SUCCESSFUL", WithProblems = "WITH_PROBLEMS", BackedOut = "BACKED_OUT", Failed = "FAILED" }
}

impl ChangeOutcome {
    pub fn label(self) -> &'static str {
        match self {
            Self::Successful => "As planned",
            Self::WithProblems => "With problems",
            Self::BackedOut => "Backed out",
            Self::Failed => "Failed",
        }
    }
}

/// The spec's `changeNumber`: `CHG-2026-0001`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct ChangeNumber(String);

impl ChangeNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChangeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChangeNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let read = read_number("CHG", text).map(|(year, last)| Self(format!("CHG-{year}-{last:04}")));
        read.ok_or_else(|| Error::invalid("change_number", "A number looks like CHG-2026-0017."))
    }
}
