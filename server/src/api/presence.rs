//! Presence: who else is at a ticket.

use super::extract::{Json, Path};
use super::problem::{Result, WriteRefused};
use super::queues::Answer;
use super::tickets::find;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::presence::{self, commands};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceInput {
    /// You are writing an answer.
    #[serde(default)]
    is_writing: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Colleague {
    id: Uuid,
    name: String,
    is_writing: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Colleagues {
    data: Vec<Colleague>,
    next: Option<String>,
}

/// Says that you are at a ticket, for the next 40 seconds, and answers with who else is.
#[utoipa::path(post, path = "/tickets/{id}/presence", tag = "tickets", params(("id" = String, Path, description = "Id or number")),
    request_body = PresenceInput, responses((status = 200, body = Colleagues), WriteRefused))]
pub async fn be_present(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
    Json(input): Json<PresenceInput>,
) -> Answer<Colleagues> {
    let ticket = find(&state, &actor, &ticket).await?;
    let others = commands::be_present(&state.desk, &actor, ticket, input.is_writing).await?;
    let colleague =
        |other: presence::Colleague| Colleague { id: other.id.0, name: other.name, is_writing: other.is_writing };
    Ok(axum::Json(Colleagues { data: others.into_iter().map(colleague).collect(), next: None }))
}

/// Says that you have gone elsewhere.
#[utoipa::path(delete, path = "/tickets/{id}/presence", tag = "tickets", params(("id" = String, Path, description = "Id or number")),
    responses((status = 204), WriteRefused))]
pub async fn leave(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
) -> Result<StatusCode> {
    let ticket = find(&state, &actor, &ticket).await?;
    commands::leave(&state.desk, &actor, ticket).await?;
    Ok(StatusCode::NO_CONTENT)
}
