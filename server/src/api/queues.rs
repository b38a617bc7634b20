//! What administrators arrange: queues with their members, teams.

use super::extract::{Json, Path};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::people::{TeamId, UserId};
use oxdesk::queues::{self, NewQueue};
use oxdesk::tickets::QueueId;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// The id of something made or changed.
#[derive(Serialize, ToSchema)]
pub struct Saved {
    pub id: Uuid,
}

pub type Answer<T> = Result<axum::Json<T>>;

pub fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Problem::not_found())
}

pub fn made(id: Uuid) -> Result<(StatusCode, axum::Json<Saved>)> {
    Ok((StatusCode::CREATED, axum::Json(Saved { id })))
}

#[derive(Serialize, ToSchema)]
pub struct Queue {
    id: Uuid,
    name: String,
    description: Option<String>,
    active: bool,
    /// MEMBERS or AGENTS.
    visibility: String,
    /// NONE, ROUND_ROBIN or LEAST_OPEN.
    assignment_rule: String,
    member_ids: Vec<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct QueuePage {
    data: Vec<Queue>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(max_length = 500)]
    description: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    #[schema(pattern = "^(MEMBERS|AGENTS)$")]
    visibility: Option<String>,
    #[schema(pattern = "^(NONE|ROUND_ROBIN|LEAST_OPEN)$")]
    assignment_rule: Option<String>,
}

fn yes() -> bool {
    true
}

impl From<QueueInput> for NewQueue {
    fn from(input: QueueInput) -> Self {
        let QueueInput { name, description, active, visibility, assignment_rule } = input;
        Self { name, description, active, visibility, assignment_rule }
    }
}

/// Every queue with its members.
#[utoipa::path(get, path = "/queues", tag = "queues", responses((status = 200, body = QueuePage), ReadRefused))]
pub async fn list_queues(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<QueuePage> {
    let queues = queues::queries::list_queue_details(&state.desk, &actor).await?;
    let queue = |queue: queues::QueueDetail| Queue {
        id: queue.id.0,
        name: queue.name,
        description: queue.description,
        active: queue.active,
        visibility: queue.visibility.to_string(),
        assignment_rule: queue.assignment_rule.to_string(),
        member_ids: queue.members.iter().map(|member| member.person.id.0).collect(),
    };
    Ok(axum::Json(QueuePage { data: queues.into_iter().map(queue).collect(), next: None }))
}

/// Adds a queue.
#[utoipa::path(post, path = "/queues", tag = "queues", request_body = QueueInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_queue(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<QueueInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(queues::commands::save_queue(&state.desk, &actor, None, input.into()).await?.0)
}

/// Changes a queue: what is not given is as in a new one.
#[utoipa::path(put, path = "/queues/{queue_id}", tag = "queues", params(("queue_id" = Uuid, Path)), request_body = QueueInput,
    responses((status = 200, body = Saved), WriteRefused))]
pub async fn update_queue(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(queue): Path<String>,
    Json(input): Json<QueueInput>,
) -> Answer<Saved> {
    let queue = queues::commands::save_queue(&state.desk, &actor, Some(id(&queue)?), input.into()).await?;
    Ok(axum::Json(Saved { id: queue.0 }))
}

/// Lets someone work in a queue.
#[utoipa::path(put, path = "/queues/{queue_id}/members/{user_id}", tag = "queues", params(("queue_id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn add_queue_member(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((queue, user)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (queue, user): (QueueId, UserId) = (id(&queue)?, id(&user)?);
    queues::commands::add_queue_member(&state.desk, &actor, queue, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends someone's work in a queue.
#[utoipa::path(delete, path = "/queues/{queue_id}/members/{user_id}", tag = "queues", params(("queue_id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn remove_queue_member(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((queue, user)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (queue, user): (QueueId, UserId) = (id(&queue)?, id(&user)?);
    queues::commands::remove_queue_member(&state.desk, &actor, queue, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct Team {
    id: Uuid,
    name: String,
    member_ids: Vec<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct TeamPage {
    data: Vec<Team>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Every team with its people.
#[utoipa::path(get, path = "/teams", tag = "teams", responses((status = 200, body = TeamPage), ReadRefused))]
pub async fn list_teams(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<TeamPage> {
    let teams = queues::queries::list_teams(&state.desk, &actor).await?;
    let team = |team: queues::TeamDetail| Team {
        id: team.team.id.0,
        name: team.team.name,
        member_ids: team.members.iter().map(|member| member.person.id.0).collect(),
    };
    Ok(axum::Json(TeamPage { data: teams.into_iter().map(team).collect(), next: None }))
}

/// Adds a team.
#[utoipa::path(post, path = "/teams", tag = "teams", request_body = TeamInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_team(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<TeamInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(queues::commands::save_team(&state.desk, &actor, None, &input.name).await?.0)
}

/// Renames a team.
#[utoipa::path(put, path = "/teams/{team_id}", tag = "teams", params(("team_id" = Uuid, Path)), request_body = TeamInput,
    responses((status = 200, body = Saved), WriteRefused))]
pub async fn update_team(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(team): Path<String>,
    Json(input): Json<TeamInput>,
) -> Answer<Saved> {
    let team = queues::commands::save_team(&state.desk, &actor, Some(id(&team)?), &input.name).await?;
    Ok(axum::Json(Saved { id: team.0 }))
}

/// Deletes a team, and the views that were saved for it.
#[utoipa::path(delete, path = "/teams/{team_id}", tag = "teams", params(("team_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_team(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(team): Path<String>,
) -> Result<StatusCode> {
    queues::commands::delete_team(&state.desk, &actor, id(&team)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds someone to a team.
#[utoipa::path(put, path = "/teams/{team_id}/members/{user_id}", tag = "teams", params(("team_id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn add_team_member(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((team, user)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (team, user): (TeamId, UserId) = (id(&team)?, id(&user)?);
    queues::commands::add_team_member(&state.desk, &actor, team, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes someone out of a team.
#[utoipa::path(delete, path = "/teams/{team_id}/members/{user_id}", tag = "teams", params(("team_id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn remove_team_member(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((team, user)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (team, user): (TeamId, UserId) = (id(&team)?, id(&user)?);
    queues::commands::remove_team_member(&state.desk, &actor, team, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
