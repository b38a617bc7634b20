//! Mail that comes in, whatever the door: kept first, then understood, then filed, each message exactly once.
//!
//! `store` commits the bytes and the key by which a second copy is known; only then may a door say that it has them.
//! `process` reads, judges, finds the ticket and files the message in one transaction with its outcome: whoever is
//! killed in between leaves a message without an outcome, and a job that takes it up again.

mod file;
pub(super) mod judge;
mod thread;

use super::parse::{self, ParsedMail};
use super::{Intake, IntakeOutcome, Mailbox, MailboxId, RawMailId, mailboxes};
use crate::desk::Desk;
use crate::secret::bytes_hash;
use crate::tickets::TicketNumber;
use crate::{Actor, Error, Result};
use judge::Verdict;
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
pub async fn take_in(desk: &Desk, mailbox: MailboxId, raw: Vec<u8>) -> Result<Intake> {
    let mailbox = mailboxes::mailbox(desk, &Actor::system("mail"), mailbox).await?;
    keep_and_file(desk, mailbox, raw).await?.1
}

/// The outer result is that of keeping the message, the inner one that of filing it.
pub(super) async fn keep_and_file(desk: &Desk, mailbox: Mailbox, raw: Vec<u8>) -> Result<(RawMailId, Result<Intake>)> {
    let Stored { id, is_new } = store(desk, mailbox.id, &raw).await?;
    if !is_new {
        let known = process(desk, id).await;
        return Ok((id, known.map(|known| Intake { outcome: IntakeOutcome::Duplicate, ..known })));
    }
    let filed = async {
        let key = dedupe_key(&raw);
        let mail = read(raw).await?;
        conclude(desk, &Letter { id, key, mailbox, mail, is_released: false }, 1).await
    };
    Ok((id, filed.await))
}

/// Keeps the bytes of a message, unless they are kept already. Whoever keeps it files it: what a crash leaves without an
/// outcome is taken up by the clock's job a minute later.
pub async fn store(desk: &Desk, mailbox: MailboxId, raw: &[u8]) -> Result<Stored> {
    let key = dedupe_key(raw);
    // Twice where another copy is committed between the two halves: the second time it is seen.
    for _ in 0..2 {
        let stored = sqlx::query!(
            r#"WITH made AS (INSERT INTO raw_mails (email_configuration_id, dedupe_key, bytes, attempts) VALUES ($1, $2, $3, 1)
                 ON CONFLICT (email_configuration_id, dedupe_key) DO NOTHING RETURNING id)
               SELECT id AS "id!: RawMailId", true AS "is_new!" FROM made UNION ALL
               SELECT id, false FROM raw_mails WHERE email_configuration_id = $1 AND dedupe_key = $2 AND NOT EXISTS (SELECT FROM made)"#,
            mailbox as _,
            key,
            raw,
        )
        .fetch_optional(&desk.db)
        .await?;
        if let Some(stored) = stored {
            return Ok(Stored { id: stored.id, is_new: stored.is_new });
        }
    }
    Err(Error::Internal)
}

async fn read(raw: Vec<u8>) -> Result<ParsedMail> {
    tokio::task::spawn_blocking(move || parse::parse(&raw)).await.map_err(Error::internal)
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
    let mail = read(row.bytes).await?;
    let mailbox = mailboxes::mailbox(desk, &Actor::system("mail"), row.mailbox).await?;
    let letter = Letter { id, key: row.dedupe_key, mailbox, mail, is_released: row.is_released };
    conclude(desk, &letter, row.attempts).await
}

/// Files a message, or writes down why it was not.
async fn conclude(desk: &Desk, letter: &Letter, attempts: i32) -> Result<Intake> {
    let quarantine = async |reason: &str| settle(desk, letter, IntakeOutcome::Quarantined, reason).await;
    match take(desk, letter).await {
        Ok(intake) => Ok(intake),
        // One poisonous mail is not to be tried for ever.
        Err(Error::Internal) if attempts >= ATTEMPTS_MAX => {
            quarantine("It could not be filed: something went wrong on our side.").await
        }
        // It cannot be helped by trying again: someone is to look at it.
        Err(
            error @ (Error::Invalid(_)
            | Error::TooLarge { .. }
            | Error::Forbidden
            | Error::NotFound
            | Error::RateLimited { .. }),
        ) => quarantine(&reason_of(&error)).await,
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
        Held::Done(done) => done,
        Held::Free | Held::Elsewhere(_) => {
            write_outcome(&mut tx, letter, outcome, Some(reason), None).await?;
            Intake { outcome, ticket: None, reason: Some(reason.to_owned()) }
        }
    };
    tx.commit().await?;
    Ok(intake)
}

/// How a message stands once it is held.
enum Held {
    Free,
    /// It was decided meanwhile.
    Done(Intake),
    /// Another copy of it came through another mailbox, and made this ticket.
    Elsewhere(Option<TicketNumber>),
}

/// Holds a message, and every other copy of it, until the transaction ends.
async fn lock(tx: &mut PgConnection, letter: &Letter) -> Result<Held> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('mail:' || $1, 0))", letter.key)
        .execute(&mut *tx)
        .await?;
    let row = sqlx::query!(
        r#"SELECT r.outcome AS "outcome: IntakeOutcome", r.reason, t.ticket_number AS "ticket?: TicketNumber",
             twin.id IS NOT NULL AS "has_twin!", twin.ticket_number AS "twin?: TicketNumber"
           FROM raw_mails r LEFT JOIN tickets t ON t.id = r.ticket_id
           LEFT JOIN LATERAL (SELECT o.id, made.ticket_number FROM raw_mails o LEFT JOIN tickets made ON made.id = o.ticket_id
             WHERE o.dedupe_key = r.dedupe_key AND o.id <> r.id AND o.outcome IN ('created', 'appended') LIMIT 1) twin ON true
           WHERE r.id = $1"#,
        letter.id as _
    )
    .fetch_one(tx)
    .await?;
    Ok(match row.outcome {
        Some(outcome) => Held::Done(Intake { outcome, ticket: row.ticket, reason: row.reason }),
        None if row.has_twin => Held::Elsewhere(row.twin),
        None => Held::Free,
    })
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
