//! Changes as the API shows and takes them.

use crate::api::assets::word;
use oxdesk::changes::{self, ChangeForm, ChangeTemplateId};
use oxdesk::tickets::rules::rename;
use oxdesk::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A line of a list.
#[derive(Serialize, ToSchema)]
pub struct ChangeRow {
    id: Uuid,
    change_number: String,
    title: String,
    /// STANDARD, NORMAL or EMERGENCY.
    r#type: String,
    /// DRAFT, SUBMITTED, IN_REVIEW, APPROVED, REJECTED, IMPLEMENTED or CLOSED.
    status: String,
    /// LOW, MEDIUM, HIGH or CRITICAL.
    risk_level: Option<String>,
    requested_by: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    planned_start_date: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    planned_end_date: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    version: i32,
}

impl From<changes::ChangeRow> for ChangeRow {
    fn from(row: changes::ChangeRow) -> Self {
        Self {
            id: row.id.0,
            change_number: row.change_number.to_string(),
            title: row.title,
            r#type: row.kind.to_string(),
            status: row.status.to_string(),
            risk_level: row.risk_level.map(|risk| risk.to_string()),
            requested_by: row.requested_by,
            planned_start_date: row.planned_start_date,
            planned_end_date: row.planned_end_date,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ChangePage {
    pub data: Vec<ChangeRow>,
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ChangeTask {
    id: Uuid,
    title: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    done_at: Option<Timestamp>,
    done_by: Option<String>,
}

/// A change, all of it.
#[derive(Serialize, ToSchema)]
pub struct Change {
    #[serde(flatten)]
    row: ChangeRow,
    description: String,
    priority: String,
    /// By question.
    risk_answers: BTreeMap<String, bool>,
    plan: Option<String>,
    backout_plan: Option<String>,
    test_plan: Option<String>,
    requested_by_id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    requested_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    actual_start_date: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    actual_end_date: Option<Timestamp>,
    implementation_notes: Option<String>,
    /// SUCCESSFUL, WITH_PROBLEMS, BACKED_OUT or FAILED.
    outcome: Option<String>,
    review: Option<String>,
    template_id: Option<Uuid>,
    /// Its number, if you may see it.
    related_ticket: Option<String>,
    /// Their numbers.
    assets: Vec<String>,
    tasks: Vec<ChangeTask>,
    /// The statuses that you may bring it to.
    next_statuses: Vec<String>,
    /// You are asked now.
    may_vote: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<changes::ChangePage> for Change {
    fn from(page: changes::ChangePage) -> Self {
        let change = page.change;
        let task = |task: changes::ChangeTask| ChangeTask {
            id: task.id.0,
            title: task.title,
            done_at: task.done_at,
            done_by: task.done_by,
        };
        Self {
            row: change.row.into(),
            description: change.description,
            priority: change.priority.to_string(),
            risk_answers: change.risk_answers,
            plan: change.plan,
            backout_plan: change.backout_plan,
            test_plan: change.test_plan,
            requested_by_id: change.requested_by_id.0,
            requested_at: change.requested_at,
            actual_start_date: change.actual_start_date,
            actual_end_date: change.actual_end_date,
            implementation_notes: change.implementation_notes,
            outcome: change.outcome.map(|outcome| outcome.to_string()),
            review: change.review,
            template_id: change.template_id.map(|id| id.0),
            related_ticket: change.related_ticket.map(|number| number.to_string()),
            assets: page.assets.into_iter().map(|asset| asset.asset_number.to_string()).collect(),
            tasks: page.tasks.into_iter().map(task).collect(),
            next_statuses: page.next.into_iter().map(|status| status.to_string()).collect(),
            may_vote: page.may_vote,
            created_at: change.created_at,
        }
    }
}

/// A change as it is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeInput {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(min_length = 1, max_length = 50000)]
    description: String,
    /// STANDARD, NORMAL (without it) or EMERGENCY.
    r#type: Option<String>,
    priority: Option<String>,
    /// The one that the answers propose without it.
    risk_level: Option<String>,
    /// By question: many_people, critical_service, never_done, no_test, no_way_back, others_involved.
    risk_answers: Option<BTreeMap<String, bool>>,
    #[schema(max_length = 50000)]
    plan: Option<String>,
    #[schema(max_length = 50000)]
    backout_plan: Option<String>,
    #[schema(max_length = 50000)]
    test_plan: Option<String>,
    #[schema(format = DateTime)]
    planned_start_date: Option<String>,
    #[schema(format = DateTime)]
    planned_end_date: Option<String>,
    template_id: Option<Uuid>,
    /// Its number.
    related_ticket: Option<String>,
    /// Their numbers.
    #[schema(max_items = 200)]
    assets: Option<Vec<String>>,
}

/// A moment of a field.
pub fn moment(field: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    text.map(|text| text.parse().map_err(|error| rename(error, field))).transpose()
}

impl ChangeInput {
    pub fn form(self) -> Result<ChangeForm> {
        let assets = self.assets.unwrap_or_default();
        let assets = assets.iter().map(|number| number.parse().map_err(|error| rename(error, "assets")));
        Ok(ChangeForm {
            kind: word("type", self.r#type.as_deref())?,
            priority: word("priority", self.priority.as_deref())?,
            risk_level: word("risk_level", self.risk_level.as_deref())?,
            risk_answers: self.risk_answers.unwrap_or_default(),
            planned_start_date: moment("planned_start_date", self.planned_start_date.as_deref())?,
            planned_end_date: moment("planned_end_date", self.planned_end_date.as_deref())?,
            template_id: self.template_id.map(ChangeTemplateId),
            related_ticket: word("related_ticket", self.related_ticket.as_deref())?,
            assets: assets.collect::<Result<_, Error>>()?,
            title: self.title,
            description: self.description,
            plan: self.plan,
            backout_plan: self.backout_plan,
            test_plan: self.test_plan,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct ApprovalVoice {
    approver_id: Uuid,
    name: String,
    /// PENDING, APPROVED or REJECTED.
    status: String,
    comments: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    approved_at: Option<Timestamp>,
    /// Their deputy, where one voted for them.
    voted_by: Option<String>,
    /// It was about an earlier version, and no longer counts.
    is_void: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ApprovalStage {
    stage: i32,
    name: String,
    /// ALL, ANY or QUORUM.
    rule: String,
    quorum: Option<i32>,
    /// Its people are asked now.
    is_next: bool,
    is_done: bool,
    approvals: Vec<ApprovalVoice>,
}

impl From<changes::ChangeStage> for ApprovalStage {
    fn from(stage: changes::ChangeStage) -> Self {
        let voice = |one: changes::Approver| ApprovalVoice {
            approver_id: one.id.0,
            name: one.name,
            status: one.status.to_string(),
            comments: one.comments,
            approved_at: one.voted_at,
            voted_by: one.voted_by,
            is_void: one.is_void,
        };
        Self {
            stage: stage.stage,
            name: stage.name,
            rule: stage.rule.to_string(),
            quorum: stage.quorum,
            is_next: stage.is_next,
            is_done: stage.is_done,
            approvals: stage.approvers.into_iter().map(voice).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct StagePage {
    pub data: Vec<ApprovalStage>,
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ChangeConflict {
    /// None for a blackout, and for a change that you may not see.
    change_number: Option<String>,
    title: String,
    #[schema(value_type = String, format = DateTime)]
    starts: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends: Timestamp,
    /// What both touch, up to 20.
    assets: Vec<String>,
}

impl From<changes::Conflict> for ChangeConflict {
    fn from(one: changes::Conflict) -> Self {
        Self {
            change_number: one.change_number.map(|number| number.to_string()),
            title: one.title,
            starts: one.starts,
            ends: one.ends,
            assets: one.assets,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ConflictPage {
    pub data: Vec<ChangeConflict>,
    pub next: Option<String>,
}
