//! `/api/v1/users`.

use super::extract::{Json, Path, Query, page_size};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::people::{self, AccountForm, NewUser, UserFilter, UserId, commands, queries};
use oxdesk::tickets::rules::rename;
use oxdesk::{Actor, EmailAddress, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct User {
    id: Uuid,
    version: i32,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    time_zone: String,
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
            version: user.version,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            phone: user.phone,
            time_zone: user.time_zone,
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

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserParams {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The previous page's `next`.
    after: Option<Uuid>,
    /// Each word, or its beginning, stands in the name, the address or the telephone number.
    q: Option<String>,
    /// A role's name.
    role: Option<String>,
    /// Whether they may sign in.
    active: Option<bool>,
}

/// Lists accounts in the order they were made.
#[utoipa::path(get, path = "/users", tag = "users", params(UserParams), responses(
    (status = 200, body = UserPage),
    ReadRefused,
))]
pub async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<UserParams>,
) -> Result<axum::Json<UserPage>> {
    let limit = page_size(asked.limit)?;
    let filter =
        UserFilter { words: asked.q.unwrap_or_default(), role: asked.role, active: asked.active, by_name: false };
    let mut rows = queries::list_users(&state.desk, &actor, &filter, asked.after.map(UserId), limit + 1).await?;
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
    /// Whether they get a mail with a link to choose it.
    #[serde(default)]
    invite: bool,
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
    let (email, invite): (EmailAddress, _) = (new.email.parse()?, new.invite);
    let new = NewUser { email, name: new.name, role: new.role, password: new.password };
    if invite && new.password.is_some() {
        return Err(Error::invalid("invite", "With a password there is nothing to choose.").into());
    }
    let id = match invite {
        true => commands::invite_user(&state.desk, &actor, new).await?,
        false => commands::add_user(&state.desk, &actor, new).await?,
    };
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountInput {
    /// The version that was read.
    version: i32,
    email: String,
    #[schema(max_length = 100)]
    first_name: Option<String>,
    #[schema(max_length = 100)]
    last_name: Option<String>,
    #[schema(max_length = 50)]
    phone: Option<String>,
    /// Such as Europe/Berlin.
    time_zone: String,
    /// All of them, by name.
    roles: Vec<String>,
    /// Which organisation they belong to, or null; not said: it stays as it is.
    #[serde(default, deserialize_with = "super::tickets::given")]
    organisation_id: Option<Option<String>>,
}

/// Changes an account.
#[utoipa::path(put, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path)), request_body = AccountInput, responses(
    (status = 200, body = User),
    WriteRefused,
))]
pub async fn change(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(input): Json<AccountInput>,
) -> Result<axum::Json<User>> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    let organisation = input.organisation_id.map(|id| id.map(|id| id.parse()).transpose()).transpose();
    let form = AccountForm {
        version: input.version,
        email: input.email,
        first_name: input.first_name,
        last_name: input.last_name,
        phone: input.phone,
        time_zone: input.time_zone,
        roles: input.roles.into_iter().collect(),
        organisation_id: organisation.map_err(|error| rename(error, "organisation_id"))?,
    };
    commands::change_user(&state.desk, &actor, id, &form).await?;
    Ok(axum::Json(queries::user(&state.desk, &actor, id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActiveInput {
    active: bool,
}

/// Switches an account off, with every browser and token of it, or on again.
#[utoipa::path(put, path = "/users/{id}/active", tag = "users", params(("id" = Uuid, Path)), request_body = ActiveInput,
    responses((status = 204), WriteRefused))]
pub async fn switch(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(input): Json<ActiveInput>,
) -> Result<StatusCode> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    commands::switch_user(&state.desk, &actor, id, input.active).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails the account's owner a link to choose a password.
#[utoipa::path(post, path = "/users/{id}/invitation", tag = "users", params(("id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn mail_password_link(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    commands::mail_password_link(&state.desk, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInput {
    /// The address of the account that stays.
    into: String,
}

/// Makes everything of an account another's. It cannot be taken back.
#[utoipa::path(post, path = "/users/{id}/merge", tag = "users", params(("id" = Uuid, Path)), request_body = MergeInput, responses(
    (status = 200, body = User, description = "The account that stays"),
    WriteRefused,
))]
pub async fn merge(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(input): Json<MergeInput>,
) -> Result<axum::Json<User>> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    let remaining = commands::merge_people(&state.desk, &actor, id, &input.into).await?;
    Ok(axum::Json(queries::user(&state.desk, &actor, remaining).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureInput {
    /// The account's address, once more.
    confirm: String,
    /// Whether the files that they sent go, too.
    #[serde(default)]
    with_files: bool,
}

/// Forgets a person. Their tickets stay, without their name and address. It cannot be taken back.
#[utoipa::path(post, path = "/users/{id}/erase", tag = "users", params(("id" = Uuid, Path)), request_body = ErasureInput,
    responses((status = 204), WriteRefused))]
pub async fn erase(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(input): Json<ErasureInput>,
) -> Result<StatusCode> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    let asked = commands::Erasure { confirm: input.confirm, with_files: input.with_files };
    commands::erase_person(&state.desk, &actor, id, &asked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads everything that is kept of a person: the account, and a list for each kind of thing. Your own, or anybody's with
/// `user.manage`; ten times an hour.
#[utoipa::path(get, path = "/users/{id}/data", tag = "users", params(("id" = Uuid, Path)), responses(
    (status = 200, body = serde_json::Value, content_type = "application/json"),
    ReadRefused,
))]
pub async fn data(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = id.parse().map_err(|_: Error| Problem::not_found())?;
    Ok(crate::personal_data::file(state.desk, &actor, Some(id)).await?)
}
