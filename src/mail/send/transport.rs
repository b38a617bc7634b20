//! Connections to the servers that take our mail: kept open, one pool a mailbox.

use super::Failure;
use crate::Result;
use crate::desk::Desk;
use crate::mail::mailboxes::secrets;
use crate::mail::{MailEncryption, Mailbox, MailboxId};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

pub type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Connections to one server at once.
const CONNECTIONS: u32 = 4;
/// An answer to a command comes within this.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// Mailbox → the version it was made of, and its transport.
static TRANSPORTS: LazyLock<Mutex<HashMap<MailboxId, (i32, Transport)>>> = LazyLock::new(Mutex::default);

/// The transport of a mailbox as it is now; the inner error says what is missing.
pub async fn of(desk: &Desk, mailbox: &Mailbox) -> Result<Result<Transport, String>> {
    let known = || TRANSPORTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((version, transport)) = known().get(&mailbox.id)
        && *version == mailbox.version
    {
        return Ok(Ok(transport.clone()));
    }
    let password = secrets(desk, mailbox.id).await?.smtp_password;
    if mailbox.has_smtp_password && password.is_none() {
        return Ok(Err("The mailbox's password was sealed with another key (OXDESK_SECRET_KEY).".into()));
    }
    let transport = match connect(mailbox, password) {
        Ok(transport) => transport,
        Err(why) => return Ok(Err(why)),
    };
    known().insert(mailbox.id, (mailbox.version, transport.clone()));
    Ok(Ok(transport))
}

fn connect(mailbox: &Mailbox, password: Option<String>) -> Result<Transport, String> {
    let host = mailbox.smtp_host.as_deref().ok_or("The mailbox has no server to send through.")?;
    let encryption = mailbox.smtp_encryption.unwrap_or(MailEncryption::Tls);
    let tls = || TlsParameters::new(host.to_owned()).map_err(|error| error.to_string());
    let (tls, usual_port) = match encryption {
        MailEncryption::None => (Tls::None, 25),
        MailEncryption::Ssl => (Tls::Wrapper(tls()?), 465),
        MailEncryption::Tls => (Tls::Required(tls()?), 587),
    };
    let port = mailbox.smtp_port.and_then(|port| u16::try_from(port).ok()).unwrap_or(usual_port);
    let mut builder = Transport::builder_dangerous(host)
        .port(port)
        .tls(tls)
        .timeout(Some(ANSWERS_WITHIN))
        .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(Duration::from_secs(30)));
    if let Some(user) = &mailbox.smtp_user {
        builder = builder.credentials(Credentials::new(user.clone(), password.unwrap_or_default()));
    }
    Ok(builder.build())
}

pub async fn send(transport: &Transport, letter: Message) -> Result<(), Failure> {
    match transport.send(letter).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_permanent() => Err(Failure::Permanent(words(&error))),
        Err(error) => Err(Failure::Temporary(words(&error))),
    }
}

/// Greets the server and signs in.
pub async fn try_it(transport: &Transport) -> Result<(), String> {
    match transport.test_connection().await {
        Ok(true) => Ok(()),
        Ok(false) => Err("The server does not answer as a mail server does.".into()),
        Err(error) => Err(words(&error)),
    }
}

/// What the server said, and nothing of ours.
fn words(error: &SmtpError) -> String {
    let mut said = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_said = cause.to_string();
        if !said.contains(&cause_said) {
            said.push_str(": ");
            said.push_str(&cause_said);
        }
        source = cause.source();
    }
    said.chars().take(500).collect()
}
