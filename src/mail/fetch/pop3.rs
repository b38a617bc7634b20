//! POP3 (RFC 1939), for servers that have nothing better: what is new by its unique id.

use super::wire::{BoxedWire, encryption, open, secure};
use super::{AT_ONCE, AfterIntake, AuthMethod, Said, credentials, take_in, within, xoauth2};
use crate::desk::Desk;
use crate::mail::parse::MESSAGE_MAX;
use crate::mail::{MailEncryption, Mailbox};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};

/// A line of an answer is not longer than this, in bytes.
const LINE_MAX: usize = 64 * 1024;

pub async fn try_it(desk: &Desk, mailbox: &Mailbox) -> Said<()> {
    let mut server = sign_in(desk, mailbox).await?;
    server.command("STAT").await?;
    server.quit().await
}

pub async fn fetch(desk: &Desk, mailbox: &Mailbox) -> Said<usize> {
    let mut server = sign_in(desk, mailbox).await?;
    let listed = server.list("UIDL").await?;
    let known = known(desk, mailbox).await?;
    let keeps = mailbox.after_intake == AfterIntake::Keep;
    let (mut taken, mut all) = (0, Vec::new());
    for line in listed {
        let Some((number, id)) = line.split_once(' ') else { continue };
        all.push(id.to_owned());
        if !known.contains(id) {
            if taken == AT_ONCE {
                continue;
            }
            let raw = server.message(number).await?;
            take_in(desk, mailbox, &raw).await?;
            remember(desk, mailbox, id).await?;
            taken += 1;
        }
        if !keeps {
            server.command(&format!("DELE {number}")).await?;
        }
    }
    // What was marked goes only when the session ends well: until then it is known, and not taken again.
    server.quit().await?;
    forget(desk, mailbox, &all).await?;
    Ok(taken)
}

struct Server {
    stream: BufStream<BoxedWire>,
}

async fn sign_in(desk: &Desk, mailbox: &Mailbox) -> Said<Server> {
    let credentials = credentials(desk, mailbox).await?;
    let mut server = Server { stream: BufStream::new(open(mailbox, 110, 995).await?) };
    server.answer().await?;
    if encryption(mailbox) == MailEncryption::Tls {
        server.command("STLS").await?;
        server = Server { stream: BufStream::new(secure(mailbox, server.stream.into_inner()).await?) };
    }
    let signed_in = match credentials.method {
        AuthMethod::Password => {
            server.command(&format!("USER {}", one_word(&credentials.user)?)).await?;
            server.command(&format!("PASS {}", one_word(&credentials.secret)?)).await
        }
        AuthMethod::Xoauth2 => {
            server.command(&format!("AUTH XOAUTH2 {}", STANDARD.encode(xoauth2(&credentials)))).await
        }
    };
    signed_in.map_err(|said| format!("Signing in: {said}"))?;
    Ok(server)
}

/// Nothing that would end the line.
fn one_word(text: &str) -> Said<&str> {
    if text.contains(['\r', '\n']) { Err("The user or password has a line break.".into()) } else { Ok(text) }
}

impl Server {
    async fn command(&mut self, command: &str) -> Said<String> {
        within(async {
            self.stream.write_all(command.as_bytes()).await?;
            self.stream.write_all(b"\r\n").await?;
            self.stream.flush().await
        })
        .await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Said<String> {
        let line = self.line().await?;
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        match line.strip_prefix("+OK") {
            Some(rest) => Ok(rest.trim().to_owned()),
            None => Err(line.strip_prefix("-ERR").unwrap_or(&line).trim().to_owned()),
        }
    }

    async fn line(&mut self) -> Said<Vec<u8>> {
        let mut line = Vec::new();
        within(self.stream.read_until(b'\n', &mut line)).await?;
        match line.len() {
            0 => Err("The server closed the connection.".into()),
            length if length > LINE_MAX * 1024 => Err("The server sent a line without end.".into()),
            _ => Ok(line),
        }
    }

    /// The lines of an answer that goes on until a dot.
    async fn list(&mut self, command: &str) -> Said<Vec<String>> {
        self.command(command).await?;
        let mut lines = Vec::new();
        loop {
            let line = self.line().await?;
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if text == "." {
                return Ok(lines);
            }
            lines.push(text);
        }
    }

    /// A message, its dots unstuffed. Of one that is too long the beginning stays, so that someone learns of it.
    async fn message(&mut self, number: &str) -> Said<Vec<u8>> {
        self.command(&format!("RETR {number}")).await?;
        let mut raw = Vec::new();
        loop {
            let line = self.line().await?;
            if line == b".\r\n" || line == b".\n" {
                return Ok(raw);
            }
            if raw.len() <= MESSAGE_MAX {
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
    }

    async fn quit(&mut self) -> Said<()> {
        self.command("QUIT").await.map(|_| ())
    }
}

async fn known(desk: &Desk, mailbox: &Mailbox) -> Said<std::collections::HashSet<String>> {
    let ids = sqlx::query_scalar!("SELECT uidl FROM fetched_mails WHERE email_configuration_id = $1", mailbox.id as _)
        .fetch_all(&desk.db)
        .await
        .map_err(|error| crate::Error::from(error).to_string())?;
    Ok(ids.into_iter().collect())
}

async fn remember(desk: &Desk, mailbox: &Mailbox, id: &str) -> Said<()> {
    sqlx::query!(
        "INSERT INTO fetched_mails (email_configuration_id, uidl) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        mailbox.id as _,
        id
    )
    .execute(&desk.db)
    .await
    .map_err(|error| crate::Error::from(error).to_string())?;
    Ok(())
}

/// What no longer lies there need not be known.
async fn forget(desk: &Desk, mailbox: &Mailbox, there: &[String]) -> Said<()> {
    sqlx::query!(
        "DELETE FROM fetched_mails WHERE email_configuration_id = $1 AND uidl <> ALL($2)",
        mailbox.id as _,
        there
    )
    .execute(&desk.db)
    .await
    .map_err(|error| crate::Error::from(error).to_string())?;
    Ok(())
}
