//! Connections to mail servers, bare or under TLS.

use super::{Said, within};
use crate::mail::{MailEncryption, Mailbox};
use rustls::pki_types::ServerName;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A connection, whatever lies under it.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Wire for T {}

pub type BoxedWire = Box<dyn Wire>;

/// Opens a connection to the mailbox's server; under TLS from the start where the mailbox says `SSL`.
pub async fn open(mailbox: &Mailbox, port_bare: u16, port_tls: u16) -> Said<BoxedWire> {
    let host = mailbox.imap_host.as_deref().ok_or("The mailbox has no server.")?;
    let encrypted = encryption(mailbox) == MailEncryption::Ssl;
    let usual = if encrypted { port_tls } else { port_bare };
    let port = mailbox.imap_port.and_then(|port| u16::try_from(port).ok()).unwrap_or(usual);
    let stream = within(TcpStream::connect((host, port))).await?;
    let wire: BoxedWire = Box::new(stream);
    if encrypted { secure(mailbox, wire).await } else { Ok(wire) }
}

pub fn encryption(mailbox: &Mailbox) -> MailEncryption {
    mailbox.imap_encryption.unwrap_or(MailEncryption::Ssl)
}

/// Puts TLS over an open connection.
pub async fn secure(mailbox: &Mailbox, wire: BoxedWire) -> Said<BoxedWire> {
    let host = mailbox.imap_host.clone().unwrap_or_default();
    let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(Arc::new(crate::mail::trust::tls()));
    Ok(Box::new(within(connector.connect(name, wire)).await?))
}

/// What an administrator gives for `XOAUTH2`: an access token, or what one is made of.
#[derive(Deserialize)]
struct Refreshable {
    token_url: String,
    client_id: String,
    #[serde(default)]
    client_secret: String,
    refresh_token: String,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
}

/// The access token that a mailbox's secret is, or stands for (RFC 6749, section 6).
pub async fn access_token(secret: &str) -> Said<String> {
    let Ok(refreshable) = serde_json::from_str::<Refreshable>(secret) else { return Ok(secret.to_owned()) };
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(15))
        .https_only(true)
        .tls_backend_preconfigured(crate::mail::trust::tls())
        .build()
        .map_err(|error| error.to_string())?;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refreshable.refresh_token),
        ("client_id", &refreshable.client_id),
        ("client_secret", &refreshable.client_secret),
    ];
    let answer = client
        .post(&refreshable.token_url)
        .form(&form)
        .send()
        .await
        .map_err(|error| error.without_url().to_string())?;
    let status = answer.status();
    let bytes = answer.bytes().await.map_err(|error| error.without_url().to_string())?;
    if !status.is_success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&bytes).chars().take(300).collect::<String>()));
    }
    let answer: Answer = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    Ok(answer.access_token)
}
