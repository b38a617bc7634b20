//! What is done with a change.

use super::find;
use super::model::moment;
use crate::api::assets::word;
use crate::api::extract::{Json, Path};
use crate::api::problem::{Result, WriteRefused};
use crate::api::queues::{Saved, id, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::changes::{ApprovalStatus, ChangeStatus, Implementation, commands};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMove {
    /// The version that was read.
    version: i32,
    /// One of its next_statuses; IMPLEMENTED and CLOSED have doors of their own.
    status: String,
}

/// Brings a change to its next status.
#[utoipa::path(post, path = "/changes/{change}/status", tag = "changes", params(("change" = String, Path)), request_body = ChangeMove, responses((status = 204), WriteRefused))]
pub async fn move_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    Json(input): Json<ChangeMove>,
) -> Result<StatusCode> {
    let change = find(&state, &actor, &change).await?;
    let to = word::<ChangeStatus>("status", Some(&input.status))?.ok_or(Error::Internal)?;
    commands::move_change(&state.desk, &actor, change, input.version, to).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeVote {
    /// The version that was read: a vote is bound to what was seen.
    version: i32,
    #[schema(pattern = "^(APPROVED|REJECTED)$")]
    status: String,
    /// A no needs one.
    #[schema(max_length = 2000)]
    comments: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Voted {
    /// What the change is by now: IN_REVIEW, APPROVED or REJECTED.
    status: String,
}

/// Says yes or no to a change, for yourself or for whom you are a deputy of.
#[utoipa::path(post, path = "/changes/{change}/votes", tag = "changes", params(("change" = String, Path)), request_body = ChangeVote, responses((status = 200, body = Voted), WriteRefused))]
pub async fn vote_on_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    Json(input): Json<ChangeVote>,
) -> Result<axum::Json<Voted>> {
    let change = find(&state, &actor, &change).await?;
    let vote = word::<ApprovalStatus>("status", Some(&input.status))?.ok_or(Error::Internal)?;
    let now = commands::vote(&state.desk, &actor, change, input.version, vote, input.comments.as_deref()).await?;
    Ok(axum::Json(Voted { status: now.to_string() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImplementationInput {
    version: i32,
    /// SUCCESSFUL, WITH_PROBLEMS, BACKED_OUT or FAILED.
    outcome: String,
    #[schema(format = DateTime)]
    actual_start_date: Option<String>,
    #[schema(format = DateTime)]
    actual_end_date: Option<String>,
    #[schema(max_length = 20000)]
    implementation_notes: Option<String>,
}

/// Says that an approved change was carried out, and how it went.
#[utoipa::path(post, path = "/changes/{change}/implementation", tag = "changes", params(("change" = String, Path)), request_body = ImplementationInput, responses((status = 204), WriteRefused))]
pub async fn implement_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    Json(input): Json<ImplementationInput>,
) -> Result<StatusCode> {
    let change = find(&state, &actor, &change).await?;
    let form = Implementation {
        outcome: word("outcome", Some(&input.outcome))?,
        actual_start_date: moment("actual_start_date", input.actual_start_date.as_deref())?,
        actual_end_date: moment("actual_end_date", input.actual_end_date.as_deref())?,
        implementation_notes: input.implementation_notes,
    };
    commands::implement_change(&state.desk, &actor, change, input.version, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeReview {
    version: i32,
    /// What is learned from it: needed after an emergency, and where it did not go as planned.
    #[schema(max_length = 20000)]
    review: Option<String>,
}

/// Closes a change that was carried out.
#[utoipa::path(post, path = "/changes/{change}/close", tag = "changes", params(("change" = String, Path)), request_body = ChangeReview, responses((status = 204), WriteRefused))]
pub async fn close_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    Json(input): Json<ChangeReview>,
) -> Result<StatusCode> {
    let change = find(&state, &actor, &change).await?;
    commands::close_change(&state.desk, &actor, change, input.version, input.review.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChangeTask {
    version: i32,
    #[schema(min_length = 1, max_length = 300)]
    title: String,
}

/// Adds a task to a change.
#[utoipa::path(post, path = "/changes/{change}/tasks", tag = "changes", params(("change" = String, Path)), request_body = NewChangeTask, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_change_task(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    Json(input): Json<NewChangeTask>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    let change = find(&state, &actor, &change).await?;
    made(commands::add_task(&state.desk, &actor, change, input.version, &input.title).await?.0)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTaskState {
    done: bool,
}

/// Ticks a task off, or takes it up again.
#[utoipa::path(put, path = "/changes/{change}/tasks/{task_id}", tag = "changes", params(("change" = String, Path), ("task_id" = uuid::Uuid, Path)), request_body = ChangeTaskState, responses((status = 204), WriteRefused))]
pub async fn tick_change_task(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((change, task)): Path<(String, String)>,
    Json(input): Json<ChangeTaskState>,
) -> Result<StatusCode> {
    let change = find(&state, &actor, &change).await?;
    commands::set_task_done(&state.desk, &actor, change, id(&task)?, input.done).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    version: i32,
    /// When it is, without it.
    #[schema(max_length = 2000)]
    text: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Announced {
    /// How many were told.
    people: usize,
}

/// Tells whoever has an asset that an approved change touches, or that fails with one.
#[utoipa::path(post, path = "/changes/{change}/announcement", tag = "changes", params(("change" = String, Path)), request_body = Announcement, responses((status = 200, body = Announced), WriteRefused))]
pub async fn announce_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    Json(input): Json<Announcement>,
) -> Result<axum::Json<Announced>> {
    let change = find(&state, &actor, &change).await?;
    let people = commands::announce_change(&state.desk, &actor, change, input.version, input.text.as_deref()).await?;
    Ok(axum::Json(Announced { people }))
}
