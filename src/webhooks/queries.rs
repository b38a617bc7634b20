//! Reading webhooks and what was told to them.

use super::{DeliveryId, Webhook, WebhookDelivery, WebhookId, WebhookState};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, Timestamp, settings};

/// Nobody has more.
pub(super) const WEBHOOKS_MAX: i64 = 100;
/// So many deliveries at once.
const PAGE_MAX: i64 = 100;

pub async fn list_webhooks(desk: &Desk, actor: &Actor) -> Result<Vec<Webhook>> {
    actor.require(Permission::SettingsManage)?;
    let webhooks = sqlx::query_as!(
        Webhook,
        r#"SELECT w.id AS "id: WebhookId", w.name, w.url, w.active, w.kinds, w.version,
             (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'SENT' AND d.created_at > now() - interval '1 day') AS "sent!",
             (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'FAILED' AND d.created_at > now() - interval '1 day') AS "failed!"
           FROM webhooks w ORDER BY lower(w.name) LIMIT $1"#,
        WEBHOOKS_MAX
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(webhooks)
}

/// What a webhook's messages are signed with; that it was read is noted.
pub async fn webhook_secret(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<String> {
    actor.require(Permission::SettingsManage)?;
    let sealed = sqlx::query_scalar!("SELECT secret FROM webhooks WHERE id = $1", id as _)
        .fetch_optional(&desk.db)
        .await?
        .ok_or(Error::NotFound)?;
    audit::record(&desk.db, actor, AuditEntry::new("READ_SECRET", "WEBHOOK").entity(id)).await?;
    let lost = || Error::invalid("id", "Its secret was sealed with another key: give it a new one.");
    desk.secret.unseal(&sealed).ok_or_else(lost)
}

/// What was told to a webhook, or to all of them, newest first, after the one named.
pub async fn list_deliveries(
    desk: &Desk,
    actor: &Actor,
    webhook: Option<WebhookId>,
    after: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<WebhookDelivery>> {
    actor.require(Permission::SettingsManage)?;
    let deliveries = sqlx::query_as!(
        WebhookDelivery,
        r#"SELECT id AS "id: DeliveryId", webhook_id AS "webhook_id: WebhookId", kind, body, state AS "state: WebhookState", attempts, status, said,
             created_at AS "created_at: Timestamp", sent_at AS "sent_at: Timestamp"
           FROM webhook_deliveries WHERE ($1::uuid IS NULL OR webhook_id = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"#,
        webhook.map(|webhook| webhook.0),
        after.map(|after| after.0),
        limit.clamp(1, PAGE_MAX + 1),
    )
    .fetch_all(&desk.db)
    .await?;
    if let (true, Some(webhook)) = (deliveries.is_empty(), webhook) {
        let known = sqlx::query_scalar!("SELECT id FROM webhooks WHERE id = $1", webhook as _);
        known.fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    }
    Ok(deliveries)
}

/// The hosts that may be called though they are not public.
pub(super) async fn allowed_hosts(desk: &Desk) -> Result<Vec<String>> {
    let hosts = settings::queries::text(desk, "webhooks.allowed_hosts").await?;
    Ok(hosts.split([' ', ',']).filter(|host| !host.is_empty()).map(str::to_owned).collect())
}
