//! ITIL's problem: a ticket about the cause of others.

use super::TicketId;
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known of a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whose it is: of a ticket into which a problem was merged, the one that was.
    pub ticket_id: TicketId,
    pub root_cause: Option<String>,
    /// How people work on meanwhile.
    pub workaround: Option<String>,
    /// Its cause or a workaround is known, and it is not solved for good: it is offered to whoever works on the same.
    pub is_known_error: bool,
    pub version: i32,
    pub updated_by: Option<String>,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProblemForm {
    pub root_cause: Option<String>,
    pub workaround: Option<String>,
    pub is_known_error: bool,
}
