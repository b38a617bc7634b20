//! Sending what is to be told.

use super::tell::enqueue;
use crate::desk::Desk;
use crate::webhooks::queries::allowed_hosts;
use crate::webhooks::rules::{is_allowed, is_public, parse_target, signature};
use crate::webhooks::{DeliveryId, WebhookId};
use crate::{Error, Result, Timestamp};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long the other side may take.
const WITHIN: Duration = Duration::from_secs(10);
/// Seconds until it is tried again, each time (Standard Webhooks): given up after a good day.
const WAITS: [i64; 7] = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
/// So much of an answer is kept.
const SAID_MAX: usize = 500;

/// How the other side took it.
struct Answer {
    status: Option<u16>,
    said: String,
}

/// Tells a webhook, unless that was done. A job; should it be killed on the way, the other side hears it again under the
/// same `webhook-id`.
pub async fn deliver(desk: &Desk, id: DeliveryId) -> Result<()> {
    let row = sqlx::query!(
        r#"UPDATE webhook_deliveries d SET attempts = attempts + 1 FROM webhooks w
           WHERE d.id = $1 AND d.state = 'WAITING' AND w.id = d.webhook_id
           RETURNING w.id AS "webhook: WebhookId", w.url, w.secret, d.body, d.attempts"#,
        id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let answer = match desk.secret.unseal(&row.secret) {
        Some(secret) => send(desk, &row.url, &secret, id, &row.body).await?,
        None => Answer { status: None, said: "Its secret was sealed with another key: give it a new one.".to_owned() },
    };
    let taken = answer.status.is_some_and(|status| (200..300).contains(&status));
    // 410: it is gone, and says so (Standard Webhooks).
    let wait = usize::try_from(row.attempts - 1).ok().and_then(|tried| WAITS.get(tried)).copied();
    let again = wait.filter(|_| !taken && answer.status != Some(410));
    let state = match (taken, again) {
        (true, _) => "SENT",
        (false, Some(_)) => "WAITING",
        (false, None) => "FAILED",
    };
    let mut tx = desk.db.begin().await?;
    sqlx::query!(
        "UPDATE webhook_deliveries SET state = $2, status = $3, said = $4, sent_at = CASE WHEN $2 = 'SENT' THEN now() END WHERE id = $1",
        id as _,
        state,
        answer.status.map(i32::from),
        answer.said,
    )
    .execute(&mut *tx)
    .await?;
    if let Some(wait) = again {
        let jitter = i64::from(rand::random::<u16>()) * wait / 4 / i64::from(u16::MAX);
        let at = Timestamp::from_microsecond(Timestamp::now().as_microsecond() + (wait + jitter) * 1_000_000);
        enqueue(&mut tx, row.webhook, id, at).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn send(desk: &Desk, url: &str, secret: &str, id: DeliveryId, body: &str) -> Result<Answer> {
    let allowed = allowed_hosts(desk).await?;
    // What was allowed when it was saved may no longer be.
    let url = match parse_target(url, &allowed) {
        Ok(url) => url,
        Err(why) => return Ok(Answer { status: None, said: why.to_string() }),
    };
    let seconds = Timestamp::now().as_microsecond() / 1_000_000;
    let signature = signature(secret, &id.to_string(), seconds, body)?;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(WITHIN)
        .dns_resolver(Arc::new(Guarded { allowed }))
        .tls_backend_preconfigured(crate::mail::tls())
        .user_agent("Oxdesk-Webhooks/1")
        .build()
        .map_err(Error::internal)?;
    let sent = client
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", id.to_string())
        .header("webhook-timestamp", seconds.to_string())
        .header("webhook-signature", signature)
        .body(body.to_owned())
        .send()
        .await;
    match sent {
        Ok(mut answer) => {
            let status = answer.status().as_u16();
            let mut bytes = Vec::new();
            while bytes.len() < SAID_MAX
                && let Ok(Some(chunk)) = answer.chunk().await
            {
                bytes.extend_from_slice(&chunk);
            }
            bytes.truncate(SAID_MAX);
            // PostgreSQL keeps no NUL.
            Ok(Answer { status: Some(status), said: String::from_utf8_lossy(&bytes).replace('\0', "") })
        }
        Err(error) if error.is_timeout() => {
            Ok(Answer { status: None, said: format!("No answer within {} seconds.", WITHIN.as_secs()) })
        }
        Err(error) => Ok(Answer { status: None, said: reason(&error.without_url()) }),
    }
}

/// The innermost cause: what went wrong, not who says so.
fn reason(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Looks names up, and leads nowhere but to the internet, unless a name was allowed: what a name meant when it was saved is
/// no promise.
struct Guarded {
    allowed: Vec<String>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = is_allowed(name.as_str(), &self.allowed);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| allowed || is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("This name leads to no public address.".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
