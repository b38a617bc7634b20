//! `/api/v1/tickets`.

mod model;

pub use model::{Ticket, TicketChange, TicketPage, TicketSummary, given};

use model::NewTicket;

use super::extract::{Json, Path, Query, if_match, page_size};
use super::problem::{Problem, ReadRefused, WriteRefused};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use oxdesk::people::UserId;
use oxdesk::tickets::rules::{TicketDraft, check_new_ticket, rename};
use oxdesk::tickets::{
    self, AssigneeFilter, QueueFilter, QueueId, TicketId, TicketNumber, TicketPatch, TicketPriority, TicketSource,
    TicketStatus, commands, parse_filter, queries,
};
use oxdesk::{Actor, Error, Permission};
use serde::Deserialize;
use std::str::FromStr;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// One or several of the specification's words, separated by commas.
    status: Option<String>,
    priority: Option<String>,
    /// `me`, `none` or a user's id.
    assignee: Option<String>,
    queue_id: Option<Uuid>,
    tag: Option<String>,
    /// What the filter bar takes: `status:waiting assignee:me due:<2h "vpn"`. What is no filter are words to find.
    q: Option<String>,
    /// `created`, `updated`, `due` or `priority`.
    sort: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    after: Option<String>,
}

/// Lists the tickets you may see.
#[utoipa::path(get, path = "/tickets", tag = "tickets", params(ListParams), responses(
    (status = 200, body = TicketPage),
    ReadRefused,
))]
pub async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(params): Query<ListParams>,
) -> Result<axum::Json<TicketPage>> {
    let bar = oxdesk::optional("q", params.q.as_deref(), 500)?.unwrap_or_default();
    let (mut filter, wrong) = parse_filter(&bar);
    if let Some(wrong) = wrong.first() {
        return Err(Error::invalid("q", format!("“{}”: {}", wrong.token, wrong.why)).into());
    }
    filter.status.extend(words::<TicketStatus>(params.status.as_deref(), "status")?);
    filter.priority.extend(words::<TicketPriority>(params.priority.as_deref(), "priority")?);
    filter.tags.extend(oxdesk::optional("tag", params.tag.as_deref(), 50)?);
    if let Some(text) = &params.assignee {
        filter.assignee = Some(assignee(text)?);
    }
    if let Some(queue) = params.queue_id {
        filter.queue = Some(QueueFilter::Id(QueueId(queue)));
    }
    filter.sort = params.sort.as_deref().map(|word| word.parse().map_err(|error| rename(error, "sort"))).transpose()?;
    let page =
        queries::list_tickets(&state.desk, &actor, &filter, params.after.as_deref(), page_size(params.limit)?).await?;
    let data = page.rows.into_iter().map(|row| TicketSummary {
        id: row.id.0,
        ticket_number: row.ticket_number.to_string(),
        subject: row.subject,
        status: row.status.to_string(),
        priority: row.priority.to_string(),
        tags: row.tags,
        assigned_to_id: row.assignee.map(|person| person.id.0),
        requester_name: row.requester_name,
        created_at: row.created_at.to_string(),
        updated_at: row.updated_at.to_string(),
    });
    Ok(axum::Json(TicketPage { data: data.collect(), next: page.next }))
}

fn words<T: FromStr<Err = Error>>(list: Option<&str>, field: &str) -> Result<Vec<T>> {
    let words = list.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
    Ok(words.map(|word| word.parse().map_err(|error| rename(error, field))).collect::<oxdesk::Result<_>>()?)
}

fn assignee(text: &str) -> Result<AssigneeFilter> {
    match text {
        "me" => Ok(AssigneeFilter::Me),
        "none" => Ok(AssigneeFilter::Nobody),
        id => Ok(AssigneeFilter::Person(id.parse::<UserId>().map_err(|error| rename(error, "assignee"))?)),
    }
}

/// Makes a ticket.
#[utoipa::path(post, path = "/tickets", tag = "tickets", request_body = NewTicket,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses(
    (status = 201, body = Ticket),
    WriteRefused,
))]
pub async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(new): Json<NewTicket>,
) -> Result<Response> {
    let own = actor.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let for_self = new.requester_email.is_none();
    let draft = TicketDraft {
        subject: new.subject,
        description: new.description,
        priority: new.priority,
        category: new.category,
        subcategory: new.subcategory,
        tags: new.tags,
        queue_id: new.queue_id,
        requester_email: new.requester_email.unwrap_or(own),
        requester_name: new.requester_name.or_else(|| for_self.then(|| actor.name.clone())),
        custom_fields: new.custom_fields,
        is_private: new.is_private,
    };
    let new = check_new_ticket(draft, TicketSource::Api)?;
    let created = commands::create_ticket(&state.desk, &actor, new, Vec::new()).await?;
    let ticket = queries::ticket(&state.desk, &actor, created.id).await?;
    let location = format!("/api/v1/tickets/{}", created.id);
    let mut response = (StatusCode::CREATED, tagged(ticket)).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Reads a ticket, by id or number.
#[utoipa::path(get, path = "/tickets/{id}", tag = "tickets", params(("id" = String, Path, description = "Id or number")), responses(
    (status = 200, body = Ticket),
    ReadRefused,
))]
pub async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    Ok(tagged(queries::ticket(&state.desk, &actor, id).await?))
}

