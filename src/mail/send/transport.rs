//! Connections to the servers that take our mail: kept open, one pool a mailbox.

use super::Failure;
use crate::Result;
use crate::desk::Desk;
use crate::mail::fetch::access_token;
use crate::mail::mailboxes::secrets;
use crate::mail::{AuthMethod, MailEncryption, Mailbox, MailboxId};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Connections to one server at once.
const CONNECTIONS: u32 = 4;
/// An answer to a command comes within this.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// A token is good for an hour; its transport is made anew before that.
const TOKEN_USED_FOR: Duration = Duration::from_secs(45 * 60);

/// A mailbox's transport, with what it was made of.
struct Made {
    version: i32,
    at: Instant,
    transport: Transport,
}

static TRANSPORTS: LazyLock<Mutex<HashMap<MailboxId, Made>>> = LazyLock::new(Mutex::default);

/// The transport of a mailbox as it is now; the inner error says what is missing.
pub async fn of(desk: &Desk, mailbox: &Mailbox) -> Result<Result<Transport, String>> {
    let known = || TRANSPORTS.lock().unwrap_or_else(PoisonError::into_inner);
    let by_token = mailbox.auth_method == AuthMethod::Xoauth2;
    if let Some(made) = known().get(&mailbox.id)
        && made.version == mailbox.version
        && (!by_token || made.at.elapsed() < TOKEN_USED_FOR)
    {
        return Ok(Ok(made.transport.clone()));
    }
    let secrets = secrets(desk, mailbox.id).await?;
    let password = if by_token { secrets.smtp_password.or(secrets.imap_password) } else { secrets.smtp_password };
    if mailbox.has_smtp_password && password.is_none() {
        return Ok(Err("The mailbox's password was sealed with another key (OXDESK_SECRET_KEY).".into()));
    }
    let password = match password {
        Some(secret) if by_token => match access_token(&secret).await {
            Ok(token) => Some(token),
            Err(said) => return Ok(Err(format!("Signing in: {said}"))),
        },
        password => password,
    };
    let transport = match connect(mailbox, password) {
        Ok(transport) => transport,
        Err(why) => return Ok(Err(why)),
    };
    let made = Made { version: mailbox.version, at: Instant::now(), transport: transport.clone() };
    known().insert(mailbox.id, made);
    Ok(Ok(transport))
}

fn connect(mailbox: &Mailbox, password: Option<String>) -> Result<Transport, String> {
    let host = mailbox.smtp_host.as_deref().ok_or("The mailbox has no server to send through.")?;
    let encryption = mailbox.smtp_encryption.unwrap_or(MailEncryption::Tls);
    let tls = || {
        let added = crate::mail::trust::added().iter().map(|authority| Certificate::from_der(authority.to_vec()));
        let parameters = added.flatten().fold(TlsParameters::builder(host.to_owned()), |parameters, authority| {
            parameters.add_root_certificate(authority)
        });
        parameters.build().map_err(|error| error.to_string())
    };
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
        if mailbox.auth_method == AuthMethod::Xoauth2 {
            builder = builder.authentication(vec![Mechanism::Xoauth2]);
        }
    }
    Ok(builder.build())
}

pub async fn send(transport: &Transport, letter: Message) -> Result<(), Failure> {
    match transport.send(letter).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_permanent() && !is_about_us(&error) => Err(Failure::Permanent(words(&error))),
        Err(error) => Err(Failure::Temporary(words(&error))),
    }
}

/// Whether the server refuses the mailbox, not the mail: its password was changed, or its TLS is missing (RFC 4954,
/// section 6). An administrator mends that, and the mail is still to go.
fn is_about_us(error: &SmtpError) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
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
