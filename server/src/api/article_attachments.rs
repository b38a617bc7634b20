//! Files of articles.

use super::comments::{Upload, read_files};
use super::extract::Path;
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::queues::{Answer, id};
use crate::host::AppState;
use crate::uploads;
use axum::Extension;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::response::Response;
use http::StatusCode;
use oxdesk::knowledge::{self, ArticleAttachmentId, ArticleId, commands, queries};
use oxdesk::{Actor, Error};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct ArticleAttachment {
    id: Uuid,
    file_name: String,
    /// Bytes.
    file_size: i64,
    /// Told from the bytes.
    mime_type: String,
    /// In pixels; null for what browsers do not show as a picture.
    width: Option<i32>,
    height: Option<i32>,
    /// The Markdown that shows it in an article, or leads to it.
    markdown: String,
    created_at: String,
}

impl From<knowledge::ArticleAttachment> for ArticleAttachment {
    fn from(file: knowledge::ArticleAttachment) -> Self {
        Self {
            id: file.id.0,
            markdown: file.markdown(),
            file_name: file.file_name,
            file_size: file.file_size,
            mime_type: file.mime_type,
            width: file.picture.map(|size| size.0),
            height: file.picture.map(|size| size.1),
            created_at: file.created_at.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ArticleAttachmentPage {
    data: Vec<ArticleAttachment>,
    next: Option<String>,
}

fn page(files: Vec<knowledge::ArticleAttachment>) -> axum::Json<ArticleAttachmentPage> {
    axum::Json(ArticleAttachmentPage { data: files.into_iter().map(Into::into).collect(), next: None })
}

/// The files of an article that you may read.
#[utoipa::path(get, path = "/articles/{article_id}/attachments", tag = "knowledge", params(("article_id" = Uuid, Path)), responses((status = 200, body = ArticleAttachmentPage), ReadRefused))]
pub async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
) -> Answer<ArticleAttachmentPage> {
    let article: ArticleId = id(&article)?;
    queries::require_readable(&state.desk, &actor, article).await?;
    Ok(page(queries::article_attachments(&state.desk, &actor, article).await?))
}

/// Adds files to an article; its version stays.
#[utoipa::path(post, path = "/articles/{article_id}/attachments", tag = "knowledge",
    request_body(content = Upload, content_type = "multipart/form-data"), params(("article_id" = Uuid, Path)),
    responses((status = 201, body = ArticleAttachmentPage), WriteRefused))]
pub async fn attach(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, axum::Json<ArticleAttachmentPage>)> {
    // Nothing is read, let alone stored, for whoever may not change the article.
    let article = queries::article(&state.desk, &actor, id(&article)?).await?.id;
    let files = read_files(&state.desk, &actor, multipart).await?;
    let added = commands::attach_to_article(&state.desk, &actor, Some(article), files).await?;
    Ok((StatusCode::CREATED, page(added)))
}

/// Downloads a file of an article.
#[utoipa::path(get, path = "/article-attachments/{article_attachment_id}", tag = "knowledge", params(("article_attachment_id" = Uuid, Path)), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream"), ReadRefused))]
pub async fn download(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(attachment): Path<String>,
) -> Result<Response> {
    let id: ArticleAttachmentId = attachment.parse().map_err(|_: Error| Problem::not_found())?;
    let (file, content) = queries::open_article_attachment(&state.desk, &actor, id).await?;
    Ok(uploads::send(&file.file_name, "application/octet-stream", file.file_size, content))
}

/// Takes a file away from its article, for ever.
#[utoipa::path(delete, path = "/article-attachments/{article_attachment_id}", tag = "knowledge", params(("article_attachment_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn remove(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(attachment): Path<String>,
) -> Result<StatusCode> {
    let id: ArticleAttachmentId = attachment.parse().map_err(|_: Error| Problem::not_found())?;
    commands::remove_article_attachment(&state.desk, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
