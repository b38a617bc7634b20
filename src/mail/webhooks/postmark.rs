//! Postmark's inbound webhook: JSON, under basic authentication in the address.

use super::compose::{File, Parts};
use super::{Brought, Posted, knows};
use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Inbound {
    raw_email: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cc: Option<String>,
    reply_to: Option<String>,
    original_recipient: Option<String>,
    subject: Option<String>,
    #[serde(rename = "MessageID")]
    message_id: Option<String>,
    date: Option<String>,
    text_body: Option<String>,
    html_body: Option<String>,
    headers: Vec<Header>,
    attachments: Vec<Attached>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attached {
    name: String,
    content: String,
    content_type: Option<String>,
    #[serde(rename = "ContentID")]
    content_id: Option<String>,
}

pub fn read(secret: &str, posted: &Posted) -> Result<Brought> {
    if !knows(secret, posted) {
        return Err(Error::Unauthenticated);
    }
    let inbound: Inbound = serde_json::from_slice(&posted.body)
        .map_err(|error| Error::invalid("body", format!("This is not what Postmark sends: {error}")))?;
    if let Some(raw) = inbound.raw_email.filter(|raw| !raw.trim().is_empty()) {
        return Ok(Brought::Message(raw.into_bytes()));
    }
    let mut parts = Parts {
        headers: inbound.headers.into_iter().map(|header| (header.name, header.value)).collect(),
        text: inbound.text_body,
        html: inbound.html_body.filter(|html| !html.is_empty()),
        files: Vec::new(),
    };
    for (name, value) in [
        ("From", inbound.from),
        ("To", inbound.to),
        ("Cc", inbound.cc),
        ("Reply-To", inbound.reply_to),
        ("Subject", inbound.subject),
        ("Date", inbound.date),
        ("Delivered-To", inbound.original_recipient),
        // Postmark's own id, when the message's is not among its headers.
        ("Message-ID", inbound.message_id.map(|id| format!("<{id}@inbound.postmarkapp.com>"))),
    ] {
        parts.default_header(name, value);
    }
    for attached in inbound.attachments {
        let bytes = STANDARD
            .decode(attached.content.as_bytes())
            .map_err(|_| Error::invalid("body", "An attachment is not base64."))?;
        parts.files.push(File {
            name: attached.name,
            mime_type: attached.content_type.unwrap_or_else(|| "application/octet-stream".into()),
            content_id: attached.content_id.filter(|id| !id.is_empty()),
            bytes,
        });
    }
    Ok(Brought::Message(parts.compose()))
}
