//! What is to be known of assets of a category, and lists of them with a name.

use crate::api::extract::{Json, Path};
use crate::api::problem::{ReadRefused, Result, WriteRefused};
use crate::api::queues::{Answer, Saved, id, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::assets::{self, AssetFieldForm, commands, queries};
use oxdesk::views::{self, NewAssetView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A field that assets have. Its values stand in their custom_fields under its name.
#[derive(Serialize, ToSchema)]
pub struct AssetField {
    id: Uuid,
    name: String,
    /// TEXT, NUMBER, DATE, CHOICE or YES_NO.
    kind: String,
    help: Option<String>,
    choices: Vec<String>,
    /// Where it belongs; none means everywhere.
    categories: Vec<String>,
    required: bool,
    position: i32,
    version: i32,
}

impl From<assets::AssetField> for AssetField {
    fn from(field: assets::AssetField) -> Self {
        Self {
            id: field.id.0,
            name: field.name,
            kind: field.kind.to_string(),
            help: field.help,
            choices: field.choices,
            categories: field.categories,
            required: field.required,
            position: field.position,
            version: field.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AssetFieldPage {
    data: Vec<AssetField>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetFieldInput {
    /// Without a colon or a comma. Never changes.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// TEXT without it. Never changes.
    kind: Option<String>,
    #[schema(max_length = 300)]
    help: Option<String>,
    #[serde(default)]
    choices: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    required: bool,
    #[schema(minimum = 0)]
    position: Option<i32>,
}

impl AssetFieldInput {
    fn form(self) -> oxdesk::Result<AssetFieldForm> {
        Ok(AssetFieldForm {
            kind: super::word("kind", self.kind.as_deref())?,
            name: self.name,
            help: self.help,
            choices: self.choices,
            categories: self.categories,
            required: self.required,
            position: self.position,
        })
    }
}

/// A changed field, with the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetFieldChange {
    version: i32,
    field: AssetFieldInput,
}

/// The fields that are declared for assets, in their order.
#[utoipa::path(get, path = "/asset-fields", tag = "assets", responses((status = 200, body = AssetFieldPage), ReadRefused))]
pub async fn list_asset_fields(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<AssetFieldPage> {
    let fields = queries::list_asset_fields(&state.desk, &actor).await?;
    Ok(axum::Json(AssetFieldPage { data: fields.into_iter().map(Into::into).collect(), next: None }))
}

/// Declares a field.
#[utoipa::path(post, path = "/asset-fields", tag = "assets", request_body = AssetFieldInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_asset_field(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<AssetFieldInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(commands::save_asset_field(&state.desk, &actor, None, &input.form()?).await?.0)
}

/// Changes a field; its name and kind stay.
#[utoipa::path(put, path = "/asset-fields/{asset_field_id}", tag = "assets", params(("asset_field_id" = Uuid, Path)), request_body = AssetFieldChange, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_asset_field(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(field): Path<String>,
    Json(input): Json<AssetFieldChange>,
) -> Answer<Saved> {
    let changes = Some((id(&field)?, input.version));
    let saved = commands::save_asset_field(&state.desk, &actor, changes, &input.field.form()?).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Takes a field out of every form; what assets have there stays with them.
#[utoipa::path(delete, path = "/asset-fields/{asset_field_id}", tag = "assets", params(("asset_field_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_asset_field(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(field): Path<String>,
) -> Result<StatusCode> {
    commands::delete_asset_field(&state.desk, &actor, id(&field)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A list of assets with a name.
#[derive(Serialize, ToSchema)]
pub struct AssetView {
    id: Uuid,
    name: String,
    /// The bar's text, as the list's `q` takes it.
    bar: String,
    columns: Vec<String>,
    /// OWN, TEAM or SHARED.
    visibility: String,
}

#[derive(Serialize, ToSchema)]
pub struct AssetViewPage {
    data: Vec<AssetView>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetViewInput {
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    #[schema(max_length = 500)]
    #[serde(default)]
    bar: String,
    /// Of: category, type, owner, place, manufacturer, model, serial, bought, price, warranty, seats, tickets, updated, and
    /// `field:` with the name of a declared one. At most 12; the usual ones without any.
    #[serde(default)]
    columns: Vec<String>,
    /// OWN, SHARED or a team's id.
    #[serde(default)]
    audience: String,
}

/// Your lists of assets, your teams' and the shared ones.
#[utoipa::path(get, path = "/asset-views", tag = "assets", responses((status = 200, body = AssetViewPage), ReadRefused))]
pub async fn list_asset_views(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<AssetViewPage> {
    let found = views::queries::list_asset_views(&state.desk, &actor).await?;
    let view = |view: views::AssetView| AssetView {
        id: view.id.0,
        name: view.name,
        bar: view.bar,
        columns: view.columns.iter().map(ToString::to_string).collect(),
        visibility: view.visibility.to_string(),
    };
    Ok(axum::Json(AssetViewPage { data: found.into_iter().map(view).collect(), next: None }))
}

/// Saves a list of assets; the same name again replaces it. It is deleted as every view is.
#[utoipa::path(post, path = "/asset-views", tag = "assets", request_body = AssetViewInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn save_asset_view(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<AssetViewInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    let new = NewAssetView {
        name: input.name,
        bar: input.bar,
        columns: Some(input.columns.join(",")),
        audience: input.audience,
    };
    made(views::commands::save_asset_view(&state.desk, &actor, new).await?.0)
}
