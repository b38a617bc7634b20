//! What agents keep beside a ticket: watchers and copies, a checklist, time; the tags to choose from.

use super::extract::{Json, Path, Query};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::tickets::find;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::people::UserId;
use oxdesk::tickets::{self, ChecklistItemId, TimeEntryId, commands, queries};
use oxdesk::{Actor, EmailAddress};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Watchers {
    /// Users who hear of everything that they may see.
    watchers: Vec<Uuid>,
    /// Addresses that get the public replies by mail.
    ccs: Vec<String>,
}

/// Who watches a ticket, and who gets copies.
#[utoipa::path(get, path = "/tickets/{id}/watchers", tag = "watchers", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, body = Watchers), ReadRefused))]
pub async fn watchers(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<axum::Json<Watchers>> {
    let id = find(&state, &actor, &id).await?;
    let (watchers, ccs) = queries::watchers(&state.desk, &actor, id).await?;
    Ok(axum::Json(Watchers { watchers: watchers.into_iter().map(|person| person.id.0).collect(), ccs }))
}

/// Lets someone watch a ticket.
#[utoipa::path(put, path = "/tickets/{id}/watchers/{user_id}", tag = "watchers",
    params(("id" = String, Path, description = "Id or number"), ("user_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn watch(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, user)): Path<(String, String)>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let user: UserId = user.parse().map_err(|_| Problem::not_found())?;
    commands::add_watcher(&state.desk, &actor, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends someone's watching.
#[utoipa::path(delete, path = "/tickets/{id}/watchers/{user_id}", tag = "watchers",
    params(("id" = String, Path, description = "Id or number"), ("user_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn unwatch(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, user)): Path<(String, String)>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let user: UserId = user.parse().map_err(|_| Problem::not_found())?;
    commands::remove_watcher(&state.desk, &actor, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends the public replies to an address too.
#[utoipa::path(put, path = "/tickets/{id}/ccs/{email}", tag = "watchers",
    params(("id" = String, Path, description = "Id or number"), ("email" = String, Path)),
    responses((status = 204), WriteRefused))]
pub async fn add_cc(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, email)): Path<(String, String)>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let email: EmailAddress = email.parse()?;
    commands::add_cc(&state.desk, &actor, id, &email).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stops sending to an address.
#[utoipa::path(delete, path = "/tickets/{id}/ccs/{email}", tag = "watchers",
    params(("id" = String, Path, description = "Id or number"), ("email" = String, Path)),
    responses((status = 204), WriteRefused))]
pub async fn remove_cc(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, email)): Path<(String, String)>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let email: EmailAddress = email.parse()?;
    commands::remove_cc(&state.desk, &actor, id, &email).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct ChecklistItem {
    id: Uuid,
    text: String,
    done_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Checklist {
    data: Vec<ChecklistItem>,
    next: Option<String>,
}

async fn checklist_page(state: &AppState, actor: &Actor, id: tickets::TicketId) -> Result<Checklist> {
    let items = queries::checklist(&state.desk, actor, id).await?;
    let item = |item: tickets::ChecklistItem| ChecklistItem {
        id: item.id.0,
        text: item.text,
        done_at: item.done_at.map(|at| at.to_string()),
    };
    Ok(Checklist { data: items.into_iter().map(item).collect(), next: None })
}

/// A ticket's checklist.
#[utoipa::path(get, path = "/tickets/{id}/checklist", tag = "checklist", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, body = Checklist), ReadRefused))]
pub async fn checklist(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<axum::Json<Checklist>> {
    let id = find(&state, &actor, &id).await?;
    Ok(axum::Json(checklist_page(&state, &actor, id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChecklistItems {
    /// One item a line, of at most 300 characters each.
    #[schema(min_length = 1)]
    text: String,
}

/// Adds to a ticket's checklist.
#[utoipa::path(post, path = "/tickets/{id}/checklist", tag = "checklist", request_body = NewChecklistItems,
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 201, body = Checklist), WriteRefused))]
pub async fn add_items(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(new): Json<NewChecklistItems>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    commands::add_checklist_items(&state.desk, &actor, id, &new.text).await?;
    Ok((StatusCode::CREATED, axum::Json(checklist_page(&state, &actor, id).await?)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    done: bool,
}

/// Ticks an item, or takes the tick away.
#[utoipa::path(patch, path = "/tickets/{id}/checklist/{item_id}", tag = "checklist", request_body = Tick,
    params(("id" = String, Path, description = "Id or number"), ("item_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn tick(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, item)): Path<(String, String)>,
    Json(tick): Json<Tick>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let item: ChecklistItemId = item.parse().map_err(|_| Problem::not_found())?;
    commands::tick_checklist_item(&state.desk, &actor, id, item, tick.done).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an item away.
#[utoipa::path(delete, path = "/tickets/{id}/checklist/{item_id}", tag = "checklist",
    params(("id" = String, Path, description = "Id or number"), ("item_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn remove_item(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, item)): Path<(String, String)>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let item: ChecklistItemId = item.parse().map_err(|_| Problem::not_found())?;
    commands::remove_checklist_item(&state.desk, &actor, id, item).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct TimeEntry {
    id: Uuid,
    user_id: Option<Uuid>,
    minutes: i32,
    note: Option<String>,
    /// The day, as in `2026-11-24`.
    spent_on: String,
}

#[derive(Serialize, ToSchema)]
pub struct TimeEntries {
    data: Vec<TimeEntry>,
    next: Option<String>,
    /// Of all entries, in minutes.
    total_minutes: i64,
}

async fn time_page(state: &AppState, actor: &Actor, id: tickets::TicketId) -> Result<TimeEntries> {
    let (entries, total_minutes) = queries::time_entries(&state.desk, actor, id).await?;
    let entry = |entry: tickets::TimeEntry| TimeEntry {
        id: entry.id.0,
        user_id: entry.user_id.map(|user| user.0),
        minutes: entry.minutes,
        note: entry.note,
        spent_on: entry.spent_on,
    };
    Ok(TimeEntries { data: entries.into_iter().map(entry).collect(), next: None, total_minutes })
}

/// Time spent on a ticket, newest first.
#[utoipa::path(get, path = "/tickets/{id}/time-entries", tag = "time", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, body = TimeEntries), ReadRefused))]
pub async fn time(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<axum::Json<TimeEntries>> {
    let id = find(&state, &actor, &id).await?;
    Ok(axum::Json(time_page(&state, &actor, id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTimeEntry {
    #[schema(minimum = 1, maximum = 1440)]
    minutes: i64,
    #[schema(max_length = 300)]
    note: Option<String>,
    /// A day as in `2026-11-24`, not in the future; today when it is not given.
    #[schema(format = Date)]
    spent_on: Option<String>,
}

/// Notes time that you spent on a ticket.
#[utoipa::path(post, path = "/tickets/{id}/time-entries", tag = "time", request_body = NewTimeEntry,
    params(("id" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses((status = 201, body = TimeEntries), WriteRefused))]
pub async fn add_time(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(new): Json<NewTimeEntry>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    let (minutes, day) = (new.minutes.to_string(), new.spent_on.as_deref());
    let added = commands::add_time_entry(&state.desk, &actor, id, &minutes, new.note.as_deref(), day).await;
    added.map_err(|error| match error {
        oxdesk::Error::Invalid(mut fields) => {
            if let Some(message) = fields.remove("time") {
                fields.insert("minutes".to_owned(), message);
            }
            oxdesk::Error::Invalid(fields)
        }
        other => other,
    })?;
    Ok((StatusCode::CREATED, axum::Json(time_page(&state, &actor, id).await?)).into_response())
}

/// Takes an entry away.
#[utoipa::path(delete, path = "/tickets/{id}/time-entries/{entry_id}", tag = "time",
    params(("id" = String, Path, description = "Id or number"), ("entry_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn remove_time(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, entry)): Path<(String, String)>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let entry: TimeEntryId = entry.parse().map_err(|_| Problem::not_found())?;
    commands::remove_time_entry(&state.desk, &actor, id, entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TagParams {
    /// How the tag begins.
    #[param(max_length = 50)]
    q: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Tags {
    data: Vec<String>,
    next: Option<String>,
}

/// Suggests tags that have been used, at most twenty.
#[utoipa::path(get, path = "/tags", tag = "tickets", params(TagParams), responses((status = 200, body = Tags), ReadRefused))]
pub async fn tags(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(params): Query<TagParams>,
) -> Result<axum::Json<Tags>> {
    let data = queries::suggest_tags(&state.desk, &actor, params.q.as_deref().unwrap_or_default()).await?;
    Ok(axum::Json(Tags { data, next: None }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Range {
    /// The first day, as in `2026-11-01`.
    from: String,
    /// The last day.
    to: String,
}

#[derive(Serialize, ToSchema)]
pub struct TimeSpent {
    user_id: Option<Uuid>,
    person: String,
    queue: Option<String>,
    minutes: i64,
    tickets: i64,
}

#[derive(Serialize, ToSchema)]
pub struct TimeReport {
    data: Vec<TimeSpent>,
    next: Option<String>,
}

/// Time spent by each person on each queue's tickets, from one day to another.
#[utoipa::path(get, path = "/reports/time", tag = "reports", params(Range), responses((status = 200, body = TimeReport), ReadRefused))]
pub async fn time_report(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(range): Query<Range>,
) -> Result<axum::Json<TimeReport>> {
    let lines = queries::time_report(&state.desk, &actor, &range.from, &range.to).await?;
    let line = |line: tickets::TimeSpent| TimeSpent {
        user_id: line.user_id.map(|user| user.0),
        person: line.person,
        queue: line.queue,
        minutes: line.minutes,
        tickets: line.tickets,
    };
    Ok(axum::Json(TimeReport { data: lines.into_iter().map(line).collect(), next: None }))
}
