//! Mailgun's routes, parsed or MIME: HMAC-SHA256 over time and token, which is taken once.

use super::compose::{File, Parts};
use super::{Brought, Posted};
use crate::desk::Desk;
use crate::secret::{bytes_hash, hmac_hex_verifies};
use crate::{Error, Result, Timestamp};
use std::collections::HashMap;

/// A signature is good for so long, in seconds, before and after.
const FRESH: i64 = 15 * 60;

pub async fn read(desk: &Desk, secret: &str, posted: &Posted) -> Result<Brought> {
    let field = |name: &str| posted.field(name).unwrap_or_default();
    let (timestamp, token, signature) = (field("timestamp"), field("token"), field("signature"));
    let signed = format!("{timestamp}{token}");
    if token.is_empty() || !hmac_hex_verifies(secret, signed.as_bytes(), signature.trim()) {
        return Err(Error::Unauthenticated);
    }
    let age = timestamp.parse::<i64>().map(|seconds| Timestamp::now().as_microsecond() / 1_000_000 - seconds);
    if !age.is_ok_and(|age| age.abs() <= FRESH) {
        return Err(Error::Unauthenticated);
    }
    remember(desk, &token, posted).await?;
    if let Some(raw) = posted.fields.iter().find(|field| field.name == "body-mime") {
        return Ok(Brought::Message(raw.bytes.clone()));
    }
    Ok(Brought::Message(parsed(posted)?.compose()))
}

/// A token is one message's. The same one again, with the same content, is a delivery repeated; with another, it was stolen.
async fn remember(desk: &Desk, token: &str, posted: &Posted) -> Result<()> {
    let content: Vec<u8> = match posted.field("Message-Id").or_else(|| posted.field("body-mime")) {
        Some(content) => content.into_bytes(),
        None => posted.body.clone(),
    };
    let content = bytes_hash(&content);
    let known = sqlx::query_scalar!(
        "INSERT INTO webhook_tokens (token, content) VALUES ($1, $2)
         ON CONFLICT (token) DO UPDATE SET token = EXCLUDED.token RETURNING content",
        bytes_hash(token.as_bytes()),
        content,
    )
    .fetch_one(&desk.db)
    .await?;
    if known == content { Ok(()) } else { Err(Error::Unauthenticated) }
}

fn parsed(posted: &Posted) -> Result<Parts> {
    let listed =
        posted.field("message-headers").and_then(|text| serde_json::from_str::<Vec<(String, String)>>(&text).ok());
    let mut parts = Parts {
        headers: listed.unwrap_or_default(),
        text: posted.field("body-plain"),
        html: posted.field("body-html").filter(|html| !html.trim().is_empty()),
        files: Vec::new(),
    };
    for (header, field) in [
        ("From", "from"),
        ("From", "sender"),
        ("To", "to"),
        ("To", "recipient"),
        ("Cc", "cc"),
        ("Subject", "subject"),
        ("Date", "date"),
        ("Message-ID", "message-id"),
        ("In-Reply-To", "in-reply-to"),
        ("References", "references"),
        ("Delivered-To", "recipient"),
        ("X-Mailgun-Sflag", "x-mailgun-sflag"),
    ] {
        parts.default_header(header, posted.field(field));
    }
    if parts.headers.is_empty() {
        return Err(Error::invalid("body", "This is not what Mailgun sends: it has no message."));
    }
    let ids: HashMap<String, String> =
        posted.field("content-id-map").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    for field in posted.fields.iter().filter(|field| field.file_name.is_some()) {
        let id = ids.iter().find(|(_, name)| **name == field.name).map(|(id, _)| id.clone());
        parts.files.push(File {
            name: field.file_name.clone().unwrap_or_default(),
            mime_type: field.content_type.clone().unwrap_or_else(|| "application/octet-stream".into()),
            content_id: id,
            bytes: field.bytes.clone(),
        });
    }
    Ok(parts)
}
