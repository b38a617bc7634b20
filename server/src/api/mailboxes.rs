//! Mailboxes: where mail comes in, and from where it goes out.

use super::extract::{Json, Path};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, id, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::mail::{self, MailboxForm, MailboxId, fetch, mailboxes, send};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A mailbox; its secrets are never shown.
#[derive(Serialize, ToSchema)]
pub struct Mailbox {
    id: Uuid,
    name: String,
    /// SMTP, IMAP, POP3 or WEBHOOK.
    r#type: String,
    smtp_host: Option<String>,
    smtp_port: Option<i32>,
    smtp_user: Option<String>,
    has_smtp_password: bool,
    /// NONE, SSL or TLS (STARTTLS).
    smtp_encryption: Option<String>,
    smtp_from_email: Option<String>,
    smtp_from_name: Option<String>,
    imap_host: Option<String>,
    imap_port: Option<i32>,
    imap_user: Option<String>,
    has_imap_password: bool,
    imap_encryption: Option<String>,
    imap_folder: String,
    /// PASSWORD or XOAUTH2.
    auth_method: String,
    /// KEEP, MOVE or DELETE.
    after_intake: String,
    move_to: Option<String>,
    /// Minutes.
    poll_interval: Option<i32>,
    has_webhook_secret: bool,
    ticket_queue_id: Option<Uuid>,
    default_priority: Option<String>,
    active: bool,
    plus_addressing: bool,
    signature: Option<String>,
    /// What its server said last, if it was an error.
    last_error: Option<String>,
    version: i32,
}

impl From<mail::Mailbox> for Mailbox {
    fn from(found: mail::Mailbox) -> Self {
        Self {
            id: found.id.0,
            name: found.name,
            r#type: found.kind.to_string(),
            smtp_host: found.smtp_host,
            smtp_port: found.smtp_port,
            smtp_user: found.smtp_user,
            has_smtp_password: found.has_smtp_password,
            smtp_encryption: found.smtp_encryption.map(|encryption| encryption.to_string()),
            smtp_from_email: found.smtp_from_email,
            smtp_from_name: found.smtp_from_name,
            imap_host: found.imap_host,
            imap_port: found.imap_port,
            imap_user: found.imap_user,
            has_imap_password: found.has_imap_password,
            imap_encryption: found.imap_encryption.map(|encryption| encryption.to_string()),
            imap_folder: found.imap_folder,
            auth_method: found.auth_method.to_string(),
            after_intake: found.after_intake.to_string(),
            move_to: found.move_to,
            poll_interval: found.poll_interval,
            has_webhook_secret: found.has_webhook_secret,
            ticket_queue_id: found.ticket_queue_id.map(|queue| queue.0),
            default_priority: found.default_priority.map(|priority| priority.to_string()),
            active: found.active,
            plus_addressing: found.plus_addressing,
            signature: found.signature,
            last_error: found.last_error,
            version: found.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct MailboxPage {
    data: Vec<Mailbox>,
    next: Option<String>,
}

/// A secret that is not given stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailboxInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(pattern = "^(SMTP|IMAP|POP3|WEBHOOK)$")]
    r#type: String,
    smtp_host: Option<String>,
    smtp_port: Option<i32>,
    smtp_user: Option<String>,
    smtp_password: Option<String>,
    smtp_encryption: Option<String>,
    smtp_from_email: Option<String>,
    smtp_from_name: Option<String>,
    imap_host: Option<String>,
    imap_port: Option<i32>,
    imap_user: Option<String>,
    imap_password: Option<String>,
    imap_encryption: Option<String>,
    imap_folder: Option<String>,
    auth_method: Option<String>,
    after_intake: Option<String>,
    move_to: Option<String>,
    poll_interval: Option<i32>,
    webhook_secret: Option<String>,
    ticket_queue_id: Option<String>,
    default_priority: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default = "yes")]
    plus_addressing: bool,
    signature: Option<String>,
    /// The version you read, to change one.
    version: Option<i32>,
}

fn yes() -> bool {
    true
}

impl From<MailboxInput> for MailboxForm {
    fn from(input: MailboxInput) -> Self {
        Self {
            name: input.name,
            kind: input.r#type,
            smtp_host: input.smtp_host,
            smtp_port: input.smtp_port,
            smtp_user: input.smtp_user,
            smtp_password: input.smtp_password,
            smtp_encryption: input.smtp_encryption,
            smtp_from_email: input.smtp_from_email,
            smtp_from_name: input.smtp_from_name,
            imap_host: input.imap_host,
            imap_port: input.imap_port,
            imap_user: input.imap_user,
            imap_password: input.imap_password,
            imap_encryption: input.imap_encryption,
            imap_folder: input.imap_folder,
            auth_method: input.auth_method,
            after_intake: input.after_intake,
            move_to: input.move_to,
            poll_interval: input.poll_interval,
            webhook_secret: input.webhook_secret,
            ticket_queue_id: input.ticket_queue_id,
            default_priority: input.default_priority,
            active: input.active,
            plus_addressing: input.plus_addressing,
            signature: input.signature,
        }
    }
}

/// Every mailbox.
#[utoipa::path(get, path = "/mailboxes", tag = "mail", responses((status = 200, body = MailboxPage), ReadRefused))]
pub async fn list_mailboxes(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<MailboxPage> {
    let list = mailboxes::list_mailboxes(&state.desk, &actor).await?;
    Ok(axum::Json(MailboxPage { data: list.into_iter().map(Mailbox::from).collect(), next: None }))
}

/// Adds a mailbox.
#[utoipa::path(post, path = "/mailboxes", tag = "mail", request_body = MailboxInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_mailbox(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<MailboxInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(mailboxes::create_mailbox(&state.desk, &actor, input.into()).await?.0)
}

/// Changes a mailbox, if it is still the version you read.
#[utoipa::path(put, path = "/mailboxes/{mailbox_id}", tag = "mail", params(("mailbox_id" = Uuid, Path)), request_body = MailboxInput,
    responses((status = 200, body = Saved), WriteRefused))]
pub async fn update_mailbox(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(mailbox): Path<String>,
    Json(input): Json<MailboxInput>,
) -> Answer<Saved> {
    let mailbox: MailboxId = id(&mailbox)?;
    let version = input.version.unwrap_or_default();
    mailboxes::update_mailbox(&state.desk, &actor, mailbox, version, input.into()).await?;
    Ok(axum::Json(Saved { id: mailbox.0 }))
}

/// Deletes a mailbox through which nothing came.
#[utoipa::path(delete, path = "/mailboxes/{mailbox_id}", tag = "mail", params(("mailbox_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_mailbox(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(mailbox): Path<String>,
) -> Result<StatusCode> {
    mailboxes::delete_mailbox(&state.desk, &actor, id(&mailbox)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Connects to a mailbox's servers and signs in; an error is the server's own.
#[utoipa::path(post, path = "/mailboxes/{mailbox_id}/test", tag = "mail", params(("mailbox_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn test_mailbox(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(mailbox): Path<String>,
) -> Result<StatusCode> {
    let mailbox: MailboxId = id(&mailbox)?;
    fetch::try_fetching(&state.desk, &actor, mailbox).await?;
    send::try_sending(&state.desk, &actor, mailbox).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a mail from a mailbox to itself and waits until it has come in; an error is the server's own.
#[utoipa::path(post, path = "/mailboxes/{mailbox_id}/round-trip", tag = "mail", params(("mailbox_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn round_trip_mailbox(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(mailbox): Path<String>,
) -> Result<StatusCode> {
    mailboxes::round_trip(&state.desk, &actor, id(&mailbox)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
