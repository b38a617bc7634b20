//! Service levels: calendars, policies, and why a ticket is due when it is.

use super::extract::{Json, Path};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, id, made};
use super::tickets::find;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::people::OrganisationId;
use oxdesk::sla::commands::{self, PolicyForm, StepForm};
use oxdesk::sla::{self, CalendarId, queries};
use oxdesk::tickets::{QueueId, TicketStatus};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is promised on tickets of a priority that meet every condition.
#[derive(Serialize, ToSchema)]
pub struct Policy {
    id: Uuid,
    version: i32,
    policy: PolicyTerms,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTerms {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    description: Option<String>,
    /// LOW, MEDIUM, HIGH or CRITICAL.
    priority: String,
    /// Minutes of working time, as the next two are.
    #[schema(minimum = 1, maximum = 2635200)]
    first_response_time: i64,
    #[schema(minimum = 1, maximum = 2635200)]
    update_time: Option<i64>,
    #[schema(minimum = 1, maximum = 2635200)]
    resolution_time: i64,
    /// Around the clock, without one.
    calendar_id: Option<Uuid>,
    queue_id: Option<Uuid>,
    /// A category's or a subcategory's name.
    category: Option<String>,
    organisation_id: Option<Uuid>,
    tag: Option<String>,
    /// Statuses in which the clock stands still, as WAITING.
    #[serde(default)]
    pauses_in: Vec<String>,
    /// The first policy that fits counts.
    #[serde(default)]
    position: i32,
    #[serde(default = "yes")]
    active: bool,
    /// What happens before and after: {"target": "RESOLUTION", "minutes": -30, "actions": [{"do": "notify_assignee"}]}, or
    /// {"share": 50} in place of minutes. Actions: notify_assignee, notify_queue, notify_role (role), notify_user (user),
    /// raise_priority, assign_to (user), add_tag (tag), webhook (webhook).
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    steps: Vec<serde_json::Value>,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, ToSchema)]
pub struct PolicyPage {
    data: Vec<Policy>,
    next: Option<String>,
}

/// The policies, in the order in which they are tried.
#[utoipa::path(get, path = "/sla-policies", tag = "service levels", responses((status = 200, body = PolicyPage), ReadRefused))]
pub async fn list_policies(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<PolicyPage> {
    let list = queries::list_policies(&state.desk, &actor).await?;
    let data = list.into_iter().map(shown).collect::<oxdesk::Result<_>>()?;
    Ok(axum::Json(PolicyPage { data, next: None }))
}

/// Makes a policy.
#[utoipa::path(post, path = "/sla-policies", tag = "service levels", request_body = PolicyTerms, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_policy(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<PolicyTerms>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(commands::save_policy(&state.desk, &actor, None, &form(input)?).await?.0)
}

/// A changed policy, with the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyChange {
    version: i32,
    policy: PolicyTerms,
}

