//! Mail that comes in, whatever the door: kept first, then understood, then filed, each message exactly once.
//!
//! `store` commits the bytes and the key by which a second copy is known; only then may a door say that it has them.
//! `process` reads, judges, finds the ticket and files the message in one transaction with its outcome: whoever is
//! killed in between leaves a message without an outcome, and a job that takes it up again.

mod file;
mod judge;
mod thread;

use super::parse::{self, ParsedMail};
use super::{Intake, IntakeOutcome, Mailbox, MailboxId, RawMailId, mailboxes};
use crate::desk::Desk;
use crate::secret::bytes_hash;
use crate::tickets::TicketNumber;
use crate::{Actor, Error, Result, jobs};
use judge::Verdict;
use serde_json::json;
use sqlx::PgConnection;

/// A message that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pub id: RawMailId,
    /// It was kept before.
    pub is_new: bool,
}

/// Takes a message in: keeps it, then files it. What it answers is committed. When only the filing fails, the message is
/// kept, and a job tries again.
pub async fn take_in(desk: &Desk, mailbox: MailboxId, raw: &[u8]) -> Result<Intake> {
    let stored = store(desk, mailbox, raw).await?;
    let intake = process(desk, stored.id).await?;
    Ok(if stored.is_new { intake } else { Intake { outcome: IntakeOutcome::Duplicate, ..intake } })
}

