//! Links of a ticket, and what makes one of two or two of one: merge, unmerge, split.

use super::extract::{Json, Path};
use super::problem::{Problem, ReadRefused, Result, WriteRefused};
use super::tickets::{Ticket, find, find_named};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::tickets::rules::rename;
use oxdesk::tickets::{self, CommentId, LinkId, LinkType, commands, queries};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A ticket, named.
#[derive(Serialize, ToSchema)]
pub struct TicketRef {
    id: Uuid,
    ticket_number: String,
    subject: String,
    status: String,
}

impl From<tickets::TicketRef> for TicketRef {
    fn from(ticket: tickets::TicketRef) -> Self {
        Self {
            id: ticket.id.0,
            ticket_number: ticket.ticket_number.to_string(),
            subject: ticket.subject,
            status: ticket.status.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Link {
    id: Uuid,
    /// As this ticket sees it: RELATED, DUPLICATE, BLOCKS or BLOCKED_BY.
    link_type: String,
    /// Made on the other ticket: a DUPLICATE then means that the other one is the duplicate.
    incoming: bool,
    ticket: TicketRef,
}

#[derive(Serialize, ToSchema)]
pub struct LinkPage {
    data: Vec<Link>,
    next: Option<String>,
}

async fn page(state: &AppState, actor: &Actor, id: tickets::TicketId) -> Result<LinkPage> {
    let links = queries::links(&state.desk, actor, id).await?;
    let link = |link: tickets::Link| Link {
        id: link.id.0,
        link_type: link.link_type.to_string(),
        incoming: link.incoming,
        ticket: link.ticket.into(),
    };
    Ok(LinkPage { data: links.into_iter().map(link).collect(), next: None })
}

/// Lists a ticket's links, to tickets that you may see.
#[utoipa::path(get, path = "/tickets/{id}/links", tag = "links", params(("id" = String, Path, description = "Id or number")), responses(
    (status = 200, body = LinkPage),
    ReadRefused,
))]
pub async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<axum::Json<LinkPage>> {
    let id = find(&state, &actor, &id).await?;
    Ok(axum::Json(page(&state, &actor, id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    #[schema(pattern = "^(RELATED|DUPLICATE|BLOCKS|BLOCKED_BY)$")]
    link_type: String,
    /// The other ticket's id or number.
    ticket: String,
}

/// Links a ticket to another. Circles of BLOCKS are refused.
#[utoipa::path(post, path = "/tickets/{id}/links", tag = "links", request_body = NewLink,
    params(("id" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer again")),
    responses(
    (status = 201, body = LinkPage),
    WriteRefused,
))]
pub async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(new): Json<NewLink>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    let link_type: LinkType = new.link_type.parse().map_err(|error| rename(error, "link_type"))?;
    let other = find_named(&state, &actor, &new.ticket, "ticket").await?;
    commands::link_tickets(&state.desk, &actor, id, link_type, other).await?;
    Ok((StatusCode::CREATED, axum::Json(page(&state, &actor, id).await?)).into_response())
}

/// Takes a link away.
#[utoipa::path(delete, path = "/tickets/{id}/links/{link_id}", tag = "links",
    params(("id" = String, Path, description = "Id or number"), ("link_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, link)): Path<(String, String)>,
) -> Result<StatusCode> {
    let id = find(&state, &actor, &id).await?;
    let link: LinkId = link.parse().map_err(|_| Problem::not_found())?;
    commands::unlink_tickets(&state.desk, &actor, id, link).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The id or number of the ticket that goes on.
    into: String,
}

/// Merges a ticket into another: its number still opens, replies to it arrive there.
#[utoipa::path(post, path = "/tickets/{id}/merge", tag = "tickets", request_body = Merge,
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, body = Ticket), WriteRefused))]
pub async fn merge(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(merge): Json<Merge>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    let into = find_named(&state, &actor, &merge.into, "into").await?;
    commands::merge_tickets(&state.desk, &actor, id, into).await?;
    super::tickets::answer(&state, &actor, id).await
}

/// Takes a merge back: both tickets are what they were.
#[utoipa::path(post, path = "/tickets/{id}/unmerge", tag = "tickets",
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, body = Ticket), WriteRefused))]
pub async fn unmerge(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    commands::unmerge_ticket(&state.desk, &actor, id).await?;
    super::tickets::answer(&state, &actor, id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    comment_id: Uuid,
    #[schema(min_length = 1, max_length = 200)]
    subject: String,
}

/// Makes a ticket of its own from a public comment.
#[utoipa::path(post, path = "/tickets/{id}/split", tag = "tickets", request_body = Split,
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 201, body = Ticket), WriteRefused))]
pub async fn split(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Json(split): Json<Split>,
) -> Result<Response> {
    let id = find(&state, &actor, &id).await?;
    let comment = CommentId(split.comment_id);
    let created = commands::split_ticket(&state.desk, &actor, id, comment, &split.subject).await?;
    let ticket = super::tickets::answer(&state, &actor, created.id).await?;
    Ok((StatusCode::CREATED, ticket).into_response())
}
