//! What must hold for a rule to fire: a tree of tests.

use crate::id::words;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// `{"all": […]}`, `{"any": […]}`, `{"not": …}`, or one test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Nothing in it holds always.
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    #[serde(untagged)]
    Test(Test),
}

/// `{"field": "subject", "is": "CONTAINS", "values": ["vpn"]}`: one of the values is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    pub field: FactName,
    /// Of what it was before the change that the rule is tried on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub before: bool,
    pub is: Comparison,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

words! {
    Comparison {
        Is = "IS",
        IsNot = "IS_NOT",
        Contains = "CONTAINS",
        ContainsNot = "CONTAINS_NOT",
        BeginsWith = "BEGINS_WITH",
        IsSet = "IS_SET",
        IsEmpty = "IS_EMPTY",
        Changed = "CHANGED",
        MoreThan = "MORE_THAN",
        LessThan = "LESS_THAN",
    }
}

impl Comparison {
    pub fn label(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::Contains => "contains",
            Self::ContainsNot => "does not contain",
            Self::BeginsWith => "begins with",
            Self::IsSet => "is set",
            Self::IsEmpty => "is empty",
            Self::Changed => "has changed",
            Self::MoreThan => "is more than",
            Self::LessThan => "is less than",
        }
    }

    pub fn takes_values(self) -> bool {
        !matches!(self, Self::IsSet | Self::IsEmpty | Self::Changed)
    }
}

words! {
    /// What a rule knows of a ticket and of what happened to it.
    Fact {
        Subject = "subject",
        Description = "description",
        Status = "status",
        Priority = "priority",
        Source = "source",
        Queue = "queue",
        Category = "category",
        Subcategory = "subcategory",
        Assignee = "assignee",
        Requester = "requester",
        Organisation = "organisation",
        Tag = "tag",
        Comment = "comment",
        By = "by",
    }
}

impl Fact {
    pub fn label(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Description => "description",
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Source => "source",
            Self::Queue => "queue",
            Self::Category => "category",
            Self::Subcategory => "subcategory",
            Self::Assignee => "assignee",
            Self::Requester => "requester’s address",
            Self::Organisation => "organisation",
            Self::Tag => "tag",
            Self::Comment => "what was written",
            Self::By => "whoever did it",
        }
    }

    /// Its name in a ticket's history.
    pub fn history_field(self) -> Option<&'static str> {
        match self {
            Self::Subject => Some("subject"),
            Self::Status => Some("status"),
            Self::Priority => Some("priority"),
            Self::Queue => Some("queue_id"),
            Self::Category => Some("category"),
            Self::Subcategory => Some("subcategory"),
            Self::Assignee => Some("assigned_to_id"),
            Self::Tag => Some("tags"),
            _ => None,
        }
    }
}

/// Who brought an event about, as the fact `by` has it. MACHINE: a mail that says of itself that no person wrote it.
pub const BY: [&str; 4] = ["REQUESTER", "AGENT", "DESK", "MACHINE"];

/// A fact, or a custom field as `field.KEY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum FactName {
    Known(Fact),
    Custom(String),
}

impl FromStr for FactName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.strip_prefix("field.") {
            Some(key) if !key.is_empty() => Ok(Self::Custom(key.to_owned())),
            _ => text.parse().map(Self::Known).map_err(|_| {
                let known: Vec<_> = Fact::ALL.iter().map(|fact| fact.as_str()).collect();
                Error::invalid("field", format!("“{text}” is no field: {} or field.KEY.", known.join(", ")))
            }),
        }
    }
}

impl TryFrom<String> for FactName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<FactName> for String {
    fn from(name: FactName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for FactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(fact) => fact.fmt(f),
            Self::Custom(key) => write!(f, "field.{key}"),
        }
    }
}
