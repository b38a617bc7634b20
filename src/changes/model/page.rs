//! A change as it is read: a row of a list, its page.

use super::{
    ApprovalStatus, ChangeId, ChangeNumber, ChangeOutcome, ChangeStatus, ChangeTaskId, ChangeTemplateId, ChangeType,
    RiskLevel, StageRule,
};
use crate::Timestamp;
use crate::assets::{AssetId, AssetNumber, AssetStatus};
use crate::attachments::HeldFile;
use crate::people::UserId;
use crate::tickets::{TicketNumber, TicketPriority};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many conflicts are told.
pub const CONFLICTS_MAX: i64 = 50;

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
    /// The oldest first.
    pub attachments: Vec<HeldFile>,
    /// What the reader may make of it.
    pub next: Vec<ChangeStatus>,
    pub may_edit: bool,
    /// Add files to it.
    pub may_attach: bool,
    /// Take files away.
    pub may_detach: bool,
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
