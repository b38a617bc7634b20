//! What a field is, and what may stand in one.

use crate::categories::CategoryId;
use crate::id::{id, words};
use crate::tickets::QueueId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

id!(FieldId);

words! {
    /// What a field holds.
    FieldKind {
        Text = "TEXT",
        Number = "NUMBER",
        Date = "DATE",
        Choice = "CHOICE",
        MultiChoice = "MULTI_CHOICE",
        Person = "PERSON",
        YesNo = "YES_NO",
    }
}

impl FieldKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Number => "Number",
            Self::Date => "Date",
            Self::Choice => "One of several",
            Self::MultiChoice => "Some of several",
            Self::Person => "Person",
            Self::YesNo => "Yes or no",
        }
    }

    pub fn has_choices(self) -> bool {
        matches!(self, Self::Choice | Self::MultiChoice)
    }
}

/// A value as it stands in a ticket's `custom_fields`. Numbers are finite. A date is `2026-11-25`, a person an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    YesNo(bool),
    Number(f64),
    Text(String),
    Several(Vec<String>),
}

// What is not a number is refused before it becomes a value.
impl Eq for FieldValue {}

/// A ticket's values by their fields' keys.
pub type FieldValues = BTreeMap<String, FieldValue>;

/// A field as declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub id: FieldId,
    /// Its name in the API, in filters and in the database: never changes.
    pub key: String,
    pub label: String,
    pub kind: FieldKind,
    pub help: Option<String>,
    pub choices: Vec<String>,
    pub default_value: Option<FieldValue>,
    pub required: bool,
    /// Asked of requesters, and shown to them.
    pub is_public: bool,
    pub category_id: Option<CategoryId>,
    pub queue_id: Option<QueueId>,
    /// Asked only while that field has that value.
    pub asked_when: Option<Condition>,
    pub position: i32,
    pub is_deleted: bool,
    pub version: i32,
}

/// The value that another field must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub key: String,
    pub value: String,
}

/// A field with its value in words, for those who only read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownField {
    pub label: String,
    pub value: String,
}

/// A field as an administrator fills it in; see [`super::commands::save_field`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewField {
    /// Made from the label when empty; fixed once the field exists.
    pub key: String,
    pub label: String,
    pub kind: String,
    pub help: Option<String>,
    pub choices: Vec<String>,
    /// As one would type it.
    pub default_value: Option<String>,
    pub required: bool,
    pub is_public: bool,
    pub category_id: Option<String>,
    pub queue_id: Option<String>,
    /// Another field's key.
    pub asked_when_key: Option<String>,
    pub asked_when_value: Option<String>,
    pub position: Option<i32>,
}

/// At most this many fields, deleted ones included.
pub const FIELDS_MAX: i64 = 200;
/// At most this many choices in one field.
pub const CHOICES_MAX: usize = 100;
/// The longest choice, and the longest key of a filter, in characters.
pub const CHOICE_MAX: usize = 100;
/// The longest text in a field, in characters.
pub const TEXT_MAX: usize = 2000;
