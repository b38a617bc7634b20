//! Files of assets and changes.

use super::comments::{Upload, read_files};
use super::extract::Path;
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::queues::Answer;
use super::{assets, changes};
use crate::host::AppState;
use crate::uploads;
use axum::Extension;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::response::Response;
use http::StatusCode;
use oxdesk::attachments::{self, Holder, HolderKind, commands, queries};
use oxdesk::{Actor, Error};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct HeldFile {
    id: Uuid,
    file_name: String,
    /// Bytes.
    file_size: i64,
    /// Told from the bytes.
    mime_type: String,
    /// Who sent it.
    uploaded_by: Option<String>,
    created_at: String,
}

impl From<attachments::HeldFile> for HeldFile {
    fn from(file: attachments::HeldFile) -> Self {
        Self {
            id: file.id.0,
            file_name: file.file_name,
            file_size: file.file_size,
            mime_type: file.mime_type,
            uploaded_by: file.uploaded_by,
            created_at: file.created_at.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct HeldFilePage {
    data: Vec<HeldFile>,
    /// Always null: an asset or a change has at most 100.
    next: Option<String>,
}

async fn listed(state: &AppState, actor: &Actor, holder: Holder) -> Result<axum::Json<HeldFilePage>> {
    let files = queries::attachments(&state.desk, actor, holder).await?;
    Ok(axum::Json(HeldFilePage { data: files.into_iter().map(Into::into).collect(), next: None }))
}

async fn added(
    state: &AppState,
    actor: &Actor,
    holder: Holder,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, axum::Json<HeldFilePage>)> {
    queries::require_worked_on(&state.desk, actor, holder).await?;
    let files = read_files(&state.desk, actor, multipart).await?;
    let ids = commands::attach(&state.desk, actor, holder, files).await?;
    let files = queries::attachments(&state.desk, actor, holder).await?;
    let data = files.into_iter().filter(|file| ids.contains(&file.id)).map(Into::into).collect();
    Ok((StatusCode::CREATED, axum::Json(HeldFilePage { data, next: None })))
}

async fn content(state: &AppState, actor: &Actor, kind: HolderKind, file: &str) -> Result<Response> {
    let id = file.parse().map_err(|_: Error| Problem::not_found())?;
    let (file, content) = queries::open_attachment(&state.desk, actor, kind, id).await?;
    Ok(uploads::send(&file.file_name, "application/octet-stream", file.file_size, content))
}

async fn removed(state: &AppState, actor: &Actor, kind: HolderKind, file: &str) -> Result<StatusCode> {
    let id = file.parse().map_err(|_: Error| Problem::not_found())?;
    commands::remove_attachment(&state.desk, actor, kind, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The files of an asset that you may see.
#[utoipa::path(get, path = "/assets/{asset}/attachments", tag = "assets", params(("asset" = String, Path)), responses((status = 200, body = HeldFilePage), ReadRefused))]
pub async fn list_asset_attachments(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
) -> Answer<HeldFilePage> {
    listed(&state, &actor, Holder::Asset(assets::find(&state, &actor, &asset).await?)).await
}

/// Adds files to an asset.
#[utoipa::path(post, path = "/assets/{asset}/attachments", tag = "assets",
    request_body(content = Upload, content_type = "multipart/form-data"), params(("asset" = String, Path)),
    responses((status = 201, body = HeldFilePage), WriteRefused))]
pub async fn attach_to_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, axum::Json<HeldFilePage>)> {
    added(&state, &actor, Holder::Asset(assets::find(&state, &actor, &asset).await?), multipart).await
}

/// The content of a file of an asset.
#[utoipa::path(get, path = "/asset-attachments/{asset_attachment_id}", tag = "assets", params(("asset_attachment_id" = Uuid, Path)), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream"), ReadRefused))]
pub async fn download_asset_attachment(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(file): Path<String>,
) -> Result<Response> {
    content(&state, &actor, HolderKind::Asset, &file).await
}

/// Takes a file away for ever.
#[utoipa::path(delete, path = "/asset-attachments/{asset_attachment_id}", tag = "assets", params(("asset_attachment_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn remove_asset_attachment(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(file): Path<String>,
) -> Result<StatusCode> {
    removed(&state, &actor, HolderKind::Asset, &file).await
}

/// The files of a change that you may see.
#[utoipa::path(get, path = "/changes/{change}/attachments", tag = "changes", params(("change" = String, Path)), responses((status = 200, body = HeldFilePage), ReadRefused))]
pub async fn list_change_attachments(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
) -> Answer<HeldFilePage> {
    listed(&state, &actor, Holder::Change(changes::find(&state, &actor, &change).await?)).await
}

/// Adds files to a change.
#[utoipa::path(post, path = "/changes/{change}/attachments", tag = "changes",
    request_body(content = Upload, content_type = "multipart/form-data"), params(("change" = String, Path)),
    responses((status = 201, body = HeldFilePage), WriteRefused))]
pub async fn attach_to_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, axum::Json<HeldFilePage>)> {
    added(&state, &actor, Holder::Change(changes::find(&state, &actor, &change).await?), multipart).await
}

/// The content of a file of a change.
#[utoipa::path(get, path = "/change-attachments/{change_attachment_id}", tag = "changes", params(("change_attachment_id" = Uuid, Path)), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream"), ReadRefused))]
pub async fn download_change_attachment(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(file): Path<String>,
) -> Result<Response> {
    content(&state, &actor, HolderKind::Change, &file).await
}

/// Takes a file away for ever: of a draft alone.
#[utoipa::path(delete, path = "/change-attachments/{change_attachment_id}", tag = "changes", params(("change_attachment_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn remove_change_attachment(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(file): Path<String>,
) -> Result<StatusCode> {
    removed(&state, &actor, HolderKind::Change, &file).await
}
