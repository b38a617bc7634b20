//! Making, changing and removing webhooks.

use super::tell::queue;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::webhooks::queries::{WEBHOOKS_MAX, allowed_hosts};
use crate::webhooks::rules::{new_secret, parse_target};
use crate::webhooks::{DeliveryId, WEBHOOK_KINDS, WebhookForm, WebhookId};
use crate::{Actor, Error, Permission, Result, Timestamp, Validation, bounded};
use serde_json::json;

/// Makes a webhook, or changes one; `version` is the one that was read. A new one's secret comes back, this once.
pub async fn save_webhook(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(WebhookId, i32)>,
    form: &WebhookForm,
) -> Result<(WebhookId, Option<String>)> {
    actor.require(Permission::SettingsManage)?;
    let allowed = allowed_hosts(desk).await?;
    let mut wrong = Validation::default();
    let name = wrong.take(bounded("name", &form.name, 100));
    let url = wrong.take(bounded("url", &form.url, 2000));
    wrong.try_take(parse_target(&url, &allowed));
    if let Some(kind) = form.kinds.iter().find(|kind| !WEBHOOK_KINDS.contains(&kind.as_str())) {
        let message = format!("“{kind}” is no kind of event: they are {}.", WEBHOOK_KINDS.join(", "));
        wrong.take::<()>(Err(Error::invalid("kinds", message)));
    }
    wrong.finish()?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "webhooks", changes.map(|(id, _)| id.0)).await?;
    let (id, secret) = match changes {
        Some((id, version)) => {
            let known = sqlx::query_scalar!("SELECT version FROM webhooks WHERE id = $1 FOR UPDATE", id as _);
            let current = known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
            if current != version {
                return Err(Error::Conflict { current });
            }
            sqlx::query!(
                "UPDATE webhooks SET name = $2, url = $3, active = $4, kinds = $5, version = version + 1 WHERE id = $1",
                id as _,
                name,
                url,
                form.active,
                &form.kinds
            )
            .execute(&mut *tx)
            .await?;
            (id, None)
        }
        None => {
            let (id, secret) = (WebhookId::new(), new_secret());
            sqlx::query!(
                "INSERT INTO webhooks (id, name, url, secret, active, kinds, created_by_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                id as _,
                name,
                url,
                desk.secret.seal(&secret)?,
                form.active,
                &form.kinds,
                actor.user_id as _
            )
            .execute(&mut *tx)
            .await?;
            let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM webhooks"#).fetch_one(&mut *tx).await?;
            if count > WEBHOOKS_MAX {
                return Err(Error::invalid("name", format!("At most {WEBHOOKS_MAX} webhooks, please.")));
            }
            (id, Some(secret))
        }
    };
    let after = audit::row(&mut tx, "webhooks", Some(id.0)).await?;
    let entry = AuditEntry::new("SAVE", "WEBHOOK").entity(id).describe(name).difference(&before, &after);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok((id, secret))
}

/// Gives a webhook another secret; the old one counts no longer. The new one comes back, this once.
pub async fn renew_secret(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<String> {
    actor.require(Permission::SettingsManage)?;
    let secret = new_secret();
    let mut tx = desk.db.begin().await?;
    let sealed = desk.secret.seal(&secret)?;
    let changed = sqlx::query!("UPDATE webhooks SET secret = $2, version = version + 1 WHERE id = $1", id as _, sealed);
    if changed.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("RENEW_SECRET", "WEBHOOK").entity(id)).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Removes a webhook with its log. Not while a rule or a policy's step sends to it.
pub async fn delete_webhook(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let text = id.to_string();
    let used = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rules WHERE actions @> jsonb_build_array(jsonb_build_object('webhook', $1::text)))
             OR EXISTS (SELECT FROM sla_steps WHERE NOT retired AND actions @> jsonb_build_array(jsonb_build_object('webhook', $1::text))) AS "used!""#,
        text
    );
    if used.fetch_one(&mut *tx).await? {
        return Err(Error::invalid("id", "A rule or a policy tells this webhook: change that first."));
    }
    let before = audit::row(&mut tx, "webhooks", Some(id.0)).await?;
    if sqlx::query!("DELETE FROM webhooks WHERE id = $1", id as _).execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let entry = AuditEntry::new("DELETE", "WEBHOOK").entity(id).difference(&before, &serde_json::Value::Null);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells a webhook something that did not happen, to see whether it hears.
pub async fn test_webhook(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let known = sqlx::query_scalar!("SELECT id FROM webhooks WHERE id = $1", id as _);
    known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    let now = Timestamp::now();
    let body = json!({ "type": "test", "timestamp": now, "data": { "by": actor.name } });
    queue(&mut tx, id, &format!("test:{}", DeliveryId::new()), "test", &body).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells a webhook once more what it was told, under the same id.
pub async fn redeliver(desk: &Desk, actor: &Actor, id: DeliveryId) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let webhook = sqlx::query_scalar!(
        r#"UPDATE webhook_deliveries SET state = 'WAITING', attempts = 0, sent_at = NULL WHERE id = $1 AND state <> 'WAITING'
           RETURNING webhook_id AS "webhook: WebhookId""#,
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    super::tell::enqueue(&mut tx, webhook, id, None).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("REDELIVER", "WEBHOOK").entity(webhook)).await?;
    tx.commit().await?;
    Ok(())
}
