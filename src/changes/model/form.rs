//! What is asked for: a change, a template of changes, how one went.

use super::{ChangeOutcome, ChangeTemplateId, ChangeType, RiskLevel, StageRule};
use crate::Timestamp;
use crate::assets::AssetNumber;
use crate::people::UserId;
use crate::tickets::{TicketNumber, TicketPriority};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
