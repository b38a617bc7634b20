//! What a change is: the spec's `ChangeRequest`, with its stages and voices.

use crate::assets::{AssetId, AssetNumber, AssetStatus};
use crate::id::{id, read_number, words};
use crate::people::UserId;
use crate::tickets::{TicketNumber, TicketPriority};
use crate::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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

/// A stage as it is asked for: people by name, by role, and whoever has one of the assets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageForm {
    pub name: String,
    pub rule: StageRule,
    pub quorum: Option<i32>,
    #[serde(default)]
    pub people: Vec<UserId>,
    #[serde(default)]
    pub roles: Vec<String>,
    #[serde(default)]
    pub asset_owners: bool,
}

/// A change as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeForm {
    pub title: String,
    pub description: String,
    /// NORMAL without one.
    #[serde(rename = "type")]
    pub kind: Option<ChangeType>,
    pub priority: Option<TicketPriority>,
    pub risk_level: Option<RiskLevel>,
    /// By question.
    pub risk_answers: BTreeMap<String, bool>,
    pub plan: Option<String>,
    pub backout_plan: Option<String>,
    pub test_plan: Option<String>,
    /// Both or neither.
    pub planned_start_date: Option<Timestamp>,
    pub planned_end_date: Option<Timestamp>,
    pub template_id: Option<ChangeTemplateId>,
    pub related_ticket: Option<TicketNumber>,
    pub assets: Vec<AssetNumber>,
}

/// A template has so many stages at most.
pub const TEMPLATE_STAGES_MAX: usize = 5;

/// So many conflicts are told.
pub const CONFLICTS_MAX: i64 = 50;

/// Who votes for someone, on which days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deputy {
    pub id: UserId,
    pub name: String,
    pub from_day: String,
    pub until_day: String,
}

/// At most so many assets are named.
pub const ASSETS_MAX: usize = 200;

/// Which of them a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeScope {
    /// What is not over yet.
    #[default]
    Open,
    /// What the reader is asked about now.
    Waiting,
    Mine,
    Done,
    All,
}

impl ChangeScope {
    pub const ALL: [Self; 5] = [Self::Open, Self::Waiting, Self::Mine, Self::Done, Self::All];

    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Mine => "mine",
            Self::Done => "done",
            Self::All => "all",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Waiting => "Waits for you",
            Self::Mine => "Yours",
            Self::Done => "Over",
            Self::All => "All",
        }
    }

    /// Open for what is none of them.
    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|scope| scope.word() == word).unwrap_or_default()
    }
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    pub id: ChangeId,
    pub change_number: ChangeNumber,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: ChangeType,
    pub status: ChangeStatus,
    pub risk_level: Option<RiskLevel>,
    pub requested_by: String,
    pub planned_start_date: Option<Timestamp>,
    pub planned_end_date: Option<Timestamp>,
    /// In the reader's time zone: `2026-11-28 20:00 – 22:00`.
    pub window: Option<String>,
    pub updated_at: Timestamp,
    pub version: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeList {
    pub rows: Vec<ChangeRow>,
    /// Of those that were carried out in the last 90 days: how many there are, and how many went as planned. Of the list of
    /// what is over alone.
    pub success: Option<(i64, i64)>,
    /// The next page begins after it.
    pub next: Option<String>,
    pub now: Timestamp,
}

/// A change, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    #[serde(flatten)]
    pub row: ChangeRow,
    pub description: String,
    pub priority: TicketPriority,
    pub risk_answers: BTreeMap<String, bool>,
    pub plan: Option<String>,
    pub backout_plan: Option<String>,
    pub test_plan: Option<String>,
    pub requested_by_id: UserId,
    pub requested_at: Timestamp,
    /// When it was done, in the reader's time zone.
    pub actual: Option<String>,
    pub actual_start_date: Option<Timestamp>,
    pub actual_end_date: Option<Timestamp>,
    /// When those whom it concerns were told.
    pub announced_at: Option<Timestamp>,
    pub implementation_notes: Option<String>,
    pub outcome: Option<ChangeOutcome>,
    pub review: Option<String>,
    pub template_id: Option<ChangeTemplateId>,
    pub template: Option<String>,
    pub related_ticket: Option<TicketNumber>,
    pub related_subject: Option<String>,
    pub created_at: Timestamp,
}

/// A change's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePage {
    pub change: Change,
    pub assets: Vec<ChangedAsset>,
    pub affected: Affected,
    pub stages: Vec<ChangeStage>,
    pub conflicts: Vec<Conflict>,
    pub tasks: Vec<ChangeTask>,
    pub history: Vec<ChangeEvent>,
    /// What the reader may make of it.
    pub next: Vec<ChangeStatus>,
    pub may_edit: bool,
    /// The reader is asked now.
    pub may_vote: bool,
    /// For an editor: in the reader's time zone, as a form sends it.
    pub starts: String,
    pub ends: String,
    pub now: Timestamp,
}

/// What fails while its assets do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Without those that are named.
    pub assets: i64,
    /// Who have one of them.
    pub people: i64,
    /// Open ones about them.
    pub tickets: i64,
}

/// One whose yes is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approver {
    pub id: UserId,
    pub name: String,
    pub status: ApprovalStatus,
    pub comments: Option<String>,
    pub voted_at: Option<Timestamp>,
    /// Their deputy, where one voted for them.
    pub voted_by: Option<String>,
    /// What they said yes or no to has changed since.
    pub is_void: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStage {
    pub stage: i32,
    pub name: String,
    pub rule: StageRule,
    pub quorum: Option<i32>,
    pub approvers: Vec<Approver>,
    /// Its people are asked now.
    pub is_next: bool,
    /// It has said yes.
    pub is_done: bool,
}

/// An asset that a change touches, or that depends on one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedAsset {
    pub id: AssetId,
    pub asset_number: AssetNumber,
    pub name: String,
    pub status: AssetStatus,
}

/// Another change, or a blackout, in the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// None for a blackout.
    pub change_number: Option<ChangeNumber>,
    pub title: String,
    pub starts: Timestamp,
    pub ends: Timestamp,
    /// In the reader's time zone.
    pub window: String,
    /// What both touch.
    pub assets: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeTask {
    pub id: ChangeTaskId,
    pub title: String,
    pub done_at: Option<Timestamp>,
    pub done_by: Option<String>,
}

/// What happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEvent {
    pub what: String,
    pub comment: Option<String>,
    pub by: Option<String>,
    pub at: Timestamp,
}

/// How it went, from those who did it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Implementation {
    pub actual_start_date: Option<Timestamp>,
    pub actual_end_date: Option<Timestamp>,
    pub implementation_notes: Option<String>,
    pub outcome: Option<ChangeOutcome>,
}

/// What changes of its kind begin with, and who says yes to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeTemplate {
    pub id: ChangeTemplateId,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ChangeType,
    pub description: String,
    pub plan: String,
    pub backout_plan: String,
    pub test_plan: String,
    pub risk_level: Option<RiskLevel>,
    pub stages: Vec<StageForm>,
    pub active: bool,
    pub version: i32,
}

/// A template as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateForm {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ChangeType,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub plan: String,
    #[serde(default)]
    pub backout_plan: String,
    #[serde(default)]
    pub test_plan: String,
    #[serde(default)]
    pub risk_level: Option<RiskLevel>,
    #[serde(default)]
    pub stages: Vec<StageForm>,
    pub active: bool,
}

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
