//! Sending the outbox: a mail is claimed, sent, and written down as sent. Whoever is killed in between leaves it claimed;
//! it is tried again, under the same Message-ID, so that a reader's server can tell that it has it.

mod letter;
mod transport;

use super::{MailboxId, OutboxMailId};
use crate::desk::Desk;
use crate::tickets::{CommentId, TicketId};
use crate::{Result, Timestamp, jobs};
use serde_json::json;
use std::time::Duration;

/// How often a mail is tried, over about two days.
const ATTEMPTS_MAX: i32 = 12;
/// The first wait, in seconds; each is twice as long as the one before, up to [`WAIT_MAX`].
const WAIT: i64 = 60;
const WAIT_MAX: i64 = 6 * 3600;
/// A server that says nothing for so long has failed.
const WITHIN: Duration = Duration::from_secs(90);
/// Whoever claimed a mail longer ago than this is dead, in seconds.
const CLAIM: f64 = 600.0;

/// A claimed mail.
struct Claimed {
    id: OutboxMailId,
    recipient: String,
    subject: String,
    body: String,
    message_id: String,
    is_automatic: bool,
    attempts: i32,
    mailbox: MailboxId,
    ticket: Option<TicketId>,
    comment: Option<CommentId>,
    is_internal: bool,
    unsubscribe: Option<String>,
}

/// Why a mail was not taken, in the server's words.
enum Failure {
    /// It never will be.
    Permanent(String),
    Temporary(String),
}

/// Sends one mail of the outbox, unless that was done, or someone else is at it.
pub async fn send(desk: &Desk, id: OutboxMailId) -> Result<()> {
    send_within(desk, id, WITHIN).await
}

/// Gives its server so long to take it.
pub async fn send_within(desk: &Desk, id: OutboxMailId, limit: Duration) -> Result<()> {
    let Some(mail) = claim(desk, id).await? else { return Ok(()) };
    let delivered = match tokio::time::timeout(limit, deliver(desk, &mail)).await {
        Ok(delivered) => delivered?,
        Err(_) => Err(Failure::Temporary("The server did not answer in time.".into())),
    };
    match delivered {
        Ok(()) => {
            sqlx::query!("UPDATE outbox SET state = 'SENT', sent_at = now(), last_error = NULL WHERE id = $1", id as _)
                .execute(&desk.db)
                .await?;
            Ok(())
        }
        Err(Failure::Temporary(said)) if mail.attempts < ATTEMPTS_MAX => put_off(desk, &mail, &said).await,
        Err(Failure::Permanent(said) | Failure::Temporary(said)) => give_up(desk, &mail, &said).await,
    }
}

/// Connects to a mailbox's server and signs in, without sending; fails with the server's own words.
pub async fn try_sending(desk: &Desk, actor: &crate::Actor, id: MailboxId) -> Result<()> {
    actor.require(crate::Permission::SettingsManage)?;
    let mailbox = super::mailboxes::mailbox(desk, actor, id).await?;
    if mailbox.smtp_host.is_none() {
        return Ok(());
    }
    let said = |said: String| crate::Error::invalid("smtp_host", said);
    let transport = transport::of(desk, &mailbox).await?.map_err(said)?;
    transport::try_it(&transport).await.map_err(said)
}

