//! `/api/v1/tickets`.

use super::extract::{Json, Path, Query, if_match, page_size};
use super::problem::{Problem, ReadRefused, WriteRefused};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use oxdesk::fields::{FieldValue, FieldValues};
use oxdesk::people::UserId;
use oxdesk::tickets::rules::{TicketDraft, check_new_ticket, rename};
use oxdesk::tickets::{
    self, AssigneeFilter, QueueFilter, QueueId, TicketId, TicketNumber, TicketPatch, TicketPriority, TicketSource,
    TicketStatus, commands, parse_filter, queries,
};
use oxdesk::{Actor, Error, Permission};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Ticket {
    id: Uuid,
    ticket_number: String,
    subject: String,
    description: String,
    status: String,
    priority: String,
    source: String,
    category: Option<String>,
    subcategory: Option<String>,
    tags: Vec<String>,
    queue_id: Option<Uuid>,
    assigned_to_id: Option<Uuid>,
    requester_id: Option<Uuid>,
    requester_email: String,
    requester_name: Option<String>,
    first_response_at: Option<String>,
    resolved_at: Option<String>,
    closed_at: Option<String>,
    /// What solved it.
    resolution_note: Option<String>,
    /// Why it was cancelled.
    cancel_reason: Option<String>,
    /// Put off until then.
    follow_up_at: Option<String>,
    /// Where it was merged into.
    merged_into_id: Option<Uuid>,
    /// Set on a deleted ticket, which only those see who may restore it.
    deleted_at: Option<String>,
    /// By the keys of `/custom-fields`; requesters get the public ones.
    #[schema(value_type = Object)]
    custom_fields: FieldValues,
    /// Send it back in `If-Match` to change the ticket.
    version: i32,
    created_at: String,
    updated_at: String,
}

impl From<tickets::Ticket> for Ticket {
    fn from(ticket: tickets::Ticket) -> Self {
        let time = |at: Option<oxdesk::Timestamp>| at.map(|at| at.to_string());
        Self {
            id: ticket.id.0,
            ticket_number: ticket.ticket_number.to_string(),
            subject: ticket.subject,
            description: ticket.description,
            status: ticket.status.to_string(),
            priority: ticket.priority.to_string(),
            source: ticket.source.to_string(),
            category: ticket.category,
            subcategory: ticket.subcategory,
            tags: ticket.tags,
            queue_id: ticket.queue.map(|queue| queue.id.0),
            assigned_to_id: ticket.assignee.map(|person| person.id.0),
            requester_id: ticket.requester_id.map(|person| person.0),
            requester_email: ticket.requester_email,
            requester_name: ticket.requester_name,
            first_response_at: time(ticket.first_response_at),
            resolved_at: time(ticket.resolved_at),
            closed_at: time(ticket.closed_at),
            resolution_note: ticket.resolution_note,
            cancel_reason: ticket.cancel_reason,
            follow_up_at: time(ticket.follow_up_at),
            merged_into_id: ticket.merged_into_id.map(|into| into.0),
            deleted_at: ticket.deleted.map(|deletion| deletion.at.to_string()),
            custom_fields: ticket.custom_fields,
            version: ticket.version,
            created_at: ticket.created_at.to_string(),
            updated_at: ticket.updated_at.to_string(),
        }
    }
}

/// A ticket as a list has it.
#[derive(Serialize, ToSchema)]
pub struct TicketSummary {
    id: Uuid,
    ticket_number: String,
    subject: String,
    status: String,
    priority: String,
    tags: Vec<String>,
    assigned_to_id: Option<Uuid>,
    requester_name: String,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct TicketPage {
    data: Vec<TicketSummary>,
    /// Send it as `after` for the next page.
    next: Option<String>,
}

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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    #[schema(min_length = 1, max_length = 200)]
    subject: String,
    #[schema(min_length = 1, max_length = 50_000)]
    description: String,
    /// LOW, MEDIUM, HIGH or CRITICAL; the category's, or MEDIUM, when it is not given.
    #[schema(pattern = "^(LOW|MEDIUM|HIGH|CRITICAL)$")]
    priority: Option<String>,
    #[schema(max_length = 100)]
    category: Option<String>,
    #[schema(max_length = 100)]
    subcategory: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    queue_id: Option<String>,
    /// Whom it is for; you, when it is not given.
    #[schema(format = Email, max_length = 254)]
    requester_email: Option<String>,
    #[schema(max_length = 200)]
    requester_name: Option<String>,
    /// By the keys of `/custom-fields`.
    #[serde(default)]
    #[schema(value_type = Object)]
    custom_fields: FieldValues,
    /// Not for your colleagues, even where they see your tickets.
    #[serde(default)]
    is_private: bool,
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

/// What is not given stays; what is null is emptied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketChange {
    subject: Option<String>,
    status: Option<String>,
    priority: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    assigned_to_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    queue_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    category: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    subcategory: Option<Option<String>>,
    tags: Option<Vec<String>>,
    /// What solved it: needed to resolve or close an open ticket.
    #[schema(max_length = 10_000)]
    resolution_note: Option<String>,
    /// Why it is cancelled: needed to cancel.
    #[schema(max_length = 1000)]
    cancel_reason: Option<String>,
    /// Puts the ticket off until then; null takes it back.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    follow_up_at: Option<Option<String>>,
    /// By the keys of `/custom-fields`: what is not given stays, what is null is emptied.
    #[serde(default)]
    #[schema(value_type = Object)]
    custom_fields: BTreeMap<String, Option<FieldValue>>,
}

impl TicketChange {
    /// The whole change is one of status, as requesters may make it on their own tickets.
    fn only_status(&self) -> Option<&str> {
        let rest = self.subject.is_none()
            && self.priority.is_none()
            && self.assigned_to_id.is_none()
            && self.queue_id.is_none()
            && self.category.is_none()
            && self.subcategory.is_none()
            && self.tags.is_none()
            && self.resolution_note.is_none()
            && self.follow_up_at.is_none()
            && self.custom_fields.is_empty();
        self.status.as_deref().filter(|_| rest)
    }
}

/// Tells `null` from nothing.
pub fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
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
