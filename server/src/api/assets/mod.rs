//! Assets: what the organisation runs.

mod arranged;
mod bulk;
mod model;
mod relations;

pub use arranged::*;
pub use bulk::*;
pub use model::word;
pub use relations::*;

use super::extract::{Json, Path, Query, page_size};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use model::{Asset, AssetInput, AssetPage};
use oxdesk::Actor;
use oxdesk::assets::rules::require_asset_filter;
use oxdesk::assets::{AssetId, commands, queries};
use oxdesk::people::UserId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// By its id, its number, or the serial number on its back.
pub(super) async fn find(state: &AppState, actor: &Actor, text: &str) -> Result<AssetId> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) if text.len() > 100 => Err(Problem::not_found()),
        Err(_) => Ok(queries::resolve_number(&state.desk, actor, text).await?),
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AssetQuery {
    /// As in the page's bar: `type:hardware status:active owner:none warranty:<90d thinkpad`.
    #[param(max_length = 1000)]
    q: Option<String>,
    /// The last page's `next`.
    after: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// The assets that you may see.
#[utoipa::path(get, path = "/assets", tag = "assets", params(AssetQuery), responses((status = 200, body = AssetPage), ReadRefused))]
pub async fn list_assets(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<AssetQuery>,
) -> Answer<AssetPage> {
    let filter = require_asset_filter(&query.q.unwrap_or_default())?;
    let limit = page_size(query.limit)?;
    let list = queries::list_assets(&state.desk, &actor, &filter, query.after.as_deref(), limit).await?;
    Ok(axum::Json(AssetPage { data: list.rows.into_iter().map(Into::into).collect(), next: list.next }))
}

/// An asset, by its id, its number or its serial number.
#[utoipa::path(get, path = "/assets/{asset}", tag = "assets", params(("asset" = String, Path)), responses((status = 200, body = Asset), ReadRefused))]
pub async fn get_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
) -> Answer<Asset> {
    let id = find(&state, &actor, &asset).await?;
    Ok(axum::Json(queries::asset(&state.desk, &actor, id).await?.into()))
}

/// Makes an asset.
#[utoipa::path(post, path = "/assets", tag = "assets", request_body = AssetInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<AssetInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(commands::save_asset(&state.desk, &actor, None, &input.form()?).await?.0)
}

/// A changed asset, with the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetChange {
    version: i32,
    asset: AssetInput,
}

/// Replaces an asset; what changed is in its history. Another assigned_to_id is a hand-over.
#[utoipa::path(put, path = "/assets/{asset}", tag = "assets", params(("asset" = String, Path)), request_body = AssetChange, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
    Json(input): Json<AssetChange>,
) -> Answer<Saved> {
    let changes = Some((find(&state, &actor, &asset).await?, input.version));
    let saved = commands::save_asset(&state.desk, &actor, changes, &input.asset.form()?).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Deletes an asset; it can be restored.
#[utoipa::path(delete, path = "/assets/{asset}", tag = "assets", params(("asset" = String, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &asset).await?;
    commands::delete_asset(&state.desk, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted asset back, by its id.
#[utoipa::path(post, path = "/assets/{asset}/restore", tag = "assets", params(("asset" = String, Path)), responses((status = 204), WriteRefused))]
pub async fn restore_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
) -> Result<StatusCode> {
    commands::restore_asset(&state.desk, &actor, asset.parse().map_err(|_| Problem::not_found())?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who has it from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// Nobody without it.
    to: Option<Uuid>,
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Hands an asset to someone, or takes it back.
#[utoipa::path(post, path = "/assets/{asset}/hand-over", tag = "assets", params(("asset" = String, Path)), request_body = HandOver, responses((status = 204), WriteRefused))]
pub async fn hand_over(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
    Json(input): Json<HandOver>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &asset).await?;
    commands::hand_over(&state.desk, &actor, id, input.to.map(UserId), input.note.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
