//! `/api/v1/users`.

use super::comments::PageParams;
use super::extract::{Json, Path, Query, page_size};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::people::{self, NewUser, UserId, commands, queries};
use oxdesk::{Actor, EmailAddress, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct User {
    id: Uuid,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    email_verified: bool,
    active: bool,
    roles: Vec<String>,
    last_login_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<people::User> for User {
    fn from(user: people::User) -> Self {
        Self {
            id: user.id.0,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            phone: user.phone,
            email_verified: user.email_verified,
            active: user.active,
            roles: user.roles,
            last_login_at: user.last_login_at.map(|at| at.to_string()),
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct UserPage {
    data: Vec<User>,
    next: Option<String>,
}

/// Lists accounts in the order they were made.
#[utoipa::path(get, path = "/users", tag = "users", params(PageParams), responses(
    (status = 200, body = UserPage),
    ReadRefused,
))]
pub async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(page): Query<PageParams>,
) -> Result<axum::Json<UserPage>> {
    let limit = page_size(page.limit)?;
    let mut rows = queries::list_users(&state.desk, &actor, page.after.map(UserId), limit + 1).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(axum::Json(UserPage { data: rows.into_iter().map(User::from).collect(), next }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    email: String,
    name: String,
    /// A role's name, such as AGENT.
    role: String,
    /// Without one, the person asks for a link to choose it.
    password: Option<String>,
}

/// Makes an account.
#[utoipa::path(post, path = "/users", tag = "users", request_body = NewAccount,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses(
    (status = 201, body = User),
    WriteRefused,
))]
pub async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(new): Json<NewAccount>,
) -> Result<Response> {
    let email: EmailAddress = new.email.parse()?;
    let new = NewUser { email, name: new.name, role: new.role, password: new.password };
    let id = commands::add_user(&state.desk, &actor, new).await?;
    let user = queries::user(&state.desk, &actor, id).await?;
    Ok((StatusCode::CREATED, axum::Json(User::from(user))).into_response())
}

/// Reads your own account.
#[utoipa::path(get, path = "/users/me", tag = "users", responses(
    (status = 200, body = User),
    ReadRefused,
))]
pub async fn me(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Result<axum::Json<User>> {
    let id = actor.signed_in()?;
    Ok(axum::Json(queries::user(&state.desk, &actor, id).await?.into()))
}

/// Reads an account.
#[utoipa::path(get, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path)), responses(
    (status = 200, body = User),
    ReadRefused,
))]
pub async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<axum::Json<User>> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    Ok(axum::Json(queries::user(&state.desk, &actor, id).await?.into()))
}
