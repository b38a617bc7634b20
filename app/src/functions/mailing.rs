//! Mailboxes, what was written, what was set aside, whom nothing is sent to.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::mail::templates::MailTemplate;
use oxdesk::mail::{MailBlock, Mailbox, OutboxMail, QuarantinedMail, ReadMail, Suppression};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::mail::{MailboxForm, fetch, mailboxes, original, outbox, quarantine, send, suppression, templates};

/// What the page of mailboxes shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    pub mailboxes: Vec<Mailbox>,
    /// Id and name.
    pub queues: Vec<(String, String)>,
    /// Where providers reach this desk.
    pub base_url: String,
}

#[server(prefix = "/fn", endpoint = "read_mail_settings")]
pub async fn read_mail_settings() -> Result<MailSettings> {
    let (desk, actor) = (desk()?, actor());
    let queues = oxdesk::tickets::queries::list_queues(&desk, &actor).await?;
    Ok(MailSettings {
        mailboxes: mailboxes::list_mailboxes(&desk, &actor).await?,
        queues: queues.into_iter().map(|queue| (queue.id.to_string(), queue.name)).collect(),
        base_url: desk.base_url.to_string(),
    })
}

/// A mailbox's form: all of it text, as browsers send it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MailboxFields {
    pub name: String,
    pub kind: String,
    pub smtp_host: String,
    pub smtp_port: String,
    pub smtp_user: String,
    pub smtp_password: String,
    pub smtp_encryption: String,
    pub smtp_from_email: String,
    pub smtp_from_name: String,
    pub imap_host: String,
    pub imap_port: String,
    pub imap_user: String,
    pub imap_password: String,
    pub imap_encryption: String,
    pub imap_folder: String,
    pub auth_method: String,
    pub after_intake: String,
    pub move_to: String,
    pub poll_interval: String,
    pub webhook_secret: String,
    pub ticket_queue_id: String,
    pub default_priority: String,
    pub active: Option<String>,
    pub plus_addressing: Option<String>,
    pub signature: String,
}

