//! POP3 (RFC 1939), for servers that have nothing better: what is new by its unique id.

use super::wire::{BoxedWire, encryption, open, secure};
use super::{AT_ONCE, AfterIntake, AuthMethod, Said, credentials, take_in, within, xoauth2};
use crate::desk::Desk;
use crate::mail::parse::MESSAGE_MAX;
use crate::mail::{MailEncryption, Mailbox};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};

/// A line of an answer is not longer than this, in bytes; one of a message is read in pieces of it.
const LINE_MAX: u64 = 64 * 1024;
/// A list of more lines is no mailbox's.
const LINES_MAX: usize = 200_000;
/// A server that goes on for so long after a message's greatest size will not stop, in bytes.
const MESSAGE_ENDS_WITHIN: usize = 4 * MESSAGE_MAX;

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
            take_in(desk, mailbox, raw).await?;
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

    /// A whole line.
    async fn line(&mut self) -> Said<Vec<u8>> {
        let line = self.piece().await?;
        if line.ends_with(b"\n") { Ok(line) } else { Err("The server sent a line without end.".into()) }
    }

    /// A line, or of a long one what comes next: a server's word is not taken for how much memory we have.
    async fn piece(&mut self) -> Said<Vec<u8>> {
        let mut piece = Vec::new();
        within((&mut self.stream).take(LINE_MAX).read_until(b'\n', &mut piece)).await?;
        if piece.is_empty() { Err("The server closed the connection.".into()) } else { Ok(piece) }
    }

    /// The lines of an answer that goes on until a dot.
    async fn list(&mut self, command: &str) -> Said<Vec<String>> {
        self.command(command).await?;
        let mut lines = Vec::new();
        while lines.len() < LINES_MAX {
            let line = self.line().await?;
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if text == "." {
                return Ok(lines);
            }
            lines.push(text);
        }
        Err("The server's list does not end.".into())
    }

    /// A message, its dots unstuffed. Of one that is too long the beginning stays, so that someone learns of it.
    async fn message(&mut self, number: &str) -> Said<Vec<u8>> {
        self.command(&format!("RETR {number}")).await?;
        let (mut raw, mut begins, mut read) = (Vec::new(), true, 0);
        while read <= MESSAGE_ENDS_WITHIN {
            let piece = self.piece().await?;
            if begins && (piece == b".\r\n" || piece == b".\n") {
                return Ok(raw);
            }
            let text = if begins { piece.strip_prefix(b".").unwrap_or(&piece) } else { &piece };
            if raw.len() <= MESSAGE_MAX {
                raw.extend_from_slice(text);
            }
            read += piece.len();
            begins = piece.ends_with(b"\n");
        }
        Err("The server sent a message without end.".into())
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
