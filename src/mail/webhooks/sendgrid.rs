//! SendGrid's inbound parse, parsed or raw: signed (ECDSA over time and body), or under basic authentication.

use super::compose::{File, Parts};
use super::{Brought, Posted, knows};
use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::collections::HashMap;

/// What stands before the point of a P-256 key in its DER form (RFC 5480).
const P256_PREFIX: usize = 26;
/// An uncompressed point.
const P256_POINT: usize = 65;

pub fn read(secret: &str, posted: &Posted) -> Result<Brought> {
    let verified = match public_key(secret) {
        Some(key) => is_signed(&key, posted),
        None => knows(secret, posted),
    };
    if !verified {
        return Err(Error::Unauthenticated);
    }
    if let Some(raw) = posted.fields.iter().find(|field| field.name == "email") {
        return Ok(Brought::Message(raw.bytes.clone()));
    }
    if posted.fields.is_empty() {
        return Err(Error::invalid("body", "This is not what SendGrid sends: it has no fields."));
    }
    let charsets: HashMap<String, String> =
        posted.field("charsets").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let text = |name: &str| {
        let field = posted.fields.iter().find(|field| field.name == name && field.file_name.is_none())?;
        let encoding =
            charsets.get(name).and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(encoding_rs::UTF_8);
        Some(encoding.decode(&field.bytes).0.into_owned())
    };
    let mut parts = Parts {
        headers: headers(&posted.field("headers").unwrap_or_default()),
        text: text("text"),
        html: text("html").filter(|html| !html.trim().is_empty()),
        files: Vec::new(),
    };
    for (header, field) in [("From", "from"), ("To", "to"), ("Cc", "cc"), ("Subject", "subject")] {
        parts.default_header(header, text(field));
    }
    let info: HashMap<String, serde_json::Value> =
        posted.field("attachment-info").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    for field in posted.fields.iter().filter(|field| field.file_name.is_some()) {
        let about = info.get(&field.name);
        let id = about.and_then(|about| about.get("content-id")).and_then(|id| id.as_str()).map(str::to_owned);
        parts.files.push(File {
            name: field.file_name.clone().unwrap_or_default(),
            mime_type: field.content_type.clone().unwrap_or_else(|| "application/octet-stream".into()),
            content_id: id,
            bytes: field.bytes.clone(),
        });
    }
    Ok(Brought::Message(parts.compose()))
}

/// The head of a message, taken apart.
pub fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let pairs = unfolded.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// The key that SendGrid shows for verification: base64 of its DER form.
fn public_key(secret: &str) -> Option<Vec<u8>> {
    let der = STANDARD.decode(secret.trim()).ok()?;
    (der.len() == P256_PREFIX + P256_POINT && der[P256_PREFIX] == 4).then(|| der[P256_PREFIX..].to_vec())
}

fn is_signed(key: &[u8], posted: &Posted) -> bool {
    let signature =
        posted.header("x-twilio-email-event-webhook-signature").and_then(|text| STANDARD.decode(text.trim()).ok());
    let (Some(signature), Some(time)) = (signature, posted.header("x-twilio-email-event-webhook-timestamp")) else {
        return false;
    };
    let signed = [time.as_bytes(), &posted.body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(&signed, &signature).is_ok()
}
