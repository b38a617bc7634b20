//! Tickets as problems: what causes others.

use super::extract::{Json, Path};
use super::problem::{Problem as Refusal, ReadRefused, Result, WriteRefused};
use super::queues::Answer;
use super::tickets::find;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::tickets::{self, ProblemForm, commands, queries};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct TicketProblem {
    /// The ticket to change it at: of one into which a problem was merged, the one that was.
    ticket_id: Uuid,
    root_cause: Option<String>,
    workaround: Option<String>,
    is_known_error: bool,
    /// To be sent with the next change.
    version: i32,
    updated_by: Option<String>,
    updated_at: String,
}

impl From<tickets::Problem> for TicketProblem {
    fn from(problem: tickets::Problem) -> Self {
        Self {
            ticket_id: problem.ticket_id.0,
            root_cause: problem.root_cause,
            workaround: problem.workaround,
            is_known_error: problem.is_known_error,
            version: problem.version,
            updated_by: problem.updated_by,
            updated_at: problem.updated_at.to_string(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketProblemInput {
    #[schema(max_length = 20000)]
    root_cause: Option<String>,
    #[schema(max_length = 20000)]
    workaround: Option<String>,
    /// Offered where people ask the same: needs a cause or a workaround.
    #[serde(default)]
    is_known_error: bool,
    /// The one that was read; null for a ticket that is no problem yet.
    version: Option<i32>,
}

/// What is known of a ticket that is a problem: tickets that come from it are linked to it. For those who work tickets.
#[utoipa::path(get, path = "/tickets/{id}/problem", tag = "tickets", params(("id" = String, Path)), responses((status = 200, body = TicketProblem), ReadRefused))]
pub async fn get_ticket_problem(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Answer<TicketProblem> {
    let id = find(&state, &actor, &id).await?;
    let problem = queries::problem(&state.desk, &actor, id).await?.ok_or_else(Refusal::not_found)?;
    Ok(axum::Json(problem.into()))
}

/// Makes a ticket a problem, or writes down what is known of it.
#[utoipa::path(put, path = "/tickets/{id}/problem", tag = "tickets", request_body = TicketProblemInput, params(("id" = String, Path)),
    responses((status = 200, body = TicketProblem), WriteRefused))]
pub async fn save_ticket_problem(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(input): Json<TicketProblemInput>,
) -> Answer<TicketProblem> {
    let id = find(&state, &actor, &id).await?;
    let TicketProblemInput { root_cause, workaround, is_known_error, version } = input;
    let form = ProblemForm { root_cause, workaround, is_known_error };
    commands::save_problem(&state.desk, &actor, id, version, &form).await?;
    let problem = queries::problem(&state.desk, &actor, id).await?.ok_or_else(Refusal::not_found)?;
    Ok(axum::Json(problem.into()))
}

/// Says that a ticket is no problem after all.
#[utoipa::path(delete, path = "/tickets/{id}/problem", tag = "tickets", params(("id" = String, Path)), responses((status = 204), WriteRefused))]
pub async fn drop_ticket_problem(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    commands::drop_problem(&state.desk, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
