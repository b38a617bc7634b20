//! What a rule does.

use crate::fields::FieldValue;
use crate::macros::MacroId;
use crate::people::UserId;
use crate::queues::AssignmentRule;
use crate::tickets::{QueueId, TicketNumber, TicketPriority, TicketStatus};
use crate::webhooks::WebhookId;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One thing that is done; a rule does its things in their order, all of them or none. Texts may hold the placeholders of
/// macros.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleAction {
    /// `text` is what solved it, or why it is cancelled.
    SetStatus {
        status: TicketStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    SetPriority {
        priority: TicketPriority,
    },
    /// By one step, where there is one.
    RaisePriority,
    SetQueue {
        queue: QueueId,
    },
    SetCategory {
        category: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subcategory: Option<String>,
    },
    /// A custom field; empties it without a value.
    SetField {
        key: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<FieldValue>,
    },
    AssignTo {
        user: UserId,
    },
    /// To a member of its queue who is working.
    AssignBy {
        rule: AssignmentRule,
    },
    Unassign,
    AddTag {
        tag: String,
    },
    RemoveTag {
        tag: String,
    },
    /// Written to whoever asks, by the desk: it is no first answer.
    Reply {
        text: String,
    },
    Note {
        text: String,
    },
    Notify {
        to: Recipient,
        text: String,
    },
    /// As related to it.
    Link {
        ticket: TicketNumber,
    },
    Webhook {
        webhook: WebhookId,
    },
    /// A draft in the name of its assignee, or else of who wrote the rule.
    CreateChange {
        text: String,
    },
    /// A shared one; its text goes to whoever asks.
    RunMacro {
        r#macro: MacroId,
    },
}

/// Who is told: `assignee`, `queue`, `role:NAME` or `user:ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Recipient {
    Assignee,
    Queue,
    Role(String),
    User(UserId),
}

impl FromStr for Recipient {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            None if text == "assignee" => Ok(Self::Assignee),
            None if text == "queue" => Ok(Self::Queue),
            Some(("role", role)) if !role.is_empty() => Ok(Self::Role(role.to_owned())),
            Some(("user", user)) => Ok(Self::User(user.parse()?)),
            _ => Err(Error::invalid("to", "assignee, queue, role:NAME or user:ID, please.")),
        }
    }
}

impl TryFrom<String> for Recipient {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(to: Recipient) -> Self {
        to.to_string()
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assignee => f.write_str("assignee"),
            Self::Queue => f.write_str("queue"),
            Self::Role(role) => write!(f, "role:{role}"),
            Self::User(user) => write!(f, "user:{user}"),
        }
    }
}