/// The ticket's id, whether it was named by id or by number.
pub async fn find(state: &AppState, actor: &Actor, text: &str) -> Result<TicketId> {
    if let Ok(number) = text.parse::<TicketNumber>() {
        return Ok(queries::id_by_number(&state.desk, actor, &number).await?);
    }
    text.parse().map_err(|_| Problem::not_found())
}

fn tagged(ticket: tickets::Ticket) -> Response {
    let etag = format!("\"{}\"", ticket.version);
    let mut response = axum::Json(Ticket::from(ticket)).into_response();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

type Result<T, E = Problem> = std::result::Result<T, E>;

/// Changes a ticket, if it is still the version you read.
#[utoipa::path(patch, path = "/tickets/{id}", tag = "tickets", request_body = TicketChange,
    params(
        ("id" = String, Path, description = "Id or number"),
        ("If-Match" = Option<String>, Header, description = "The version you read, as in \"3\""),
    ),
    responses(
    (status = 200, body = Ticket),
    WriteRefused,
))]
pub async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(change): Json<TicketChange>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    // Whoever may not see it learns nothing, not even that a version is asked for.
    let seen = queries::ticket(&state.desk, &actor, id).await?;
    let version = if_match(&headers)?;
    if let (false, Some(status)) = (actor.can(Permission::TicketUpdate), change.only_status()) {
        let status = parsed(Some(status.to_owned()), "status")?.unwrap_or(TicketStatus::Closed);
        let reason = change.cancel_reason.as_deref();
        if seen.version != version {
            return Err(Error::Conflict { current: seen.version }.into());
        }
        commands::change_own_status(&state.desk, &actor, id, status, reason).await?;
        return answer(&state, &actor, id).await;
    }
    let patch = TicketPatch {
        subject: change.subject,
        status: parsed(change.status, "status")?,
        priority: parsed(change.priority, "priority")?,
        assigned_to_id: nullable(change.assigned_to_id, "assigned_to_id")?,
        queue_id: nullable(change.queue_id, "queue_id")?,
        category: change.category,
        subcategory: change.subcategory,
        tags: change.tags,
        resolution_note: change.resolution_note,
        cancel_reason: change.cancel_reason,
        follow_up_at: nullable(change.follow_up_at, "follow_up_at")?,
        custom_fields: change.custom_fields,
    };
    commands::update_ticket(&state.desk, &actor, id, version, patch).await?;
    answer(&state, &actor, id).await
}

/// The ticket as it is now, with its version.
pub async fn answer(state: &AppState, actor: &Actor, id: TicketId) -> Result<Response> {
    Ok(tagged(queries::ticket(&state.desk, actor, id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteParams {
    /// Why.
    #[param(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Deletes a ticket; it can be restored.
#[utoipa::path(delete, path = "/tickets/{id}", tag = "tickets",
    params(("id" = String, Path, description = "Id or number"), DeleteParams),
    responses((status = 204), WriteRefused))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Query(params): Query<DeleteParams>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    commands::delete_ticket(&state.desk, &actor, id, &params.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted ticket back.
#[utoipa::path(post, path = "/tickets/{id}/restore", tag = "tickets",
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, body = Ticket), WriteRefused))]
pub async fn restore(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    commands::restore_ticket(&state.desk, &actor, id).await?;
    answer(&state, &actor, id).await
}

/// A ticket that is named in a body: not there means that the field is wrong.
pub async fn find_named(state: &AppState, actor: &Actor, text: &str, field: &str) -> Result<TicketId> {
    let missing = || Error::invalid(field, "There is no such ticket, or you may not see it.");
    match text.parse::<TicketNumber>() {
        Ok(number) => Ok(queries::id_by_number(&state.desk, actor, &number).await.map_err(|_| missing())?),
        Err(_) => Ok(text.parse().map_err(|_| missing())?),
    }
}

pub fn parsed<T: FromStr<Err = Error>>(text: Option<String>, field: &str) -> Result<Option<T>> {
    Ok(text.map(|text| text.parse().map_err(|error| rename(error, field))).transpose()?)
}

pub fn nullable<T: FromStr<Err = Error>>(text: Option<Option<String>>, field: &str) -> Result<Option<Option<T>>> {
    text.map(|text| parsed(text, field)).transpose()
}
