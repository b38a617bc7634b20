//! `/api/v1/organisations`: whom people belong to.

use super::extract::{Json, Path, Query, page_size};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, id};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::people::{self, OrganisationForm, OrganisationId, commands, queries};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Organisation {
    id: Uuid,
    version: i32,
    name: String,
    /// Whoever writes from one of these belongs to it.
    domains: Vec<String>,
    /// Whether its people see each other's tickets.
    shares_tickets: bool,
    /// How many belong to it.
    people: i64,
}

impl From<people::Organisation> for Organisation {
    fn from(organisation: people::Organisation) -> Self {
        Self {
            id: organisation.id.0,
            version: organisation.version,
            name: organisation.name,
            domains: organisation.domains,
            shares_tickets: organisation.shares_tickets,
            people: organisation.people,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OrganisationPage {
    data: Vec<Organisation>,
    next: Option<String>,
}

/// Which organisations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrganisationParams {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The previous page's `next`.
    after: Option<Uuid>,
    /// Each word, or its beginning, stands in the name.
    q: Option<String>,
}

/// A page of organisations, by name.
#[utoipa::path(get, path = "/organisations", tag = "users", params(OrganisationParams), responses((status = 200, body = OrganisationPage), ReadRefused))]
pub async fn list_organisations(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<OrganisationParams>,
) -> Answer<OrganisationPage> {
    let limit = page_size(asked.limit)?;
    let (words, after) = (asked.q.unwrap_or_default(), asked.after.map(OrganisationId));
    let mut rows = queries::list_organisations(&state.desk, &actor, &words, after, limit + 1).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(axum::Json(OrganisationPage { data: rows.into_iter().map(Organisation::from).collect(), next }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisation {
    #[schema(max_length = 200)]
    name: String,
    /// Such as example.com; one domain belongs to one organisation.
    #[serde(default)]
    #[schema(max_items = 100)]
    domains: Vec<String>,
    /// Whether its people see each other's tickets.
    #[serde(default)]
    shares_tickets: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationInput {
    /// The version that was read.
    version: i32,
    #[schema(max_length = 200)]
    name: String,
    #[schema(max_items = 100)]
    domains: Vec<String>,
    shares_tickets: bool,
}

fn form(name: String, domains: &[String], shares_tickets: bool) -> OrganisationForm {
    OrganisationForm { name, domains: domains.join("\n"), shares_tickets }
}

async fn found(state: &AppState, actor: &Actor, id: OrganisationId) -> Result<Organisation> {
    Ok(queries::organisation(&state.desk, actor, id).await?.into())
}

/// Makes an organisation. People from its domains who belong to none join it.
#[utoipa::path(post, path = "/organisations", tag = "users", request_body = NewOrganisation,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses((status = 201, body = Organisation), WriteRefused))]
pub async fn create_organisation(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(new): Json<NewOrganisation>,
) -> Result<Response> {
    let form = form(new.name, &new.domains, new.shares_tickets);
    let id = commands::save_organisation(&state.desk, &actor, None, &form).await?;
    Ok((StatusCode::CREATED, axum::Json(found(&state, &actor, id).await?)).into_response())
}

/// One organisation.
#[utoipa::path(get, path = "/organisations/{organisation_id}", tag = "users", params(("organisation_id" = Uuid, Path)),
    responses((status = 200, body = Organisation), ReadRefused))]
pub async fn get_organisation(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(text): Path<String>,
) -> Answer<Organisation> {
    Ok(axum::Json(found(&state, &actor, id(&text)?).await?))
}

/// Changes an organisation.
#[utoipa::path(put, path = "/organisations/{organisation_id}", tag = "users", params(("organisation_id" = Uuid, Path)),
    request_body = OrganisationInput, responses((status = 200, body = Organisation), WriteRefused))]
pub async fn change_organisation(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(text): Path<String>,
    Json(input): Json<OrganisationInput>,
) -> Answer<Organisation> {
    let id: OrganisationId = id(&text)?;
    let form = form(input.name, &input.domains, input.shares_tickets);
    commands::save_organisation(&state.desk, &actor, Some((id, input.version)), &form).await?;
    Ok(axum::Json(found(&state, &actor, id).await?))
}

/// Deletes an organisation: its people stay, and belong to none.
#[utoipa::path(delete, path = "/organisations/{organisation_id}", tag = "users", params(("organisation_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn delete_organisation(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(text): Path<String>,
) -> Result<StatusCode> {
    commands::delete_organisation(&state.desk, &actor, id(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
