//! What is told, written in the transaction that causes it.

use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::webhooks::{DeliveryId, WebhookId};
use crate::{Result, Timestamp, jobs};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

/// Tells every webhook that listens of an event. A job; idempotent: once for a webhook and event.
pub(crate) async fn tell_of_event(desk: &Desk, event: Uuid) -> Result<()> {
    let listening = sqlx::query!(
        r#"SELECT w.id AS "webhook: WebhookId", e.kind, e.ticket_id AS "ticket!: TicketId", e.data, e.is_internal
           FROM events e JOIN webhooks w ON w.active AND e.kind = ANY(w.kinds) WHERE e.id = $1 AND e.ticket_id IS NOT NULL"#,
        event
    )
    .fetch_all(&desk.db)
    .await?;
    let Some(first) = listening.first() else { return Ok(()) };
    let mut tx = desk.db.begin().await?;
    let mut body = body_of(&mut tx, &first.kind, first.ticket).await?;
    body["data"]["changed"] = first.data.get("fields").cloned().unwrap_or_else(|| json!([]));
    body["data"]["comment_id"] = first.data.get("comment_id").cloned().unwrap_or_default();
    body["data"]["is_internal"] = first.is_internal.into();
    for to in &listening {
        queue(&mut tx, to.webhook, &format!("event:{event}"), &to.kind, &body).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Tells one webhook of a ticket, because a rule or a policy's step says so; `cause` is what it is told once for. One that
/// is off hears nothing.
pub(crate) async fn tell_webhook(
    tx: &mut PgConnection,
    webhook: WebhookId,
    cause: &str,
    ticket: TicketId,
    by: &str,
) -> Result<()> {
    let mut body = body_of(&mut *tx, "rule.fired", ticket).await?;
    body["data"]["by"] = by.into();
    let active = sqlx::query_scalar!("SELECT active FROM webhooks WHERE id = $1", webhook as _);
    if active.fetch_optional(&mut *tx).await? == Some(true) {
        queue(tx, webhook, cause, "rule.fired", &body).await?;
    }
    Ok(())
}

async fn body_of(tx: &mut PgConnection, kind: &str, ticket: TicketId) -> Result<Value> {
    let shown = sqlx::query_scalar!(
        r#"SELECT json_build_object('id', t.id, 'ticket_number', t.ticket_number, 'subject', t.subject, 'status', t.status,
             'priority', t.priority, 'source', t.source, 'category', t.category, 'subcategory', t.subcategory, 'tags', t.tags,
             'queue_id', t.queue_id, 'queue', q.name, 'assigned_to_id', t.assigned_to_id, 'requester_email', t.requester_email,
             'requester_name', t.requester_name, 'organisation_id', t.organisation_id, 'custom_fields', t.custom_fields,
             'version', t.version) AS "ticket!"
           FROM tickets t LEFT JOIN queues q ON q.id = t.queue_id WHERE t.id = $1"#,
        ticket as _
    )
    .fetch_one(tx)
    .await?;
    Ok(json!({ "type": kind, "timestamp": Timestamp::now(), "data": { "ticket": shown } }))
}

/// Writes what is to be told, once for its cause, and has it sent.
pub(super) async fn queue(
    tx: &mut PgConnection,
    webhook: WebhookId,
    cause: &str,
    kind: &str,
    body: &Value,
) -> Result<()> {
    let written = sqlx::query_scalar!(
        r#"INSERT INTO webhook_deliveries (webhook_id, cause, kind, body) VALUES ($1, $2, $3, $4)
           ON CONFLICT (webhook_id, cause) DO NOTHING RETURNING id AS "id: DeliveryId""#,
        webhook as _,
        cause,
        kind,
        body.to_string(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    match written {
        Some(id) => enqueue(tx, webhook, id, None).await,
        None => Ok(()),
    }
}

/// One after the other for each webhook: one that hangs holds up no other, and no other work.
pub(super) async fn enqueue(
    tx: &mut PgConnection,
    webhook: WebhookId,
    id: DeliveryId,
    at: Option<Timestamp>,
) -> Result<()> {
    let job = json!({ "id": id });
    jobs::enqueue_in(tx, jobs::DELIVER_WEBHOOK, &job, &format!("webhook:{id}"), &format!("webhook:{webhook}"), at).await
}
