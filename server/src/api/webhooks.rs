//! Webhooks that go out, and what was told to them.

use super::extract::{Json, Path, Query};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, id};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::webhooks::{self, DeliveryId, WebhookForm, WebhookId, commands, queries};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// So many deliveries on a page.
const PAGE: i64 = 50;

#[derive(Serialize, ToSchema)]
pub struct Webhook {
    id: Uuid,
    version: i32,
    webhook: WebhookTerms,
    /// Of the last day.
    sent: i64,
    failed: i64,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookTerms {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// By TLS and in public, but for hosts under `webhooks.allowed_hosts`.
    #[schema(min_length = 1, max_length = 2000)]
    url: String,
    #[serde(default = "yes")]
    active: bool,
    /// As ticket.created; rules and steps may send it more.
    #[serde(default)]
    kinds: Vec<String>,
}

fn yes() -> bool {
    true
}

impl From<WebhookTerms> for WebhookForm {
    fn from(terms: WebhookTerms) -> Self {
        Self { name: terms.name, url: terms.url, active: terms.active, kinds: terms.kinds }
    }
}

#[derive(Serialize, ToSchema)]
pub struct WebhookPage {
    data: Vec<Webhook>,
    next: Option<String>,
}

/// The webhooks, by name. Their secrets are not in it.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", responses((status = 200, body = WebhookPage), ReadRefused))]
pub async fn list_webhooks(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<WebhookPage> {
    let one = |found: webhooks::Webhook| Webhook {
        id: found.id.0,
        version: found.version,
        webhook: WebhookTerms { name: found.name, url: found.url, active: found.active, kinds: found.kinds },
        sent: found.sent,
        failed: found.failed,
    };
    let data = queries::list_webhooks(&state.desk, &actor).await?.into_iter().map(one).collect();
    Ok(axum::Json(WebhookPage { data, next: None }))
}

/// A webhook that was saved; a new one comes with what its messages are signed with.
#[derive(Serialize, ToSchema)]
pub struct SavedWebhook {
    id: Uuid,
    secret: Option<String>,
}

/// Makes a webhook; its secret comes with the answer.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", request_body = WebhookTerms, responses((status = 201, body = SavedWebhook), WriteRefused))]
pub async fn create_webhook(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<WebhookTerms>,
) -> Result<(StatusCode, axum::Json<SavedWebhook>)> {
    let (saved, secret) = commands::save_webhook(&state.desk, &actor, None, &input.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(SavedWebhook { id: saved.0, secret })))
}

/// A changed webhook, with the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    version: i32,
    webhook: WebhookTerms,
}

/// Replaces a webhook; its secret stays.
#[utoipa::path(put, path = "/webhooks/{webhook_id}", tag = "webhooks", params(("webhook_id" = Uuid, Path)), request_body = WebhookChange, responses((status = 200, body = SavedWebhook), WriteRefused))]
pub async fn change_webhook(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
    Json(input): Json<WebhookChange>,
) -> Answer<SavedWebhook> {
    let changes = Some((id(&webhook)?, input.version));
    let (saved, secret) = commands::save_webhook(&state.desk, &actor, changes, &input.webhook.into()).await?;
    Ok(axum::Json(SavedWebhook { id: saved.0, secret }))
}

/// Removes a webhook with its log; not while a rule or a policy sends to it.
#[utoipa::path(delete, path = "/webhooks/{webhook_id}", tag = "webhooks", params(("webhook_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_webhook(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
) -> Result<StatusCode> {
    commands::delete_webhook(&state.desk, &actor, id(&webhook)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a webhook another secret, which comes with the answer.
#[utoipa::path(post, path = "/webhooks/{webhook_id}/secret", tag = "webhooks", params(("webhook_id" = Uuid, Path)), responses((status = 200, body = SavedWebhook), WriteRefused))]
pub async fn renew_secret(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
) -> Answer<SavedWebhook> {
    let webhook: WebhookId = id(&webhook)?;
    let secret = commands::renew_secret(&state.desk, &actor, webhook).await?;
    Ok(axum::Json(SavedWebhook { id: webhook.0, secret: Some(secret) }))
}

/// Tells a webhook something that did not happen, of the type `test`.
#[utoipa::path(post, path = "/webhooks/{webhook_id}/test", tag = "webhooks", params(("webhook_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn test_webhook(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
) -> Result<StatusCode> {
    commands::test_webhook(&state.desk, &actor, id(&webhook)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct Delivery {
    /// What the other side knows it by.
    id: Uuid,
    webhook_id: Uuid,
    kind: String,
    body: String,
    /// WAITING, SENT or FAILED.
    state: String,
    attempts: i32,
    /// The other side's HTTP status, and what it said or how it ended.
    status: Option<i32>,
    said: Option<String>,
    created_at: String,
    sent_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct DeliveryPage {
    data: Vec<Delivery>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DeliveryQuery {
    /// The last page's `next`.
    after: Option<Uuid>,
}

/// What was told to a webhook, newest first.
#[utoipa::path(get, path = "/webhooks/{webhook_id}/deliveries", tag = "webhooks", params(("webhook_id" = Uuid, Path), DeliveryQuery), responses((status = 200, body = DeliveryPage), ReadRefused))]
pub async fn list_deliveries(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
    Query(query): Query<DeliveryQuery>,
) -> Answer<DeliveryPage> {
    let after = query.after.map(DeliveryId);
    let mut found = queries::list_deliveries(&state.desk, &actor, Some(id(&webhook)?), after, PAGE + 1).await?;
    let has_more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let next = found.last().filter(|_| has_more).map(|last| last.id.to_string());
    let one = |delivery: webhooks::WebhookDelivery| Delivery {
        id: delivery.id.0,
        webhook_id: delivery.webhook_id.0,
        kind: delivery.kind,
        body: delivery.body,
        state: delivery.state.to_string(),
        attempts: delivery.attempts,
        status: delivery.status,
        said: delivery.said,
        created_at: delivery.created_at.to_string(),
        sent_at: delivery.sent_at.map(|at| at.to_string()),
    };
    Ok(axum::Json(DeliveryPage { data: found.into_iter().map(one).collect(), next }))
}

/// Tells a webhook once more what it was told, under the same id.
#[utoipa::path(post, path = "/webhook-deliveries/{delivery_id}/redeliver", tag = "webhooks", params(("delivery_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn redeliver(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(delivery): Path<String>,
) -> Result<StatusCode> {
    commands::redeliver(&state.desk, &actor, id(&delivery)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