/// Keeps the bytes of a message, with a job that files it, unless they are kept already.
pub async fn store(desk: &Desk, mailbox: MailboxId, raw: &[u8]) -> Result<Stored> {
    let key = dedupe_key(raw);
    let mut tx = desk.db.begin().await?;
    let made = sqlx::query_scalar!(
        r#"INSERT INTO raw_mails (email_configuration_id, dedupe_key, bytes) VALUES ($1, $2, $3)
           ON CONFLICT (email_configuration_id, dedupe_key) DO NOTHING RETURNING id AS "id: RawMailId""#,
        mailbox as _,
        key,
        raw,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(id) = made else {
        let id = sqlx::query_scalar!(
            r#"SELECT id AS "id: RawMailId" FROM raw_mails WHERE email_configuration_id = $1 AND dedupe_key = $2"#,
            mailbox as _,
            key
        )
        .fetch_one(&mut *tx)
        .await?;
        return Ok(Stored { id, is_new: false });
    };
    jobs::enqueue(&mut tx, jobs::TAKE_IN_MAIL, &json!({ "id": id }), &format!("intake:{id}")).await?;
    tx.commit().await?;
    Ok(Stored { id, is_new: true })
}

/// The message's own id, or a hash of its bytes: what a second copy has too.
fn dedupe_key(raw: &[u8]) -> String {
    parse::message_id(raw).unwrap_or_else(|| format!("sha256:{}", data_encoding::HEXLOWER.encode(&bytes_hash(raw))))
}

/// Files a message that is kept, unless that was done. Idempotent.
pub async fn process(desk: &Desk, id: RawMailId) -> Result<Intake> {
    let row = sqlx::query!(
        r#"WITH begun AS (UPDATE raw_mails SET attempts = attempts + 1 WHERE id = $1 AND outcome IS NULL)
           SELECT r.bytes, r.dedupe_key, r.is_released, r.attempts, r.email_configuration_id AS "mailbox: MailboxId",
             r.outcome AS "outcome: IntakeOutcome", r.reason, t.ticket_number AS "ticket?: TicketNumber"
           FROM raw_mails r LEFT JOIN tickets t ON t.id = r.ticket_id WHERE r.id = $1"#,
        id as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    if let Some(outcome) = row.outcome {
        return Ok(Intake { outcome, ticket: row.ticket, reason: row.reason });
    }
    let mail = tokio::task::spawn_blocking(move || parse::parse(&row.bytes)).await.map_err(Error::internal)?;
    let mailbox = mailboxes::mailbox(desk, &Actor::system("mail"), row.mailbox).await?;
    let letter = Letter { id, key: row.dedupe_key, mailbox, mail, is_released: row.is_released };
    match take(desk, &letter).await {
        Ok(intake) => Ok(intake),
        // One poisonous mail is not to be tried for ever.
        Err(Error::Internal) if row.attempts >= ATTEMPTS_MAX => {
            settle(
                desk,
                &letter,
                IntakeOutcome::Quarantined,
                "It could not be filed: something went wrong on our side.",
            )
            .await
        }
        // It cannot be helped by trying again: someone is to look at it.
        Err(
            error @ (Error::Invalid(_)
            | Error::TooLarge { .. }
            | Error::Forbidden
            | Error::NotFound
            | Error::RateLimited { .. }),
        ) => settle(desk, &letter, IntakeOutcome::Quarantined, &reason_of(&error)).await,
        Err(error) => Err(error),
    }
}

async fn take(desk: &Desk, letter: &Letter) -> Result<Intake> {
    match judge::judge(desk, letter).await? {
        Verdict::Quarantine(reason) => Err(Error::invalid("mail", reason)),
        Verdict::Ignore(reason) => settle(desk, letter, IntakeOutcome::Ignored, &reason).await,
        Verdict::Bounce(bounce) => file::file_bounce(desk, letter, &bounce).await,
        Verdict::Accept(sender) => file::file(desk, letter, *sender).await,
    }
}

/// How often a message is tried whose filing fails without a reason.
const ATTEMPTS_MAX: i32 = 5;

/// A message on its way to a ticket.
struct Letter {
    id: RawMailId,
    key: String,
    mailbox: Mailbox,
    mail: ParsedMail,
    /// Someone looked at it and let it in: nothing that speaks against its sender counts.
    is_released: bool,
}

fn reason_of(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => fields.values().cloned().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Writes down what became of a message that makes nothing.
async fn settle(desk: &Desk, letter: &Letter, outcome: IntakeOutcome, reason: &str) -> Result<Intake> {
    let mut tx = desk.db.begin().await?;
    let intake = match lock(&mut tx, letter).await? {
        Some(done) => done,
        None => {
            write_outcome(&mut tx, letter, outcome, Some(reason), None).await?;
            Intake { outcome, ticket: None, reason: Some(reason.to_owned()) }
        }
    };
    tx.commit().await?;
    Ok(intake)
}

/// Holds a message, and every other copy of it, until the transaction ends. What was decided meanwhile is returned.
async fn lock(tx: &mut PgConnection, letter: &Letter) -> Result<Option<Intake>> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('mail:' || $1, 0))", letter.key)
        .execute(&mut *tx)
        .await?;
    let row = sqlx::query!(
        r#"SELECT r.outcome AS "outcome: IntakeOutcome", r.reason, t.ticket_number AS "ticket?: TicketNumber"
           FROM raw_mails r LEFT JOIN tickets t ON t.id = r.ticket_id WHERE r.id = $1"#,
        letter.id as _
    )
    .fetch_one(tx)
    .await?;
    Ok(row.outcome.map(|outcome| Intake { outcome, ticket: row.ticket, reason: row.reason }))
}

/// What a message led to.
struct Filed {
    ticket: crate::tickets::TicketId,
    comment: Option<crate::tickets::CommentId>,
}

async fn write_outcome(
    tx: &mut PgConnection,
    letter: &Letter,
    outcome: IntakeOutcome,
    reason: Option<&str>,
    filed: Option<&Filed>,
) -> Result<()> {
    let sender = letter.mail.sender().map(|sender| sender.chars().take(254).collect::<String>());
    let subject: String = letter.mail.subject.chars().take(300).collect();
    sqlx::query!(
        "UPDATE raw_mails SET outcome = $2, reason = $3, ticket_id = $4, comment_id = $5, sender = $6, subject = $7, message_id = $8,
           processed_at = now() WHERE id = $1",
        letter.id as _,
        outcome as _,
        reason,
        filed.map(|filed| filed.ticket) as _,
        filed.and_then(|filed| filed.comment) as _,
        sender,
        subject,
        letter.mail.message_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}
