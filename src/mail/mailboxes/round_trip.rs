//! Trying a mailbox as it will be used: a mail from it to itself.

use super::mailbox;
use crate::desk::Desk;
use crate::mail::{DeliveryState, Mailbox, MailboxId, MailboxType, OutboxMailId, fetch, send};
use crate::{Actor, Error, Permission, Result};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long its server may take to accept it, and how long it may then be on its way: together less than the time in
/// which a request is answered, so that whoever waits hears why.
const SENT_WITHIN: Duration = Duration::from_secs(10);
const COMES_WITHIN: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Sends a mail from a mailbox to itself and waits until it has come in, as one of our own, of which nothing is made.
/// Invalid, in the server's own words, where it could not be sent or fetched, and where it did not come in time.
pub async fn round_trip(desk: &Desk, actor: &Actor, id: MailboxId) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mailbox = mailbox(desk, actor, id).await?;
    let missing = |field: &str| Error::invalid(field, "It cannot send: there is no server or no address to send from.");
    mailbox.smtp_host.as_ref().ok_or_else(|| missing("smtp_host"))?;
    let address = mailbox.smtp_from_email.as_ref().ok_or_else(|| missing("smtp_from_email"))?;
    let message_id = post(desk, id, address).await?;
    timeout(COMES_WITHIN, wait_for(desk, &mailbox, &message_id)).await.unwrap_or_else(|_| {
        let seconds = COMES_WITHIN.as_secs();
        let said = format!("The mail to {address} was sent, and did not come in within {seconds} seconds.");
        Err(Error::invalid("imap_host", said))
    })
}

async fn wait_for(desk: &Desk, mailbox: &Mailbox, message_id: &str) -> Result<()> {
    loop {
        if matches!(mailbox.kind, MailboxType::Imap | MailboxType::Pop3) {
            fetch::fetch_mail(desk, mailbox.id).await?;
        }
        if has_come(desk, mailbox, message_id).await? {
            return Ok(());
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Sends it now, once, and answers with its Message-ID.
async fn post(desk: &Desk, id: MailboxId, address: &str) -> Result<String> {
    let mail = sqlx::query!(
        r#"INSERT INTO outbox (recipient, subject, body, message_id, idempotency_key, is_automatic, email_configuration_id, state)
           VALUES ($1, 'Oxdesk tries this mailbox', 'If this has come in, all is well: nothing is made of it.',
             uuidv7() || '@' || split_part($1, '@', 2), 'round-trip:' || uuidv7(), true, $2, 'WAITING')
           RETURNING id AS "id: OutboxMailId", message_id"#,
        address,
        id as _
    )
    .fetch_one(&desk.db)
    .await?;
    send::send_within(desk, mail.id, SENT_WITHIN).await?;
    let sent = sqlx::query!(
        r#"UPDATE outbox SET state = CASE WHEN state = 'WAITING' THEN 'FAILED' ELSE state END WHERE id = $1
           RETURNING state AS "state: DeliveryState", last_error"#,
        mail.id as _
    )
    .fetch_one(&desk.db)
    .await?;
    match sent.state {
        DeliveryState::Sent => Ok(mail.message_id),
        DeliveryState::Suppressed => {
            Err(Error::invalid("smtp_from_email", "Nothing is sent to this address: a mail to it came back."))
        }
        _ => Err(Error::invalid("smtp_host", sent.last_error.unwrap_or_else(|| "It could not be sent.".into()))),
    }
}

async fn has_come(desk: &Desk, mailbox: &Mailbox, message_id: &str) -> Result<bool> {
    let come = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM raw_mails WHERE email_configuration_id = $1 AND dedupe_key = $2) AS "come!""#,
        mailbox.id as _,
        message_id
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(come)
}
