//! Comments and attachments of a ticket.

use super::extract::{Json, Path, Query, page_size};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::tickets::find;
use crate::host::AppState;
use crate::uploads;
use axum::Extension;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::desk::Desk;
use oxdesk::tickets::{self, IncomingFile, InternalNote, PublicReply, attachments, commands, queries};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Comment {
    id: Uuid,
    user_id: Option<Uuid>,
    comment: String,
    is_internal: bool,
    is_from_email: bool,
    message_id: Option<String>,
    created_at: String,
}

impl From<queries::ApiComment> for Comment {
    fn from(comment: queries::ApiComment) -> Self {
        Self {
            id: comment.id.0,
            user_id: comment.user_id.map(|user| user.0),
            comment: comment.comment,
            is_internal: comment.is_internal,
            is_from_email: comment.is_from_email,
            message_id: comment.message_id,
            created_at: comment.created_at.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CommentPage {
    data: Vec<Comment>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// The previous page's `next`.
    pub after: Option<Uuid>,
}

/// Lists a ticket's comments, oldest first; internal notes only for those who may read them.
#[utoipa::path(get, path = "/tickets/{id}/comments", tag = "comments",
    params(("id" = String, Path, description = "Id or number"), PageParams), responses(
    (status = 200, body = CommentPage),
    ReadRefused,
))]
pub async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Query(page): Query<PageParams>,
) -> Result<axum::Json<CommentPage>> {
    let id = find(&state, &actor, &id).await?;
    let limit = page_size(page.limit)?;
    let mut rows =
        queries::list_comments(&state.desk, &actor, id, page.after.map(tickets::CommentId), limit + 1).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(axum::Json(CommentPage { data: rows.into_iter().map(Comment::from).collect(), next }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    #[schema(min_length = 1, max_length = 50_000)]
    comment: String,
    /// A note among agents, not an answer to the requester.
    #[serde(default)]
    is_internal: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Created {
    id: Uuid,
}

/// Replies to the requester, or writes an internal note.
#[utoipa::path(post, path = "/tickets/{id}/comments", tag = "comments", request_body = NewComment,
    params(("id" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses(
    (status = 201, body = Created),
    WriteRefused,
))]
pub async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(new): Json<NewComment>,
) -> Result<Response> {
    let ticket = find(&state, &actor, &id).await?;
    let comment = if new.is_internal {
        commands::add_note(&state.desk, &actor, ticket, InternalNote::parse(&new.comment)?, Vec::new()).await?
    } else {
        commands::add_reply(&state.desk, &actor, ticket, PublicReply::parse(&new.comment)?, None, Vec::new()).await?
    };
    Ok((StatusCode::CREATED, axum::Json(Created { id: comment.0 })).into_response())
}

#[derive(Serialize, ToSchema)]
pub struct Attachment {
    id: Uuid,
    comment_id: Option<Uuid>,
    file_name: String,
    /// Bytes.
    file_size: i64,
    /// Told from the bytes.
    mime_type: String,
    created_at: String,
}

impl From<tickets::Attachment> for Attachment {
    fn from(file: tickets::Attachment) -> Self {
        Self {
            id: file.id.0,
            comment_id: file.comment_id.map(|comment| comment.0),
            file_name: file.file_name,
            file_size: file.file_size,
            mime_type: file.mime_type,
            created_at: file.created_at.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AttachmentPage {
    data: Vec<Attachment>,
    next: Option<String>,
}

/// Lists a ticket's files.
#[utoipa::path(get, path = "/tickets/{id}/attachments", tag = "attachments", params(("id" = String, Path, description = "Id or number")), responses(
    (status = 200, body = AttachmentPage),
    ReadRefused,
))]
pub async fn list_attachments(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<axum::Json<AttachmentPage>> {
    let id = find(&state, &actor, &id).await?;
    let files = queries::list_attachments(&state.desk, &actor, id).await?;
    Ok(axum::Json(AttachmentPage { data: files.into_iter().map(Attachment::from).collect(), next: None }))
}

/// A form with a field `file`, once or several times.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Attaches files, visible to the requester.
#[utoipa::path(post, path = "/tickets/{id}/attachments", tag = "attachments",
    request_body(content = Upload, content_type = "multipart/form-data"),
    params(("id" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses(
    (status = 201, body = AttachmentPage),
    WriteRefused,
))]
pub async fn attach(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let ticket = find(&state, &actor, &id).await?;
    // Nothing is read, let alone stored, for whoever may not see the ticket.
    queries::ticket(&state.desk, &actor, ticket).await?;
    let files = read_files(&state.desk, &actor, multipart).await?;
    let added = attachments::attach_files(&state.desk, &actor, ticket, files).await?;
    let page = AttachmentPage { data: added.into_iter().map(Attachment::from).collect(), next: None };
    Ok((StatusCode::CREATED, axum::Json(page)).into_response())
}

/// The files of a form.
pub(super) async fn read_files(
    desk: &Desk,
    actor: &Actor,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<Vec<IncomingFile>> {
    let multipart = multipart.map_err(|rejection| {
        Problem::new(rejection.status(), "The form could not be read").detail(rejection.body_text())
    })?;
    Ok(uploads::receive_single(desk, actor, multipart).await?)
}

/// Downloads a file.
#[utoipa::path(get, path = "/attachments/{id}", tag = "attachments", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream"),
    ReadRefused,
))]
pub async fn download(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    let (file, content) = attachments::open_attachment(&state.desk, &actor, id).await?;
    // What a script saves is bytes to it; what they are is in the list.
    Ok(uploads::send(&file.file_name, "application/octet-stream", file.file_size, content))
}