#[server(prefix = "/fn", endpoint = "save_mailbox")]
pub async fn save_mailbox(id: Option<String>, version: Option<i32>, mailbox: MailboxFields) -> Result<()> {
    let (desk, actor, form) = (desk()?, actor(), form(mailbox)?);
    match id {
        Some(id) => mailboxes::update_mailbox(&desk, &actor, id.parse()?, version.unwrap_or_default(), form).await?,
        None => drop(mailboxes::create_mailbox(&desk, &actor, form).await?),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
fn form(fields: MailboxFields) -> oxdesk::Result<MailboxForm> {
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let number = |field: &str, text: String| {
        let wrong = |_| oxdesk::Error::invalid(field, "A whole number, please.");
        given(text).map(|text| text.trim().parse::<i32>().map_err(wrong)).transpose()
    };
    Ok(MailboxForm {
        name: fields.name,
        kind: fields.kind,
        smtp_host: given(fields.smtp_host),
        smtp_port: number("smtp_port", fields.smtp_port)?,
        smtp_user: given(fields.smtp_user),
        smtp_password: given(fields.smtp_password),
        smtp_encryption: given(fields.smtp_encryption),
        smtp_from_email: given(fields.smtp_from_email),
        smtp_from_name: given(fields.smtp_from_name),
        imap_host: given(fields.imap_host),
        imap_port: number("imap_port", fields.imap_port)?,
        imap_user: given(fields.imap_user),
        imap_password: given(fields.imap_password),
        imap_encryption: given(fields.imap_encryption),
        imap_folder: given(fields.imap_folder),
        auth_method: given(fields.auth_method),
        after_intake: given(fields.after_intake),
        move_to: given(fields.move_to),
        poll_interval: number("poll_interval", fields.poll_interval)?,
        webhook_secret: given(fields.webhook_secret),
        ticket_queue_id: given(fields.ticket_queue_id),
        default_priority: given(fields.default_priority),
        active: fields.active.is_some(),
        plus_addressing: fields.plus_addressing.is_some(),
        signature: given(fields.signature),
    })
}

#[server(prefix = "/fn", endpoint = "delete_mailbox")]
pub async fn delete_mailbox(id: String) -> Result<()> {
    Ok(mailboxes::delete_mailbox(&desk()?, &actor(), id.parse()?).await?)
}

/// Connects and signs in, to fetch and to send; an error is the server's own.
#[server(prefix = "/fn", endpoint = "test_mailbox")]
pub async fn test_mailbox(id: String) -> Result<()> {
    let (desk, actor, id) = (desk()?, actor(), id.parse()?);
    fetch::try_fetching(&desk, &actor, id).await?;
    send::try_sending(&desk, &actor, id).await?;
    Ok(())
}

/// Sends a mail from a mailbox to itself, and waits for it.
#[server(prefix = "/fn", endpoint = "round_trip_mailbox")]
pub async fn round_trip_mailbox(id: String) -> Result<()> {
    Ok(mailboxes::round_trip(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "list_outbox")]
pub async fn list_outbox(after: Option<String>) -> Result<Vec<OutboxMail>> {
    let after = after.map(|id| id.parse()).transpose()?;
    Ok(outbox::list_outbox(&desk()?, &actor(), after, 50).await?)
}

#[server(prefix = "/fn", endpoint = "send_mail_again")]
pub async fn send_mail_again(id: String) -> Result<()> {
    Ok(outbox::send_again(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "list_quarantine")]
pub async fn list_quarantine(after: Option<String>) -> Result<Vec<QuarantinedMail>> {
    let after = after.map(|id| id.parse()).transpose()?;
    Ok(quarantine::list_quarantine(&desk()?, &actor(), after, 50).await?)
}

#[server(prefix = "/fn", endpoint = "read_quarantined")]
pub async fn read_quarantined(id: String) -> Result<ReadMail> {
    let mail = quarantine::read_quarantined(&desk()?, &actor(), id.parse()?).await?;
    Ok(ReadMail::from(&mail))
}

#[server(prefix = "/fn", endpoint = "release_mail")]
pub async fn release_mail(id: String) -> Result<()> {
    quarantine::release_mail(&desk()?, &actor(), id.parse()?).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_mail")]
pub async fn delete_mail(id: String) -> Result<()> {
    Ok(quarantine::delete_mail(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "block_sender")]
pub async fn block_sender(pattern: String) -> Result<()> {
    Ok(quarantine::block_sender(&desk()?, &actor(), &pattern).await?)
}

#[server(prefix = "/fn", endpoint = "unblock_sender")]
pub async fn unblock_sender(pattern: String) -> Result<()> {
    Ok(suppression::unblock_sender(&desk()?, &actor(), &pattern).await?)
}

/// Whom nothing is sent to, who is not let in, and who is although a filter speaks against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub suppressed: Vec<Suppression>,
    pub blocked: Vec<MailBlock>,
    pub allowed: Vec<String>,
}

#[server(prefix = "/fn", endpoint = "list_refused")]
pub async fn list_refused() -> Result<Refused> {
    let (desk, actor) = (desk()?, actor());
    let suppressed = suppression::list_suppressions(&desk, &actor).await?;
    let blocked = suppression::list_blocks(&desk, &actor).await?;
    let allowed = suppression::list_allows(&desk, &actor).await?;
    Ok(Refused { suppressed, blocked, allowed })
}

#[server(prefix = "/fn", endpoint = "forget_allow")]
pub async fn forget_allow(email: String) -> Result<()> {
    Ok(suppression::forget_allow(&desk()?, &actor(), &email).await?)
}

#[server(prefix = "/fn", endpoint = "clear_suppression")]
pub async fn clear_suppression(email: String) -> Result<()> {
    Ok(suppression::clear_suppression(&desk()?, &actor(), &email).await?)
}

/// From now on one sees the pictures of a mail's sender, or is asked again.
#[server(prefix = "/fn", endpoint = "show_pictures")]
pub async fn show_pictures(id: String, always: Option<bool>) -> Result<()> {
    Ok(original::show_pictures(&desk()?, &actor(), id.parse()?, always.unwrap_or(false)).await?)
}

#[server(prefix = "/fn", endpoint = "list_templates")]
pub async fn list_templates() -> Result<Vec<MailTemplate>> {
    Ok(templates::queries::list_templates(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "save_template")]
pub async fn save_template(name: String, version: i32, subject: Option<String>, body: String) -> Result<()> {
    let (desk, actor, subject) = (desk()?, actor(), subject.unwrap_or_default());
    Ok(templates::commands::save_template(&desk, &actor, name.parse()?, version, &subject, &body).await?)
}

#[server(prefix = "/fn", endpoint = "reset_template")]
pub async fn reset_template(name: String) -> Result<()> {
    Ok(templates::commands::reset_template(&desk()?, &actor(), name.parse()?).await?)
}

/// What intake would see of a message.
#[server(prefix = "/fn", endpoint = "try_message")]
pub async fn try_message(message: String) -> Result<ReadMail> {
    Ok(original::try_message(&actor(), message).await?)
}

/// Takes a message in, as if it had come into the mailbox, and goes to its ticket.
#[server(prefix = "/fn", endpoint = "take_in_mail")]
pub async fn take_in_mail(mailbox: String, message: String) -> Result<()> {
    let intake = original::take_in_by_hand(&desk()?, &actor(), mailbox.parse()?, &message).await?;
    let next = intake.ticket.map_or("/admin/quarantine".to_owned(), |ticket| format!("/tickets/{ticket}"));
    leptos_axum::redirect(&next);
    Ok(())
}