/// Replaces a policy. Where it runs, targets follow.
#[utoipa::path(put, path = "/sla-policies/{policy_id}", tag = "service levels", params(("policy_id" = Uuid, Path)), request_body = PolicyChange, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_policy(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(policy): Path<String>,
    Json(input): Json<PolicyChange>,
) -> Answer<Saved> {
    let changes = Some((id(&policy)?, input.version));
    let saved = commands::save_policy(&state.desk, &actor, changes, &form(input.policy)?).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Removes a policy. Where it runs, it runs on.
#[utoipa::path(delete, path = "/sla-policies/{policy_id}", tag = "service levels", params(("policy_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_policy(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(policy): Path<String>,
) -> Result<StatusCode> {
    commands::delete_policy(&state.desk, &actor, id(&policy)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(policy: sla::SlaPolicy) -> oxdesk::Result<Policy> {
    let steps: std::result::Result<_, _> = policy.steps.iter().map(serde_json::to_value).collect();
    let steps = steps.map_err(Error::internal)?;
    Ok(Policy {
        id: policy.id.0,
        version: policy.version,
        policy: PolicyTerms {
            name: policy.name,
            description: policy.description,
            priority: policy.priority.to_string(),
            first_response_time: policy.first_response_time.into(),
            update_time: policy.update_time.map(i64::from),
            resolution_time: policy.resolution_time.into(),
            calendar_id: policy.calendar_id.map(|id| id.0),
            queue_id: policy.queue_id.map(|id| id.0),
            category: policy.category,
            organisation_id: policy.organisation_id.map(|id| id.0),
            tag: policy.tag,
            pauses_in: policy.pauses_in.iter().map(ToString::to_string).collect(),
            position: policy.position,
            active: policy.active,
            steps,
        },
    })
}

fn form(input: PolicyTerms) -> oxdesk::Result<PolicyForm> {
    let status = |word: String| {
        word.parse::<TicketStatus>().map_err(|_| Error::invalid("pauses_in", "There is no such status."))
    };
    let step = |(place, mut step): (usize, serde_json::Value)| {
        // A step is known by what it says: an id that came with it is no part of that.
        if let Some(fields) = step.as_object_mut() {
            fields.remove("id");
        }
        serde_json::from_value::<StepForm>(step)
            .map_err(|error| Error::invalid(&format!("steps[{place}]"), error.to_string()))
    };
    Ok(PolicyForm {
        name: input.name,
        description: input.description,
        priority: input.priority,
        first_response_time: input.first_response_time,
        update_time: input.update_time,
        resolution_time: input.resolution_time,
        calendar_id: input.calendar_id.map(CalendarId),
        queue_id: input.queue_id.map(QueueId),
        category: input.category,
        organisation_id: input.organisation_id.map(OrganisationId),
        tag: input.tag,
        pauses_in: input.pauses_in.into_iter().map(status).collect::<oxdesk::Result<_>>()?,
        position: input.position,
        active: input.active,
        steps: input.steps.into_iter().enumerate().map(step).collect::<oxdesk::Result<_>>()?,
    })
}

/// When the desk works.
#[derive(Serialize, ToSchema)]
pub struct Calendar {
    id: Uuid,
    version: i32,
    name: String,
    /// {"time_zone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}, "holidays": ["2026-12-25"]}.
    #[schema(value_type = Object)]
    calendar: sla::Calendar,
}

#[derive(Serialize, ToSchema)]
pub struct CalendarPage {
    data: Vec<Calendar>,
    next: Option<String>,
}

/// The calendars, by name.
#[utoipa::path(get, path = "/calendars", tag = "service levels", responses((status = 200, body = CalendarPage), ReadRefused))]
pub async fn list_calendars(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<CalendarPage> {
    let one = |found: sla::NamedCalendar| Calendar {
        id: found.id.0,
        version: found.version,
        name: found.name,
        calendar: found.calendar,
    };
    let data = queries::list_calendars(&state.desk, &actor).await?.into_iter().map(one).collect();
    Ok(axum::Json(CalendarPage { data, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Where one is changed: the version that was read.
    #[serde(default)]
    version: i32,
    /// {"time_zone": IANA, "hours": {"mon": [["09:00", "17:00"]]}, "holidays": ["2026-12-25", {"date": "12-24", "closed": ["12:00", "24:00"]}]};
    /// a shift that ends before it begins runs over midnight. "changes": [{"from": "2027-01-01", "hours": {}}] holds from a day on.
    #[schema(value_type = Object)]
    calendar: serde_json::Value,
}

/// What was saved, and what was understood otherwise than written.
#[derive(Serialize, ToSchema)]
pub struct SavedCalendar {
    id: Uuid,
    notes: Vec<String>,
}

/// Makes a calendar.
#[utoipa::path(post, path = "/calendars", tag = "service levels", request_body = CalendarInput, responses((status = 201, body = SavedCalendar), WriteRefused))]
pub async fn create_calendar(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<CalendarInput>,
) -> Result<(StatusCode, axum::Json<SavedCalendar>)> {
    let (saved, notes) =
        commands::save_calendar(&state.desk, &actor, None, &input.name, &read(input.calendar)?).await?;
    Ok((StatusCode::CREATED, axum::Json(SavedCalendar { id: saved.0, notes })))
}

/// Replaces a calendar. Targets that are counted over it follow.
#[utoipa::path(put, path = "/calendars/{calendar_id}", tag = "service levels", params(("calendar_id" = Uuid, Path)), request_body = CalendarInput, responses((status = 200, body = SavedCalendar), WriteRefused))]
pub async fn change_calendar(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(calendar): Path<String>,
    Json(input): Json<CalendarInput>,
) -> Answer<SavedCalendar> {
    let changes = Some((id(&calendar)?, input.version));
    let (saved, notes) =
        commands::save_calendar(&state.desk, &actor, changes, &input.name, &read(input.calendar)?).await?;
    Ok(axum::Json(SavedCalendar { id: saved.0, notes }))
}

/// Removes a calendar that no policy uses.
#[utoipa::path(delete, path = "/calendars/{calendar_id}", tag = "service levels", params(("calendar_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_calendar(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(calendar): Path<String>,
) -> Result<StatusCode> {
    commands::delete_calendar(&state.desk, &actor, id(&calendar)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read(calendar: serde_json::Value) -> oxdesk::Result<sla::Calendar> {
    serde_json::from_value(calendar).map_err(|error| Error::invalid("calendar", error.to_string()))
}

/// What is promised on a ticket, each with its way to the target.
#[derive(Serialize, ToSchema)]
pub struct TicketDeadlines {
    /// Nothing is promised without one.
    policy: Option<String>,
    calendar: Option<String>,
    time_zone: Option<String>,
    /// The clock stands still.
    paused: bool,
    deadlines: Vec<Deadline>,
}

#[derive(Serialize, ToSchema)]
pub struct Deadline {
    /// FIRST_RESPONSE, UPDATE or RESOLUTION.
    promise: String,
    /// When it is due; while the clock stands still, when it would be if it went on now.
    target: Option<String>,
    /// When it was kept.
    actual: Option<String>,
    breached: bool,
    /// Working minutes that were promised.
    minutes: i32,
    segments: Vec<Segment>,
}

#[derive(Serialize, ToSchema)]
pub struct Segment {
    /// work, closed, holiday or pause.
    kind: String,
    from: String,
    to: String,
}

/// Why a ticket is due when it is.
#[utoipa::path(get, path = "/tickets/{id}/deadlines", tag = "service levels", params(("id" = String, Path)), responses((status = 200, body = TicketDeadlines), ReadRefused))]
pub async fn deadlines(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
) -> Answer<TicketDeadlines> {
    let ticket = find(&state, &actor, &ticket).await?;
    let found = queries::deadlines(&state.desk, &actor, ticket).await?;
    let segment = |segment: sla::Segment| Segment {
        kind: segment.kind.to_string(),
        from: segment.from.to_string(),
        to: segment.to.to_string(),
    };
    let deadline = |deadline: sla::Deadline| Deadline {
        promise: deadline.promise.to_string(),
        target: deadline.goal.target.map(|at| at.to_string()),
        actual: deadline.goal.actual.map(|at| at.to_string()),
        breached: deadline.goal.breached,
        minutes: deadline.minutes,
        segments: deadline.segments.into_iter().map(segment).collect(),
    };
    Ok(axum::Json(match found {
        None => TicketDeadlines { policy: None, calendar: None, time_zone: None, paused: false, deadlines: Vec::new() },
        Some(found) => TicketDeadlines {
            policy: Some(found.policy),
            calendar: found.calendar,
            time_zone: Some(found.time_zone),
            paused: found.paused,
            deadlines: found.deadlines.into_iter().map(deadline).collect(),
        },
    }))
}
