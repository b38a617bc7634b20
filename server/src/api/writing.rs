//! Writing: macros, drafts, replies that can be taken back; and one change to many tickets.

use super::extract::{Json, Path};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, id, made};
use super::tickets::{find, nullable, parsed};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::macros::{self, MacroId, NewMacro};
use oxdesk::tickets::{OutgoingId, PublicReply, TicketPatch, commands};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Macro {
    id: Uuid,
    name: String,
    body: String,
    is_shared: bool,
    status: Option<String>,
    priority: Option<String>,
    assign_to_me: bool,
    tags: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct MacroPage {
    data: Vec<Macro>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MacroInput {
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// With placeholders, as in `{{requester.first_name}}`.
    #[schema(max_length = 50_000)]
    #[serde(default)]
    body: String,
    /// For everyone who works tickets.
    #[serde(default)]
    is_shared: bool,
    status: Option<String>,
    priority: Option<String>,
    #[serde(default)]
    assign_to_me: bool,
    #[serde(default)]
    tags: Vec<String>,
}

/// Your macros and everyone's.
#[utoipa::path(get, path = "/macros", tag = "macros", responses((status = 200, body = MacroPage), ReadRefused))]
pub async fn list_macros(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<MacroPage> {
    let list = macros::queries::list_macros(&state.desk, &actor).await?;
    let found = |found: macros::Macro| Macro {
        id: found.id.0,
        name: found.name,
        body: found.body,
        is_shared: found.is_shared,
        status: found.status.map(|status| status.to_string()),
        priority: found.priority.map(|priority| priority.to_string()),
        assign_to_me: found.assign_to_me,
        tags: found.tags,
    };
    Ok(axum::Json(MacroPage { data: list.into_iter().map(found).collect(), next: None }))
}

/// Saves a macro; the same name again replaces it.
#[utoipa::path(post, path = "/macros", tag = "macros", request_body = MacroInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn save_macro(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<MacroInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    let MacroInput { name, body, is_shared, status, priority, assign_to_me, tags } = input;
    let new = NewMacro { name, body, is_shared, status, priority, assign_to_me, tags };
    made(macros::commands::save_macro(&state.desk, &actor, new).await?.0)
}

/// Deletes a macro.
#[utoipa::path(delete, path = "/macros/{macro_id}", tag = "macros", params(("macro_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_macro(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Result<StatusCode> {
    macros::commands::delete_macro(&state.desk, &actor, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct Applied {
    /// What the macro would say.
    text: String,
    /// The status that sending it brings.
    then: Option<String>,
}

/// Does what a macro does to a ticket's fields, and answers with what it would say.
#[utoipa::path(post, path = "/tickets/{id}/macros/{macro_id}", tag = "macros",
    params(("id" = String, Path, description = "Id or number"), ("macro_id" = Uuid, Path)),
    responses((status = 200, body = Applied), WriteRefused))]
pub async fn apply_macro(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((ticket, name)): Path<(String, String)>,
) -> Answer<Applied> {
    let ticket = find(&state, &actor, &ticket).await?;
    let name: MacroId = id(&name)?;
    let applied = macros::commands::apply_macro(&state.desk, &actor, ticket, name).await?;
    Ok(axum::Json(Applied { text: applied.text, then: applied.then.map(|then| then.to_string()) }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftInput {
    #[serde(default)]
    is_internal: bool,
    /// Nothing takes the draft away.
    #[schema(max_length = 50_000)]
    #[serde(default)]
    body: String,
    /// The version you know of; 0 for none.
    #[serde(default)]
    version: i32,
}

#[derive(Serialize, ToSchema)]
pub struct DraftSaved {
    version: i32,
}

/// Keeps what you are writing on a ticket, if it is still the version you know of.
#[utoipa::path(put, path = "/tickets/{id}/draft", tag = "comments", params(("id" = String, Path, description = "Id or number")),
    request_body = DraftInput, responses((status = 200, body = DraftSaved), WriteRefused))]
pub async fn save_draft(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
    Json(input): Json<DraftInput>,
) -> Answer<DraftSaved> {
    let ticket = find(&state, &actor, &ticket).await?;
    let version =
        commands::save_draft(&state.desk, &actor, ticket, input.is_internal, &input.body, input.version).await?;
    Ok(axum::Json(DraftSaved { version }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutgoingInput {
    #[schema(min_length = 1, max_length = 50_000)]
    comment: String,
    /// The status that sending it brings.
    then: Option<String>,
}

/// Sends a public reply after the time in which it can be taken back.
#[utoipa::path(post, path = "/tickets/{id}/outgoing", tag = "comments", params(("id" = String, Path, description = "Id or number")),
    request_body = OutgoingInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn schedule(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
    Json(input): Json<OutgoingInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    let ticket = find(&state, &actor, &ticket).await?;
    let (reply, then) = (PublicReply::parse(&input.comment)?, parsed(input.then, "then")?);
    made(commands::schedule_reply(&state.desk, &actor, ticket, &reply, then).await?.0)
}

#[derive(Serialize, ToSchema)]
pub struct TakenBack {
    /// What it said: it is a draft again.
    comment: String,
}

/// Takes a reply back that has not been sent.
#[utoipa::path(delete, path = "/outgoing/{outgoing_id}", tag = "comments", params(("outgoing_id" = Uuid, Path)),
    responses((status = 200, body = TakenBack), WriteRefused))]
pub async fn take_back(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(outgoing): Path<String>,
) -> Answer<TakenBack> {
    let outgoing: OutgoingId = id(&outgoing)?;
    Ok(axum::Json(TakenBack { comment: commands::take_back_reply(&state.desk, &actor, outgoing).await? }))
}

/// The same change for several tickets: what is not given stays; what is null is emptied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkInput {
    /// At most 500.
    #[schema(min_items = 1, max_items = 500)]
    ids: Vec<Uuid>,
    status: Option<String>,
    priority: Option<String>,
    #[serde(default, deserialize_with = "super::tickets::given")]
    #[schema(value_type = Option<String>)]
    assigned_to_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "super::tickets::given")]
    #[schema(value_type = Option<String>)]
    queue_id: Option<Option<String>>,
    tags: Option<Vec<String>>,
    #[schema(max_length = 10_000)]
    resolution_note: Option<String>,
    #[schema(max_length = 1000)]
    cancel_reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct BulkDone {
    changed: usize,
    refused: Vec<BulkRefused>,
}

#[derive(Serialize, ToSchema)]
pub struct BulkRefused {
    /// Missing when you may not see it.
    ticket_number: Option<String>,
    why: String,
}

/// Makes one change to several tickets; what one refuses does not hold back the others.
#[utoipa::path(post, path = "/tickets/bulk", tag = "tickets", request_body = BulkInput, responses((status = 200, body = BulkDone), WriteRefused))]
pub async fn bulk(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<BulkInput>,
) -> Answer<BulkDone> {
    let ids: Vec<_> = input.ids.into_iter().map(oxdesk::tickets::TicketId).collect();
    let patch = TicketPatch {
        status: parsed(input.status, "status")?,
        priority: parsed(input.priority, "priority")?,
        assigned_to_id: nullable(input.assigned_to_id, "assigned_to_id")?,
        queue_id: nullable(input.queue_id, "queue_id")?,
        tags: input.tags,
        resolution_note: input.resolution_note,
        cancel_reason: input.cancel_reason,
        ..TicketPatch::default()
    };
    let outcome = commands::update_tickets(&state.desk, &actor, &ids, &patch).await?;
    let refused = |refused: oxdesk::tickets::Refused| BulkRefused {
        ticket_number: refused.ticket.map(|number| number.to_string()),
        why: refused.why,
    };
    let refused = outcome.refused.into_iter().map(refused).collect();
    Ok(axum::Json(BulkDone { changed: outcome.changed, refused }))
}
