//! Changes: what is planned, who says yes to it, and how it went.

mod arranged;
mod calendar;
mod deeds;
mod model;

pub use arranged::*;
pub use calendar::*;
pub use deeds::*;

use super::extract::{Json, Path, Query, page_size};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use model::{Change, ChangeInput, ChangePage, ConflictPage, StagePage};
use oxdesk::changes::{ChangeId, ChangeNumber, ChangeScope, commands, queries};
use oxdesk::{Actor, Error};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// By its id or its number.
pub(super) async fn find(state: &AppState, actor: &Actor, text: &str) -> Result<ChangeId> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let number: ChangeNumber = text.parse().map_err(|_| Problem::not_found())?;
    Ok(queries::id_by_number(&state.desk, actor, &number).await?)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ChangeQuery {
    /// open, waiting, mine, done or all; all without it.
    show: Option<String>,
    /// Its number, or words of its title and description.
    #[param(max_length = 200)]
    q: Option<String>,
    /// The last page's `next`.
    after: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// The changes that you may see, the newest first.
#[utoipa::path(get, path = "/changes", tag = "changes", params(ChangeQuery), responses((status = 200, body = ChangePage), ReadRefused))]
pub async fn list_changes(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ChangeQuery>,
) -> Answer<ChangePage> {
    let word = query.show.unwrap_or_else(|| "all".to_owned());
    let known = ChangeScope::ALL.into_iter().find(|scope| scope.word() == word);
    let scope = known.ok_or_else(|| Error::invalid("show", "Must be one of: open waiting mine done all"))?;
    let limit = page_size(query.limit)?;
    let list =
        queries::list_changes(&state.desk, &actor, scope, query.q.as_deref(), query.after.as_deref(), limit).await?;
    Ok(axum::Json(ChangePage { data: list.rows.into_iter().map(Into::into).collect(), next: list.next }))
}

/// A change, by its id or its number.
#[utoipa::path(get, path = "/changes/{change}", tag = "changes", params(("change" = String, Path)), responses((status = 200, body = Change), ReadRefused))]
pub async fn get_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
) -> Answer<Change> {
    let id = find(&state, &actor, &change).await?;
    Ok(axum::Json(queries::change_page(&state.desk, &actor, id).await?.into()))
}

/// Makes a change: a draft.
#[utoipa::path(post, path = "/changes", tag = "changes", request_body = ChangeInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ChangeInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(commands::save_change(&state.desk, &actor, None, &input.form()?).await?.0)
}

/// A changed change, with the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedChange {
    version: i32,
    change: ChangeInput,
}

/// Replaces a change. Votes that were given count only for the content that they were given for.
#[utoipa::path(put, path = "/changes/{change}", tag = "changes", params(("change" = String, Path)), request_body = ChangedChange, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
    Json(input): Json<ChangedChange>,
) -> Answer<Saved> {
    let changes = Some((find(&state, &actor, &change).await?, input.version));
    let saved = commands::save_change(&state.desk, &actor, changes, &input.change.form()?).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// The stages of its approval, with every voice.
#[utoipa::path(get, path = "/changes/{change}/approvals", tag = "changes", params(("change" = String, Path)), responses((status = 200, body = StagePage), ReadRefused))]
pub async fn list_approvals(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
) -> Answer<StagePage> {
    let id = find(&state, &actor, &change).await?;
    let page = queries::change_page(&state.desk, &actor, id).await?;
    Ok(axum::Json(StagePage { data: page.stages.into_iter().map(Into::into).collect(), next: None }))
}

/// What else is planned for its time and touches what it touches, and blackouts.
#[utoipa::path(get, path = "/changes/{change}/conflicts", tag = "changes", params(("change" = String, Path)), responses((status = 200, body = ConflictPage), ReadRefused))]
pub async fn list_conflicts(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(change): Path<String>,
) -> Answer<ConflictPage> {
    let id = find(&state, &actor, &change).await?;
    let page = queries::change_page(&state.desk, &actor, id).await?;
    Ok(axum::Json(ConflictPage { data: page.conflicts.into_iter().map(Into::into).collect(), next: None }))
}
