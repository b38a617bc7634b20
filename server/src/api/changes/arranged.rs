//! Templates of changes, and times in which nothing is changed.

use super::model::moment;
use crate::api::assets::word;
use crate::api::extract::{Json, Path};
use crate::api::problem::{ReadRefused, Result, WriteRefused};
use crate::api::queues::{Answer, Saved, id, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::changes::{self, ChangeType, StageRule, TemplateForm, commands, queries};
use oxdesk::people::UserId;
use oxdesk::{Actor, Error, Permission, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Who is asked in one stage.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStageInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// ALL, ANY or QUORUM.
    rule: String,
    /// How many of them, of a QUORUM alone.
    quorum: Option<i32>,
    #[serde(default)]
    people: Vec<Uuid>,
    /// By their names: IT_MANAGER, …
    #[serde(default)]
    roles: Vec<String>,
    /// Whoever has one of the change's assets.
    #[serde(default)]
    asset_owners: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTemplateInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// STANDARD, NORMAL or EMERGENCY.
    r#type: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    backout_plan: String,
    #[serde(default)]
    test_plan: String,
    risk_level: Option<String>,
    /// In their order; all who approve changes are asked without any, and one of them is enough.
    #[serde(default)]
    stages: Vec<ChangeStageInput>,
    active: bool,
}

impl ChangeTemplateInput {
    fn form(self) -> oxdesk::Result<TemplateForm> {
        let stage = |stage: ChangeStageInput| -> oxdesk::Result<changes::StageForm> {
            Ok(changes::StageForm {
                name: stage.name,
                rule: word::<StageRule>("stages", Some(&stage.rule))?.ok_or(Error::Internal)?,
                quorum: stage.quorum,
                people: stage.people.into_iter().map(UserId).collect(),
                roles: stage.roles,
                asset_owners: stage.asset_owners,
            })
        };
        Ok(TemplateForm {
            kind: word::<ChangeType>("type", Some(&self.r#type))?.ok_or(Error::Internal)?,
            risk_level: word("risk_level", self.risk_level.as_deref())?,
            stages: self.stages.into_iter().map(stage).collect::<oxdesk::Result<_>>()?,
            name: self.name,
            description: self.description,
            plan: self.plan,
            backout_plan: self.backout_plan,
            test_plan: self.test_plan,
            active: self.active,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct ChangeTemplate {
    id: Uuid,
    version: i32,
    template: ChangeTemplateInput,
}

#[derive(Serialize, ToSchema)]
pub struct ChangeTemplatePage {
    data: Vec<ChangeTemplate>,
    next: Option<String>,
}

/// What changes begin with.
#[utoipa::path(get, path = "/change-templates", tag = "changes", responses((status = 200, body = ChangeTemplatePage), ReadRefused))]
pub async fn list_change_templates(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<ChangeTemplatePage> {
    let stage = |stage: changes::StageForm| ChangeStageInput {
        name: stage.name,
        rule: stage.rule.to_string(),
        quorum: stage.quorum,
        people: stage.people.into_iter().map(|person| person.0).collect(),
        roles: stage.roles,
        asset_owners: stage.asset_owners,
    };
    let one = |one: changes::ChangeTemplate| ChangeTemplate {
        id: one.id.0,
        version: one.version,
        template: ChangeTemplateInput {
            name: one.name,
            r#type: one.kind.to_string(),
            description: one.description,
            plan: one.plan,
            backout_plan: one.backout_plan,
            test_plan: one.test_plan,
            risk_level: one.risk_level.map(|risk| risk.to_string()),
            stages: one.stages.into_iter().map(stage).collect(),
            active: one.active,
        },
    };
    let data = queries::list_templates(&state.desk, &actor).await?.into_iter().map(one).collect();
    Ok(axum::Json(ChangeTemplatePage { data, next: None }))
}

/// Makes a template.
#[utoipa::path(post, path = "/change-templates", tag = "changes", request_body = ChangeTemplateInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_change_template(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ChangeTemplateInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    actor.require(Permission::ChangeApprove)?;
    made(commands::save_template(&state.desk, &actor, None, &input.form()?).await?.0)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedTemplate {
    /// The version that was read.
    version: i32,
    template: ChangeTemplateInput,
}

/// Replaces a template. Changes that are in review keep who is asked until an edit of theirs asks again.
#[utoipa::path(put, path = "/change-templates/{template_id}", tag = "changes", params(("template_id" = Uuid, Path)), request_body = ChangedTemplate, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_change_template(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(template): Path<String>,
    Json(input): Json<ChangedTemplate>,
) -> Answer<Saved> {
    actor.require(Permission::ChangeApprove)?;
    let changes = Some((id(&template)?, input.version));
    let saved = commands::save_template(&state.desk, &actor, changes, &input.template.form()?).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

#[derive(Serialize, ToSchema)]
pub struct ChangeBlackout {
    id: Uuid,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    starts: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends: Timestamp,
}

impl From<changes::Blackout> for ChangeBlackout {
    fn from(one: changes::Blackout) -> Self {
        Self { id: one.id.0, name: one.name, starts: one.starts, ends: one.ends }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ChangeBlackoutPage {
    data: Vec<ChangeBlackout>,
    next: Option<String>,
}

/// Times ahead in which nothing is changed.
#[utoipa::path(get, path = "/change-blackouts", tag = "changes", responses((status = 200, body = ChangeBlackoutPage), ReadRefused))]
pub async fn list_change_blackouts(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<ChangeBlackoutPage> {
    let data = queries::list_blackouts(&state.desk, &actor).await?.into_iter().map(Into::into).collect();
    Ok(axum::Json(ChangeBlackoutPage { data, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChangeBlackout {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(format = DateTime)]
    starts: String,
    #[schema(format = DateTime)]
    ends: String,
}

/// Names a time in which nothing is changed.
#[utoipa::path(post, path = "/change-blackouts", tag = "changes", request_body = NewChangeBlackout, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_change_blackout(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<NewChangeBlackout>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    actor.require(Permission::ChangeApprove)?;
    let starts = moment("starts", Some(&input.starts))?.ok_or(Error::Internal)?;
    let ends = moment("ends", Some(&input.ends))?.ok_or(Error::Internal)?;
    made(commands::save_blackout(&state.desk, &actor, &input.name, starts, ends).await?.0)
}

/// Takes a blackout away.
#[utoipa::path(delete, path = "/change-blackouts/{blackout_id}", tag = "changes", params(("blackout_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_change_blackout(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(blackout): Path<String>,
) -> Result<StatusCode> {
    commands::delete_blackout(&state.desk, &actor, id(&blackout)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
