//! Mail that providers post to us: each is verified its provider's way, and made the raw message that it stands for.

mod compose;
mod mailgun;
mod postmark;
mod sendgrid;
mod ses;

use super::{Intake, MailboxId, intake, mailboxes};
use crate::desk::Desk;
use crate::id::words;
use crate::secret::equal;
use crate::{Actor, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;

words! {
    /// Who posts.
    Provider { Postmark = "postmark", Sendgrid = "sendgrid", Mailgun = "mailgun", Ses = "ses", Raw = "raw" }
}

/// A provider's request, as the host took it apart.
#[derive(Debug, Default)]
pub struct Posted {
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    /// The value of `token` in the address.
    pub token: Option<String>,
    pub body: Vec<u8>,
    /// A form's fields in their order, files too.
    pub fields: Vec<Field>,
}

/// One field of a form.
#[derive(Debug, Default, Clone)]
pub struct Field {
    pub name: String,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Vec<u8>,
}

impl Posted {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// A field's text.
    fn field(&self, name: &str) -> Option<String> {
        let field =
            self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name) && field.file_name.is_none())?;
        Some(String::from_utf8_lossy(&field.bytes).into_owned())
    }
}

/// What a request brought.
enum Brought {
    /// A message, as bytes.
    Message(Vec<u8>),
    /// Nothing to take in: a provider's own business, which is settled.
    Nothing,
}

/// An active mailbox that has a secret: only there a request is worth reading.
pub struct Door {
    mailbox: MailboxId,
    secret: String,
}

/// NotFound without such a mailbox; Unauthenticated when it has no secret: nobody could prove who they are.
pub async fn door(desk: &Desk, mailbox: MailboxId) -> Result<Door> {
    let found = mailboxes::mailbox(desk, &Actor::system("webhook"), mailbox).await?;
    if !found.active {
        return Err(Error::NotFound);
    }
    let secret = mailboxes::secrets(desk, mailbox).await?.webhook_secret;
    let secret = secret.filter(|secret| !secret.is_empty()).ok_or(Error::Unauthenticated)?;
    Ok(Door { mailbox, secret })
}

/// Verifies a request and takes its message in; what is answered is committed. `None` when it brought none.
/// Unauthenticated when it is not the provider's.
pub async fn receive(desk: &Desk, provider: Provider, door: Door, posted: Posted) -> Result<Option<Intake>> {
    let Door { mailbox, secret } = door;
    let brought = match provider {
        Provider::Postmark => postmark::read(&secret, &posted)?,
        Provider::Sendgrid => sendgrid::read(&secret, &posted)?,
        Provider::Mailgun => mailgun::read(desk, &secret, &posted).await?,
        Provider::Ses => ses::read(&secret, &posted).await?,
        Provider::Raw => raw(&secret, posted)?,
    };
    match brought {
        Brought::Message(raw) => intake::take_in(desk, mailbox, raw).await.map(Some),
        Brought::Nothing => Ok(None),
    }
}

/// `X-Oxdesk-Signature: sha256=` and the HMAC-SHA256 of the body, in hex.
fn raw(secret: &str, posted: Posted) -> Result<Brought> {
    let signature = posted.header("x-oxdesk-signature").and_then(|value| value.trim().strip_prefix("sha256="));
    let signed = signature.is_some_and(|signature| crate::secret::hmac_hex_verifies(secret, &posted.body, signature));
    if signed { Ok(Brought::Message(posted.body)) } else { Err(Error::Unauthenticated) }
}

/// Whether a request knows the secret itself: as the user and password of basic authentication (RFC 7617), or its
/// password alone, as a bearer's token, or in the address.
fn knows(secret: &str, posted: &Posted) -> bool {
    let authorization = posted.header("authorization").unwrap_or_default();
    let (scheme, value) = authorization.split_once(' ').unwrap_or_default();
    let value = value.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => {
            let decoded =
                STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
            let password = decoded.split_once(':').map_or("", |(_, password)| password);
            equal(&decoded, secret) || (!secret.contains(':') && equal(password, secret))
        }
        "bearer" => equal(value, secret),
        _ => posted.token.as_deref().is_some_and(|token| equal(token, secret)),
    }
}