/// Has everything sent, and taken in, that a crash left behind.
pub async fn resume(desk: &Desk) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let waiting = sqlx::query_scalar!(
        r#"SELECT id AS "id: OutboxMailId" FROM outbox
           WHERE email_configuration_id IS NOT NULL AND sent_at IS NULL AND created_at > now() - interval '7 days'
             AND ((state = 'WAITING' AND attempts = 0 AND created_at < now() - interval '1 minute')
               OR (state = 'SENDING' AND claimed_at < now() - make_interval(secs => $1)))
           ORDER BY created_at LIMIT 500"#,
        CLAIM
    )
    .fetch_all(&mut *tx)
    .await?;
    for id in waiting {
        jobs::enqueue(&mut tx, jobs::SEND_MAIL, &json!({ "id": id }), &format!("mail:{id}")).await?;
    }
    let unfiled = sqlx::query_scalar!(
        r#"SELECT id AS "id: super::RawMailId" FROM raw_mails WHERE outcome IS NULL AND received_at < now() - interval '1 minute'
           ORDER BY id LIMIT 500"#
    )
    .fetch_all(&mut *tx)
    .await?;
    for id in unfiled {
        jobs::enqueue(&mut tx, jobs::TAKE_IN_MAIL, &json!({ "id": id }), &format!("intake:{id}")).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn claim(desk: &Desk, id: OutboxMailId) -> Result<Option<Claimed>> {
    let row = sqlx::query!(
        r#"UPDATE outbox SET claimed_at = now(), attempts = attempts + 1,
             state = CASE WHEN EXISTS (SELECT FROM mail_suppressions WHERE email = lower(recipient)) THEN 'SUPPRESSED' ELSE 'SENDING' END
           WHERE id = $1 AND (state = 'WAITING' OR (state = 'SENDING' AND claimed_at < now() - make_interval(secs => $2)))
           RETURNING recipient, subject, body, message_id, is_automatic, attempts, state, is_internal, unsubscribe,
             email_configuration_id AS "mailbox: MailboxId", ticket_id AS "ticket: TicketId", comment_id AS "comment: CommentId""#,
        id as _,
        CLAIM,
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(row) = row.filter(|row| row.state == "SENDING") else { return Ok(None) };
    let Some(mailbox) = row.mailbox else { return Ok(None) };
    Ok(Some(Claimed {
        id,
        recipient: row.recipient,
        subject: row.subject,
        body: row.body,
        message_id: row.message_id,
        is_automatic: row.is_automatic,
        attempts: row.attempts,
        mailbox,
        ticket: row.ticket,
        comment: row.comment,
        is_internal: row.is_internal,
        unsubscribe: row.unsubscribe,
    }))
}

/// The outer result is ours to answer for, the inner one the server's.
async fn deliver(desk: &Desk, mail: &Claimed) -> Result<std::result::Result<(), Failure>> {
    let mailbox = super::mailboxes::mailbox(desk, &crate::Actor::system("mail"), mail.mailbox).await?;
    let letter = match letter::write(desk, &mailbox, mail).await? {
        Ok(letter) => letter,
        Err(why) => return Ok(Err(Failure::Permanent(why))),
    };
    let transport = match transport::of(desk, &mailbox).await? {
        Ok(transport) => transport,
        Err(why) => return Ok(Err(Failure::Temporary(why))),
    };
    Ok(transport::send(&transport, letter).await)
}

/// Later, each time a little more so; never all at the same moment.
async fn put_off(desk: &Desk, mail: &Claimed, said: &str) -> Result<()> {
    let wait = (WAIT << (mail.attempts - 1).clamp(0, 20)).min(WAIT_MAX);
    let jitter = i64::from(rand::random::<u16>()) * wait / 4 / i64::from(u16::MAX);
    let at = Timestamp::from_microsecond(Timestamp::now().as_microsecond() + (wait + jitter) * 1_000_000)
        .unwrap_or(Timestamp::now());
    let mut tx = desk.db.begin().await?;
    sqlx::query!("UPDATE outbox SET state = 'WAITING', last_error = $2 WHERE id = $1", mail.id as _, said)
        .execute(&mut *tx)
        .await?;
    jobs::enqueue_at(&mut tx, jobs::SEND_MAIL, &json!({ "id": mail.id }), &format!("mail:{}", mail.id), at).await?;
    tx.commit().await?;
    Ok(())
}

/// It will not be sent: whoever works the ticket is told.
async fn give_up(desk: &Desk, mail: &Claimed, said: &str) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    sqlx::query!("UPDATE outbox SET state = 'FAILED', last_error = $2 WHERE id = $1", mail.id as _, said)
        .execute(&mut *tx)
        .await?;
    if let Some(ticket) = mail.ticket {
        crate::tickets::commands::record_bounce(&mut tx, ticket, &mail.recipient, said).await?;
    }
    tx.commit().await?;
    Ok(())
}
