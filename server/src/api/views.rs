//! Saved views, and what people say of how it went.

use super::extract::{Json, Path, Query};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, id, made};
use super::tickets::find;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::ratings::{self, Score};
use oxdesk::views::{self, NewView};
use oxdesk::{Actor, tickets};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct View {
    id: Uuid,
    name: String,
    /// The filter bar's text, as the list's `q` takes it.
    bar: String,
    sort: String,
    columns: Vec<String>,
    group_by: Option<String>,
    /// OWN, TEAM or SHARED.
    visibility: String,
    /// How many open tickets it holds; stops at 1000.
    count: i64,
}

#[derive(Serialize, ToSchema)]
pub struct ViewPage {
    data: Vec<View>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewInput {
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    #[schema(max_length = 500)]
    #[serde(default)]
    bar: String,
    sort: Option<String>,
    /// Of: tags, requester, queue, category, created, updated, assignee, due.
    #[serde(default)]
    columns: Vec<String>,
    /// status, priority or queue.
    group_by: Option<String>,
    /// OWN, SHARED or a team's id.
    #[serde(default)]
    audience: String,
}

/// Your saved views, your teams' and the shared ones, with their counts.
#[utoipa::path(get, path = "/views", tag = "views", responses((status = 200, body = ViewPage), ReadRefused))]
pub async fn list_views(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<ViewPage> {
    let rail = views::queries::rail(&state.desk, &actor).await?;
    let view = |(view, count): (views::SavedView, i64)| View {
        id: view.id.0,
        name: view.name,
        bar: view.bar,
        sort: view.sort.to_string(),
        columns: view.columns.iter().map(ToString::to_string).collect(),
        group_by: view.group_by.map(|group| group.to_string()),
        visibility: view.visibility.to_string(),
        count,
    };
    Ok(axum::Json(ViewPage { data: rail.saved.into_iter().map(view).collect(), next: None }))
}

/// Saves a view; the same name again replaces it.
#[utoipa::path(post, path = "/views", tag = "views", request_body = ViewInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn save_view(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ViewInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    let new = NewView {
        name: input.name,
        bar: input.bar,
        sort: input.sort,
        columns: Some(input.columns.join(",")),
        group_by: input.group_by,
        audience: input.audience,
    };
    made(views::commands::save_view(&state.desk, &actor, new).await?.0)
}

/// Deletes a saved view.
#[utoipa::path(delete, path = "/views/{view_id}", tag = "views", params(("view_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_view(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(view): Path<String>,
) -> Result<StatusCode> {
    views::commands::delete_view(&state.desk, &actor, id(&view)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// From 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    score: i16,
    #[schema(max_length = 2000)]
    comment: Option<String>,
}

/// Says how it went, on your own ticket that was solved or closed a short while ago.
#[utoipa::path(put, path = "/tickets/{id}/rating", tag = "ratings", params(("id" = String, Path, description = "Id or number")),
    request_body = Rating, responses((status = 204), WriteRefused))]
pub async fn rate(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
    Json(rating): Json<Rating>,
) -> Result<StatusCode> {
    let ticket = find(&state, &actor, &ticket).await?;
    let score = Score::new(rating.score)?;
    ratings::commands::rate_ticket(&state.desk, &actor, ticket, score, rating.comment.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was said of how a ticket went.
#[utoipa::path(get, path = "/tickets/{id}/rating", tag = "ratings", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, body = Rating), ReadRefused))]
pub async fn rating(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
) -> Answer<Rating> {
    let ticket = find(&state, &actor, &ticket).await?;
    let page = tickets::queries::ticket_page(&state.desk, &actor, ticket).await?;
    let rating = page.rating.ok_or(oxdesk::Error::NotFound)?;
    Ok(axum::Json(Rating { score: rating.score.number(), comment: rating.comment }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// The first day, as in `2026-11-01`.
    #[param(format = Date)]
    from: String,
    /// The last day.
    #[param(format = Date)]
    to: String,
}

#[derive(Serialize, ToSchema)]
pub struct Satisfaction {
    asked: i64,
    rated: i64,
    /// How many gave 1, 2, 3, 4 and 5.
    scores: Vec<i64>,
    /// The share of 4 and 5 among those who answered.
    percent: Option<i64>,
}

/// How satisfied people were with what they were asked about in a span of days.
#[utoipa::path(get, path = "/reports/satisfaction", tag = "reports", params(Span), responses((status = 200, body = Satisfaction), ReadRefused))]
pub async fn satisfaction(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(span): Query<Span>,
) -> Answer<Satisfaction> {
    let found = ratings::queries::satisfaction(&state.desk, &actor, &span.from, &span.to).await?;
    let percent = found.percent();
    Ok(axum::Json(Satisfaction { asked: found.asked, rated: found.rated, scores: found.scores.to_vec(), percent }))
}
