//! What a report says.

use crate::Timestamp;
use crate::id::words;
use crate::presence::AtWork;
use crate::tickets::{QueueCount, TicketRow};
use serde::{Deserialize, Serialize};

words! {
    /// What tickets are broken down by.
    ReportDimension {
        Queue = "QUEUE", Assignee = "ASSIGNEE", Category = "CATEGORY", Priority = "PRIORITY", Source = "SOURCE",
        Organisation = "ORGANISATION", Policy = "POLICY",
    }
}

impl ReportDimension {
    pub fn label(self) -> &'static str {
        match self {
            Self::Queue => "Queue",
            Self::Assignee => "Assignee",
            Self::Category => "Category",
            Self::Priority => "Priority",
            Self::Source => "Source",
            Self::Organisation => "Organisation",
            Self::Policy => "Service level",
        }
    }

    /// What stands for nothing of it.
    pub fn none(self) -> &'static str {
        match self {
            Self::Queue => "No queue",
            Self::Assignee => "Nobody",
            Self::Category => "No category",
            Self::Organisation => "No organisation",
            Self::Policy => "Nothing promised",
            Self::Priority | Self::Source => "–",
        }
    }
}

/// From one day to another, both included, in the desk's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    pub from: String,
    pub to: String,
}

/// Half of all took no longer than `p50` minutes, nine of ten no longer than `p90`; to within a fortieth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Percentiles {
    pub p50: Option<i64>,
    pub p90: Option<i64>,
}

/// What tickets come to. First answers belong to the tickets that were made in the time, resolutions to those that were
/// solved in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub created: i64,
    /// Resolved, closed or cancelled, and still so.
    pub solved: i64,
    /// Of those solved: had been done before, and came back.
    pub reopened: i64,
    pub responses_in_time: i64,
    pub responses_late: i64,
    pub resolutions_in_time: i64,
    pub resolutions_late: i64,
    /// Working time where something was promised, by the clock elsewhere.
    pub response: Percentiles,
    pub resolution: Percentiles,
}

impl Figures {
    /// The share of first answers that kept what was promised, in percent; of those that were given.
    pub fn response_attainment(&self) -> Option<i64> {
        percent(self.responses_in_time, self.responses_in_time + self.responses_late)
    }

    pub fn resolution_attainment(&self) -> Option<i64> {
        percent(self.resolutions_in_time, self.resolutions_in_time + self.resolutions_late)
    }

    pub fn reopen_rate(&self) -> Option<i64> {
        percent(self.reopened, self.solved)
    }
}

/// Rounded down: all is only said to be well where it is.
fn percent(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| part * 100 / whole)
}

/// A day of the report. Every one of them is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    pub day: String,
    pub created: i64,
    pub solved: i64,
    /// Not solved when the day was over.
    pub open: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    /// An identifier, or a name; none where there is nothing.
    pub value: Option<String>,
    pub name: String,
    pub figures: Figures,
}

/// What a screen on the wall shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallboard {
    pub queues: Vec<QueueCount>,
    /// What is due next, or has been.
    pub due: Vec<TicketRow>,
    pub at_work: Vec<AtWork>,
    /// Today, in the desk's time zone; as far as it was counted.
    pub today: DayFigures,
    pub now: Timestamp,
    /// The time of day there.
    pub clock: String,
}

/// How tickets did from one day to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketReport {
    pub days: Days,
    pub time_zone: String,
    /// When it was counted; none where nothing was yet.
    pub counted_at: Option<Timestamp>,
    pub figures: Figures,
    /// As many days, just before.
    pub earlier_days: Days,
    pub earlier: Figures,
    pub daily: Vec<DayFigures>,
    pub by: ReportDimension,
    /// Those with the most tickets first.
    pub lines: Vec<ReportLine>,
    /// There are more lines than are shown.
    pub more: bool,
}
