//! Changes by day, and when nothing is changed.

use super::{BlackoutId, ChangeRow};
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A time in which nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blackout {
    pub id: BlackoutId,
    pub name: String,
    pub starts: Timestamp,
    pub ends: Timestamp,
    /// In the reader's time zone.
    pub window: String,
}

/// Days in the reader's time zone, and what is planned on each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCalendar {
    pub days: Vec<CalendarDay>,
    pub changes: Vec<CalendarChange>,
    pub blackouts: Vec<Blackout>,
    pub today: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    /// `2026-11-28`.
    pub day: String,
    /// Of `changes`.
    pub changes: Vec<usize>,
    /// Of `blackouts`.
    pub blackouts: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarChange {
    pub row: ChangeRow,
    /// When it begins, `20:00`.
    pub from: String,
    /// Touches what another one in the same time touches, or falls into a blackout.
    pub conflicts: bool,
}
