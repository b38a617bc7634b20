//! Mail: what was written, what was set aside, whom nothing is sent to.

use super::extract::{Path, Query, page_size};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, id};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::mail::{self, OutboxMailId, RawMailId, outbox, quarantine, suppression};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A mail that Oxdesk has written.
#[derive(Serialize, ToSchema)]
pub struct OutboxMail {
    id: Uuid,
    recipient: String,
    subject: String,
    body: String,
    /// WAITING, SENDING, SENT, FAILED, BOUNCED or SUPPRESSED.
    state: String,
    /// What the receiving server said last, if it was an error.
    last_error: Option<String>,
    sent_at: Option<String>,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct OutboxPage {
    data: Vec<OutboxMail>,
    next: Option<String>,
}

/// Every mail that Oxdesk has written, newest first.
#[utoipa::path(get, path = "/mail/outbox", tag = "mail", params(MailParams), responses((status = 200, body = OutboxPage), ReadRefused))]
pub async fn list_outbox(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(params): Query<MailParams>,
) -> Answer<OutboxPage> {
    let limit = page_size(params.limit)?;
    let mut list = outbox::list_outbox(&state.desk, &actor, params.after.map(OutboxMailId), limit + 1).await?;
    let more = list.len() as i64 > limit;
    list.truncate(usize::try_from(limit).unwrap_or_default());
    let next = if more { list.last().map(|mail| mail.id.to_string()) } else { None };
    let one = |mail: mail::OutboxMail| OutboxMail {
        id: mail.id.0,
        recipient: mail.recipient,
        subject: mail.subject,
        body: mail.body,
        state: mail.state.to_string(),
        last_error: mail.last_error,
        sent_at: mail.sent_at.map(|at| at.to_string()),
        created_at: mail.created_at.to_string(),
    };
    Ok(axum::Json(OutboxPage { data: list.into_iter().map(one).collect(), next }))
}

/// Has a mail sent that was given up, or that no mailbox could send when it was written.
#[utoipa::path(post, path = "/mail/outbox/{mail_id}/send", tag = "mail", params(("mail_id" = Uuid, Path)), responses((status = 202), WriteRefused))]
pub async fn send_again(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(mail): Path<String>,
) -> Result<StatusCode> {
    outbox::send_again(&state.desk, &actor, id(&mail)?).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Serialize, ToSchema)]
pub struct Quarantined {
    id: Uuid,
    mailbox: String,
    sender: Option<String>,
    subject: Option<String>,
    /// Why it was set aside.
    reason: String,
    /// Bytes.
    size: i64,
    received_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct QuarantinePage {
    data: Vec<Quarantined>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MailParams {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    after: Option<Uuid>,
}

/// The mail that was set aside, newest first.
#[utoipa::path(get, path = "/mail/quarantine", tag = "mail", params(MailParams), responses((status = 200, body = QuarantinePage), ReadRefused))]
pub async fn list_quarantine(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(params): Query<MailParams>,
) -> Answer<QuarantinePage> {
    let limit = page_size(params.limit)?;
    let mut list = quarantine::list_quarantine(&state.desk, &actor, params.after.map(RawMailId), limit + 1).await?;
    let more = list.len() as i64 > limit;
    list.truncate(usize::try_from(limit).unwrap_or_default());
    let next = if more { list.last().map(|mail| mail.id.to_string()) } else { None };
    let one = |mail: mail::QuarantinedMail| Quarantined {
        id: mail.id.0,
        mailbox: mail.mailbox,
        sender: mail.sender,
        subject: mail.subject,
        reason: mail.reason,
        size: mail.size,
        received_at: mail.received_at.to_string(),
    };
    Ok(axum::Json(QuarantinePage { data: list.into_iter().map(one).collect(), next }))
}

/// What became of a mail.
#[derive(Serialize, ToSchema)]
pub struct Outcome {
    /// created, appended, duplicate, quarantined, ignored or bounced.
    outcome: String,
    ticket: Option<String>,
    reason: Option<String>,
}

/// Lets a mail in that was set aside.
#[utoipa::path(post, path = "/mail/quarantine/{mail_id}/release", tag = "mail", params(("mail_id" = Uuid, Path)), responses((status = 200, body = Outcome), WriteRefused))]
pub async fn release_mail(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(mail): Path<String>,
) -> Answer<Outcome> {
    let intake = quarantine::release_mail(&state.desk, &actor, id(&mail)?).await?;
    Ok(axum::Json(Outcome {
        outcome: intake.outcome.to_string(),
        ticket: intake.ticket.map(|ticket| ticket.to_string()),
        reason: intake.reason,
    }))
}

/// Throws a mail away that was set aside.
#[utoipa::path(delete, path = "/mail/quarantine/{mail_id}", tag = "mail", params(("mail_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_mail(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(mail): Path<String>,
) -> Result<StatusCode> {
    quarantine::delete_mail(&state.desk, &actor, id(&mail)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct Suppression {
    email: String,
    reason: String,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct SuppressionPage {
    data: Vec<Suppression>,
    next: Option<String>,
}

/// The addresses to which nothing is sent, since a mail to them came back for good.
#[utoipa::path(get, path = "/mail/suppressions", tag = "mail", responses((status = 200, body = SuppressionPage), ReadRefused))]
pub async fn list_suppressions(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<SuppressionPage> {
    let list = suppression::list_suppressions(&state.desk, &actor).await?;
    let one = |found: mail::Suppression| Suppression {
        email: found.email,
        reason: found.reason,
        created_at: found.created_at.to_string(),
    };
    Ok(axum::Json(SuppressionPage { data: list.into_iter().map(one).collect(), next: None }))
}

/// Lets mail go to an address again.
#[utoipa::path(delete, path = "/mail/suppressions/{email}", tag = "mail", params(("email" = String, Path)), responses((status = 204), WriteRefused))]
pub async fn clear_suppression(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(email): Path<String>,
) -> Result<StatusCode> {
    suppression::clear_suppression(&state.desk, &actor, &email).await?;
    Ok(StatusCode::NO_CONTENT)
}
