//! What a calendar is, as it is written down, and how a deadline explains itself.

use crate::Timestamp;
use crate::id::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A day's shifts: from, to, in the calendar's own time, as `09:00`; `24:00` ends a day, and a shift that ends before it
/// begins runs over midnight.
pub type Shifts = Vec<[String; 2]>;

/// When the desk works. What it says is checked by [`OpenHours::of`](super::rules::OpenHours::of).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// An IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// `mon` … `sun` → the shifts of that day. A day that is not named is closed.
    pub hours: BTreeMap<String, Shifts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Other hours from a day on, in place of `hours`: a summer's, or those of a new contract.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<HoursFrom>,
}

/// A day, or a part of one, on which the desk is closed. Written as a day alone where nothing else is to be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "HolidayText", into = "HolidayText")]
pub struct Holiday {
    /// `2026-12-25`, or `12-25` for every year.
    pub date: String,
    pub name: Option<String>,
    /// A half day: only this part of it is closed.
    pub closed: Option<[String; 2]>,
}

/// Weekly hours that hold from a day on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursFrom {
    /// `2026-07-01`.
    pub from: String,
    pub hours: BTreeMap<String, Shifts>,
}

/// A holiday as it stands in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum HolidayText {
    Day(String),
    #[serde(rename_all = "snake_case")]
    Named {
        date: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closed: Option<[String; 2]>,
    },
}

impl From<HolidayText> for Holiday {
    fn from(text: HolidayText) -> Self {
        match text {
            HolidayText::Day(date) => Self { date, name: None, closed: None },
            HolidayText::Named { date, name, closed } => Self { date, name, closed },
        }
    }
}

impl From<Holiday> for HolidayText {
    fn from(Holiday { date, name, closed }: Holiday) -> Self {
        if name.is_none() && closed.is_none() { Self::Day(date) } else { Self::Named { date, name, closed } }
    }
}

/// A stretch of time from `from` up to `to`, without `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

words! {
    /// What the clock of a deadline does.
    SegmentKind {
        Work = "work",
        Pause = "pause",
        Closed = "closed",
        Holiday = "holiday",
    }
}

/// A part of the way from a ticket's beginning to its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub kind: SegmentKind,
    pub from: Timestamp,
    pub to: Timestamp,
}
