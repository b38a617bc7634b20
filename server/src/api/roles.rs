//! `/api/v1/roles`: what people may do.

use super::extract::{Json, Path};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::queues::Answer;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::people::{self, RoleForm, RoleId, commands, queries};
use oxdesk::tickets::rules::rename;
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Role {
    id: Uuid,
    version: i32,
    name: String,
    description: Option<String>,
    /// Such as ticket.read.queue.
    permissions: Vec<String>,
    /// Every desk has it.
    built_in: bool,
    /// How many have it.
    people: i64,
    /// Within so many days whoever has it has to have a second factor.
    second_factor_days: Option<i16>,
}

impl From<people::Role> for Role {
    fn from(role: people::Role) -> Self {
        Self {
            id: role.id.0,
            version: role.version,
            name: role.name,
            description: role.description,
            permissions: role.permissions.iter().map(|permission| permission.to_string()).collect(),
            built_in: role.built_in,
            people: role.people,
            second_factor_days: role.second_factor_days,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RolePage {
    data: Vec<Role>,
    next: Option<String>,
}

/// Every role.
#[utoipa::path(get, path = "/roles", tag = "users", responses((status = 200, body = RolePage), ReadRefused))]
pub async fn list_roles(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<RolePage> {
    let roles = queries::list_roles(&state.desk, &actor).await?;
    Ok(axum::Json(RolePage { data: roles.into_iter().map(Role::from).collect(), next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// It never changes.
    #[schema(max_length = 100)]
    name: String,
    #[schema(max_length = 300)]
    description: Option<String>,
    /// Such as ticket.read.queue; only what you may do yourself.
    permissions: Vec<String>,
    /// Within so many days whoever has it has to have a second factor; nobody has to, where nothing is said.
    #[schema(minimum = 0, maximum = 365)]
    second_factor_days: Option<i16>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// The version that was read.
    version: i32,
    #[schema(max_length = 300)]
    description: Option<String>,
    /// All that it may do. Only what you may do yourself is given, or taken away.
    permissions: Vec<String>,
    /// Within so many days whoever has it has to have a second factor; nobody has to, where nothing is said.
    #[schema(minimum = 0, maximum = 365)]
    second_factor_days: Option<i16>,
}

fn form(
    name: String,
    description: Option<String>,
    permissions: Vec<String>,
    second_factor_days: Option<i16>,
) -> oxdesk::Result<RoleForm> {
    let permissions = permissions.iter().map(|word| word.parse()).collect::<oxdesk::Result<_>>();
    let permissions = permissions.map_err(|error| rename(error, "permissions"))?;
    Ok(RoleForm { name, description, permissions, second_factor_days })
}

async fn found(state: &AppState, actor: &Actor, id: RoleId) -> Result<Role> {
    let roles = queries::list_roles(&state.desk, actor).await?;
    roles.into_iter().find(|role| role.id == id).map(Role::from).ok_or_else(Problem::not_found)
}

/// Makes a role.
#[utoipa::path(post, path = "/roles", tag = "users", request_body = NewRole,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses((status = 201, body = Role), WriteRefused))]
pub async fn create_role(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(new): Json<NewRole>,
) -> Result<Response> {
    let form = form(new.name, new.description, new.permissions, new.second_factor_days)?;
    let id = commands::save_role(&state.desk, &actor, None, &form).await?;
    Ok((StatusCode::CREATED, axum::Json(found(&state, &actor, id).await?)).into_response())
}

/// Changes what a role may do.
#[utoipa::path(put, path = "/roles/{role_id}", tag = "users", params(("role_id" = Uuid, Path)), request_body = RoleInput,
    responses((status = 200, body = Role), WriteRefused))]
pub async fn change_role(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(input): Json<RoleInput>,
) -> Answer<Role> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    let form = form(String::new(), input.description, input.permissions, input.second_factor_days)?;
    commands::save_role(&state.desk, &actor, Some((id, input.version)), &form).await?;
    Ok(axum::Json(found(&state, &actor, id).await?))
}

/// Deletes a role that nobody has.
#[utoipa::path(delete, path = "/roles/{role_id}", tag = "users", params(("role_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_role(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    commands::delete_role(&state.desk, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
