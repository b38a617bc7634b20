//! A mail as it came, for those who work its ticket: nothing the sender wrote is ever lost.

use super::parse::{self, ParsedMail};
use super::{Mailbox, MailboxId, RawMailId, ReadMail, mailboxes};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::tickets::commands::may_see;
use crate::{Actor, Error, Permission, Result};

impl From<&ParsedMail> for ReadMail {
    fn from(mail: &ParsedMail) -> Self {
        let one = |party: &parse::Party| match party.name.as_str() {
            "" => party.email.clone(),
            name => format!("{name} <{}>", party.email),
        };
        Self {
            message_id: mail.message_id.clone(),
            answers: mail.in_reply_to.clone().or_else(|| mail.references.last().cloned()),
            from: mail.from.as_ref().map(one),
            to: mail.to.iter().chain(&mail.cc).map(one).collect(),
            subject: mail.subject.clone(),
            date: mail.date,
            text: mail.text.clone(),
            reply: mail.reply.clone(),
            has_html: mail.html.is_some(),
            attachments: mail.attachments.iter().map(|file| (file.file_name.clone(), file.size as u64)).collect(),
            automatic: mail.automatic.map(|why| format!("{why:?}")),
            bounce: mail.bounce.as_ref().map(|bounce| {
                let said = bounce.said.as_deref().or(bounce.code.as_deref()).unwrap_or("no reason given");
                format!("{:?}: {} ({said})", bounce.kind, bounce.recipient.as_deref().unwrap_or("someone"))
            }),
            authentication: mail.authentication_results.first().cloned(),
            error: mail.error.clone(),
        }
    }
}

/// A mail as it came.
#[derive(Debug)]
pub struct Original {
    pub mail: ParsedMail,
    /// Its reader chose to see this sender's pictures, wherever they lie.
    pub shows_pictures: bool,
}

/// The whole of a mail that lies on a ticket. For those who read notes there: its head may tell of more than its text.
pub async fn read_original(desk: &Desk, actor: &Actor, id: RawMailId) -> Result<Original> {
    actor.require(Permission::NoteRead)?;
    let row = sqlx::query!(
        r#"SELECT bytes, ticket_id AS "ticket_id: TicketId",
             EXISTS (SELECT FROM mail_picture_senders p WHERE p.user_id = $2 AND p.email = lower(r.sender)) AS "shows_pictures!"
           FROM raw_mails r WHERE id = $1 AND outcome IN ('created', 'appended', 'bounced')"#,
        id as _,
        actor.user_id as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    check_sees(desk, actor, row.ticket_id).await?;
    let mail = tokio::task::spawn_blocking(move || parse::parse(&row.bytes)).await.map_err(Error::internal)?;
    // Who only claims to be that sender is not.
    let is_forged = mail.authentication_results.first().is_some_and(|line| line.to_lowercase().contains("dmarc=fail"));
    Ok(Original { mail, shows_pictures: row.shows_pictures && !is_forged })
}

/// From now on this reader sees the pictures of a mail's sender without being asked, or is asked again.
pub async fn show_pictures(desk: &Desk, actor: &Actor, id: RawMailId, always: bool) -> Result<()> {
    actor.require(Permission::NoteRead)?;
    let Some(user) = actor.user_id else { return Err(Error::Unauthenticated) };
    let row =
        sqlx::query!(r#"SELECT sender, ticket_id AS "ticket_id: TicketId" FROM raw_mails WHERE id = $1"#, id as _)
            .fetch_optional(&desk.db)
            .await?
            .ok_or(Error::NotFound)?;
    check_sees(desk, actor, row.ticket_id).await?;
    let sender = row.sender.ok_or(Error::NotFound)?;
    if always {
        sqlx::query!(
            "INSERT INTO mail_picture_senders (user_id, email) VALUES ($1, lower($2)) ON CONFLICT DO NOTHING",
            user as _,
            sender
        )
        .execute(&desk.db)
        .await?;
    } else {
        sqlx::query!("DELETE FROM mail_picture_senders WHERE user_id = $1 AND email = lower($2)", user as _, sender)
            .execute(&desk.db)
            .await?;
    }
    Ok(())
}

async fn check_sees(desk: &Desk, actor: &Actor, ticket: Option<TicketId>) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let sees = may_see(&mut tx, actor, ticket.ok_or(Error::NotFound)?).await?;
    tx.rollback().await?;
    if sees { Ok(()) } else { Err(Error::NotFound) }
}

/// What intake would see of a message; nothing is kept.
pub async fn try_message(actor: &Actor, raw: String) -> Result<ReadMail> {
    actor.require(Permission::SettingsManage)?;
    if raw.trim().is_empty() {
        return Err(Error::invalid("message", "Please fill this in."));
    }
    tokio::task::spawn_blocking(move || ReadMail::from(&parse::parse(raw.as_bytes()))).await.map_err(Error::internal)
}

/// Takes a message in by hand, as if it had come into the mailbox.
pub async fn take_in_by_hand(desk: &Desk, actor: &Actor, mailbox: MailboxId, raw: &str) -> Result<super::Intake> {
    actor.require(Permission::SettingsManage)?;
    let mailbox: Mailbox = mailboxes::mailbox(desk, actor, mailbox).await?;
    if raw.trim().is_empty() {
        return Err(Error::invalid("message", "Please fill this in."));
    }
    super::intake::take_in(desk, mailbox.id, raw.into()).await
}
