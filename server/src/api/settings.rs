//! Settings, by their keys.

use super::extract::{Json, Path};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::Answer;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::settings::{self, SettingValue, commands, find, queries};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A setting, with what it is at the moment.
#[derive(Serialize, ToSchema)]
pub struct Setting {
    key: String,
    name: String,
    value: String,
    default: String,
    /// STRING, NUMBER or BOOLEAN.
    r#type: String,
    /// What it takes, in words.
    takes: String,
    /// AUTH, EMAIL, FILE, BRANDING, SLA or GENERAL.
    category: String,
    description: String,
    /// When a change counts.
    effective: String,
    /// None where it is as declared.
    changed_at: Option<String>,
    changed_by: Option<String>,
}

fn shown(value: SettingValue) -> oxdesk::Result<Setting> {
    let setting: &settings::Setting = find(&value.key).ok_or(Error::NotFound)?;
    Ok(Setting {
        name: setting.name.to_owned(),
        default: setting.default.to_owned(),
        r#type: setting.kind().to_string(),
        takes: setting.takes(),
        category: setting.category.to_string(),
        description: setting.description.to_owned(),
        effective: setting.effective.to_owned(),
        changed_at: value.changed_at.map(|at| at.to_string()),
        changed_by: value.changed_by,
        key: value.key,
        value: value.value,
    })
}

#[derive(Serialize, ToSchema)]
pub struct SettingPage {
    data: Vec<Setting>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingInput {
    /// As text, whatever its type: `true`, `48`, `english`.
    #[schema(max_length = 2000)]
    value: String,
}

/// Every setting.
#[utoipa::path(get, path = "/settings", tag = "settings", responses((status = 200, body = SettingPage), ReadRefused))]
pub async fn list_settings(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<SettingPage> {
    let values = queries::list_settings(&state.desk, &actor).await?;
    let data = values.into_iter().map(shown).collect::<oxdesk::Result<_>>()?;
    Ok(axum::Json(SettingPage { data, next: None }))
}

/// A setting.
#[utoipa::path(get, path = "/settings/{key}", tag = "settings", params(("key" = String, Path, description = "Such as tickets.undo_send_seconds")),
    responses((status = 200, body = Setting), ReadRefused))]
pub async fn get_setting(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(key): Path<String>,
) -> Answer<Setting> {
    Ok(axum::Json(shown(queries::setting(&state.desk, &actor, &key).await?)?))
}

/// Changes a setting.
#[utoipa::path(put, path = "/settings/{key}", tag = "settings", params(("key" = String, Path, description = "Such as tickets.undo_send_seconds")),
    request_body = SettingInput, responses((status = 204), WriteRefused))]
pub async fn change_setting(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(key): Path<String>,
    Json(input): Json<SettingInput>,
) -> Result<StatusCode> {
    // Whoever may not learns nothing of what there is.
    queries::setting(&state.desk, &actor, &key).await?;
    commands::set_setting(&state.desk, &actor, &key, &input.value).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a setting back to what is declared.
#[utoipa::path(delete, path = "/settings/{key}", tag = "settings", params(("key" = String, Path, description = "Such as tickets.undo_send_seconds")),
    responses((status = 204), WriteRefused))]
pub async fn reset_setting(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(key): Path<String>,
) -> Result<StatusCode> {
    commands::reset_setting(&state.desk, &actor, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
