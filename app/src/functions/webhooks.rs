//! Webhooks that go out.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::webhooks::{Webhook, WebhookDelivery};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::webhooks::{WebhookForm, WebhookId, commands, queries};

/// Everything that the page about webhooks shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhooks {
    pub webhooks: Vec<Webhook>,
    /// Of the one that is asked for, or of all.
    pub log: Vec<WebhookDelivery>,
    /// Where it is asked for.
    pub secret: Option<String>,
}

#[server(prefix = "/fn", endpoint = "read_webhooks")]
pub async fn read_webhooks(log: Option<String>, secret: Option<String>) -> Result<Webhooks> {
    let (desk, actor) = (desk()?, actor());
    let log = log.and_then(|id| id.parse::<WebhookId>().ok());
    let secret = match secret.and_then(|id| id.parse::<WebhookId>().ok()) {
        Some(id) => Some(queries::webhook_secret(&desk, &actor, id).await?),
        None => None,
    };
    Ok(Webhooks {
        webhooks: queries::list_webhooks(&desk, &actor).await?,
        log: queries::list_deliveries(&desk, &actor, log, None, 50).await?,
        secret,
    })
}

/// A webhook's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub url: String,
    /// Ticked.
    pub off: Option<String>,
    pub kinds: Vec<String>,
}

#[server(prefix = "/fn", endpoint = "save_webhook")]
pub async fn save_webhook(webhook: WebhookFields) -> Result<()> {
    let changes = webhook.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, webhook.version));
    let form =
        WebhookForm { name: webhook.name, url: webhook.url, active: webhook.off.is_none(), kinds: webhook.kinds };
    commands::save_webhook(&desk()?, &actor(), changes, &form).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_webhook")]
pub async fn delete_webhook(id: String) -> Result<()> {
    Ok(commands::delete_webhook(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "renew_webhook_secret")]
pub async fn renew_webhook_secret(id: String) -> Result<()> {
    commands::renew_secret(&desk()?, &actor(), id.parse()?).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "test_webhook")]
pub async fn test_webhook(id: String) -> Result<()> {
    Ok(commands::test_webhook(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "redeliver_webhook")]
pub async fn redeliver_webhook(id: String) -> Result<()> {
    Ok(commands::redeliver(&desk()?, &actor(), id.parse()?).await?)
}
