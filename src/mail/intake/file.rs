//! Making a ticket of a message, or a comment on one.

use super::judge::{Proof, Sender};
use super::thread::{self, Thread};
use super::{Filed, Held, Letter, lock, write_outcome};
use crate::desk::Desk;
use crate::mail::automatic;
use crate::mail::parse::{Automatic, Bounce, BounceKind, forwarded_from};
use crate::mail::{Intake, IntakeOutcome};
use crate::people::{self, UserId};
use crate::tickets::commands::{self, CameBy, Kept, NewReply};
use crate::tickets::rules::{TicketDraft, check_new_ticket, is_only_thanks};
use crate::tickets::{
    COMMENT_MAX, IncomingFile, InternalNote, PublicReply, SUBJECT_MAX, TicketId, TicketNumber, TicketSource,
    TicketStatus,
};
use crate::{Actor, EmailAddress, Error, Permission, Result};
use sqlx::PgConnection;

/// One sender makes at most so many tickets in an hour.
const TICKETS_PER_HOUR: i64 = 20;
/// What is said where a message has files only.
const NO_TEXT: &str = "(This mail has no text.)";
/// What ends a text that is too long for a ticket.
const CUT: &str = "\n\n[… The rest is in the mail itself.]";

/// Files a message under the ticket it belongs to, or makes one of it.
pub(super) async fn file(desk: &Desk, letter: &Letter, sender: Sender) -> Result<Intake> {
    let mut files = incoming(desk, letter).await?;
    let new = draft(letter, &sender)?;
    let new = commands::arrange_ticket(desk, &author(&sender, None), new).await?;
    let acknowledge = wants_answer(desk, letter, &sender.email).await?;
    let kept = commands::keep_files(desk, &mut files).await?;
    let filed = async {
        let mut tx = desk.db.begin().await?;
        match lock(&mut tx, letter).await? {
            Held::Free => {}
            Held::Done(done) => return Ok(done),
            Held::Elsewhere(ticket) => {
                let reason = "It came through another mailbox as well.";
                write_outcome(&mut tx, letter, IntakeOutcome::Duplicate, Some(reason), None).await?;
                tx.commit().await?;
                return Ok(Intake { outcome: IntakeOutcome::Duplicate, ticket, reason: Some(reason.to_owned()) });
            }
        }
        let intake = write(desk, &mut tx, letter, &sender, new, &kept, acknowledge).await?;
        tx.commit().await?;
        Ok(intake)
    };
    let result = filed.await;
    // Files of a message that turned out to be filed already belong to nothing.
    match result {
        Ok(intake) if !matches!(intake.outcome, IntakeOutcome::Created | IntakeOutcome::Appended) => {
            kept.discard(desk).await;
            Ok(intake)
        }
        result => kept.settle(desk, result).await,
    }
}

async fn write(
    desk: &Desk,
    tx: &mut PgConnection,
    letter: &Letter,
    sender: &Sender,
    new: crate::tickets::NewTicket,
    kept: &Kept,
    acknowledge: bool,
) -> Result<Intake> {
    let thread = thread::find(desk, &mut *tx, letter, sender).await?;
    let beside = match thread {
        Thread::Of(ticket) => match append(desk, &mut *tx, letter, sender, ticket, kept).await? {
            Appended::There(intake) => return Ok(intake),
            // What is closed stays closed: it goes on in a ticket of its own.
            Appended::Closed => Some(ticket),
        },
        Thread::NoteOn(ticket) => return append_note(&mut *tx, letter, sender, ticket, kept).await,
        Thread::Beside(ticket) => Some(ticket),
        Thread::New => None,
    };
    check_not_flooding(&mut *tx, letter, sender).await?;
    let author = author(sender, None);
    let came_by = CameBy {
        message_id: letter.mail.message_id.as_deref(),
        mailbox: letter.mailbox.id,
        is_automatic: letter.mail.auto_submitted,
    };
    let created = commands::write_ticket(desk, &mut *tx, &author, &new, kept, acknowledge, Some(came_by)).await?;
    if let Some(other) = beside {
        commands::relate_tickets(&mut *tx, created.id, other).await?;
    }
    if sender.account.is_none() && !letter.mail.auto_submitted {
        people::commands::add_sender(&mut *tx, &sender.email, sender.name.as_deref()).await?;
    }
    note_copies(&mut *tx, letter, created.id, &sender.email).await?;
    remember(&mut *tx, letter, created.id).await?;
    let filed = Filed { ticket: created.id, comment: None };
    write_outcome(tx, letter, IntakeOutcome::Created, None, Some(&filed)).await?;
    Ok(Intake { outcome: IntakeOutcome::Created, ticket: Some(created.ticket_number), reason: None })
}

enum Appended {
    There(Intake),
    Closed,
}

async fn append(
    desk: &Desk,
    tx: &mut PgConnection,
    letter: &Letter,
    sender: &Sender,
    ticket: TicketId,
    kept: &Kept,
) -> Result<Appended> {
    let worked = sqlx::query!(
        r#"SELECT root.status AS "status: TicketStatus", t.ticket_number AS "number: TicketNumber",
             t.requester_id AS "requester_id: UserId" FROM tickets t
           JOIN tickets root ON root.id = ticket_root(t.id) WHERE t.id = $1 FOR UPDATE OF root"#,
        ticket as _
    )
    .fetch_one(&mut *tx)
    .await?;
    if !worked.status.is_open() && worked.status != TicketStatus::Resolved {
        return Ok(Appended::Closed);
    }
    let mut author = author(sender, Some(ticket));
    let answers_for_us = author.is_agent()
        && worked.requester_id != author.user_id
        && commands::may_see(&mut *tx, &author, ticket).await?;
    if answers_for_us && letter.mail.auto_submitted {
        // Nobody away from their desk tells every requester so.
        return Ok(Appended::There(ignore(tx, letter, "A machine answers for someone who works here.").await?));
    }
    if !answers_for_us {
        author = as_requester(author, sender, ticket);
    } else if !is_proven(&mut *tx, letter, sender).await? {
        // It would go out in the agent's name.
        return Err(Error::invalid("mail", "It claims to come from someone who works here, and nothing proves that."));
    }
    let text = visible(letter);
    // No machine, and no thanks, opens what is solved.
    let machine = letter.mail.auto_submitted && letter.mail.automatic != Some(Automatic::Oxdesk);
    let stays = machine || (worked.status == TicketStatus::Resolved && is_only_thanks(&text));
    let mut reply = NewReply::public(PublicReply::parse(&text)?);
    reply.then = stays.then_some(worked.status);
    reply.is_automatic = machine;
    let comment = commands::write_reply(desk, &mut *tx, &author, ticket, &reply, kept).await?;
    sqlx::query!(
        "UPDATE ticket_comments SET is_from_email = true, message_id = $2, author_email = $3, author_name = $4 WHERE id = $1",
        comment as _,
        letter.mail.message_id,
        author.user_id.is_none().then(|| sender.email.as_str()),
        sender.name.as_deref().filter(|_| author.user_id.is_none()),
    )
    .execute(&mut *tx)
    .await?;
    remember(&mut *tx, letter, ticket).await?;
    let filed = Filed { ticket, comment: Some(comment) };
    write_outcome(tx, letter, IntakeOutcome::Appended, None, Some(&filed)).await?;
    Ok(Appended::There(Intake { outcome: IntakeOutcome::Appended, ticket: Some(worked.number), reason: None }))
}

/// An answer to what only those who read notes know: a note, whatever the ticket's state is. From anyone else, and from a
/// machine, it is nothing that a ticket may show.
async fn append_note(
    tx: &mut PgConnection,
    letter: &Letter,
    sender: &Sender,
    ticket: TicketId,
    kept: &Kept,
) -> Result<Intake> {
    let Some(author) = sender.account.as_ref().filter(|account| account.can(Permission::NoteWrite)) else {
        return Err(Error::invalid("mail", "It answers an internal note, and its sender writes none."));
    };
    if letter.mail.auto_submitted {
        return ignore(tx, letter, "A machine answers a notification.").await;
    }
    if !is_proven(&mut *tx, letter, sender).await? {
        return Err(Error::invalid("mail", "It claims to come from someone who works here, and nothing proves that."));
    }
    let note = InternalNote::parse(&visible(letter))?;
    let comment = commands::write_note(&mut *tx, author, ticket, &note, kept).await?;
    sqlx::query!(
        "UPDATE ticket_comments SET is_from_email = true, message_id = $2 WHERE id = $1",
        comment as _,
        letter.mail.message_id
    )
    .execute(&mut *tx)
    .await?;
    let number = sqlx::query_scalar!(
        r#"SELECT ticket_number AS "number: TicketNumber" FROM tickets WHERE id = $1"#,
        ticket as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let filed = Filed { ticket, comment: Some(comment) };
    write_outcome(tx, letter, IntakeOutcome::Appended, None, Some(&filed)).await?;
    Ok(Intake { outcome: IntakeOutcome::Appended, ticket: Some(number), reason: None })
}

async fn ignore(tx: &mut PgConnection, letter: &Letter, reason: &str) -> Result<Intake> {
    write_outcome(tx, letter, IntakeOutcome::Ignored, Some(reason), None).await?;
    Ok(Intake { outcome: IntakeOutcome::Ignored, ticket: None, reason: Some(reason.to_owned()) })
}

/// Whether a mail is surely from whom it says: a receiver that we trust says so, someone looked at it, or it answers a mail
/// that we sent to this very address, whose id nobody else knows.
async fn is_proven(tx: &mut PgConnection, letter: &Letter, sender: &Sender) -> Result<bool> {
    if sender.origin == Proof::Passed {
        return Ok(true);
    }
    let answered: Vec<String> = letter.mail.in_reply_to.iter().chain(&letter.mail.references).cloned().collect();
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM outbox WHERE message_id = ANY($1) AND lower(recipient) = $2) AS "known!""#,
        &answered,
        sender.email.as_str()
    )
    .fetch_one(tx)
    .await?;
    Ok(known)
}

/// New tickets of one sender in an hour: nobody writes more. Those who work tickets do.
async fn check_not_flooding(tx: &mut PgConnection, letter: &Letter, sender: &Sender) -> Result<()> {
    if letter.is_released || sender.account.as_ref().is_some_and(Actor::is_agent) {
        return Ok(());
    }
    let lately = sqlx::query_scalar!(
        r#"SELECT count(*) AS "lately!" FROM tickets
           WHERE lower(requester_email) = $1 AND source = 'EMAIL' AND created_at > now() - interval '1 hour'"#,
        sender.email.as_str()
    )
    .fetch_one(tx)
    .await?;
    if lately < TICKETS_PER_HOUR {
        return Ok(());
    }
    Err(Error::invalid("mail", "Its sender wrote more new mails in an hour than anyone does."))
}

/// In whose name it is written: an account's, or the address alone, which may answer on one ticket.
fn author(sender: &Sender, ticket: Option<TicketId>) -> Actor {
    match (&sender.account, ticket) {
        (Some(account), _) => account.clone(),
        (None, Some(ticket)) => as_requester(Actor::sender(sender.email.clone(), sender.name.clone()), sender, ticket),
        (None, None) => Actor::sender(sender.email.clone(), sender.name.clone()),
    }
}

/// On the requester's side of one ticket, with no right beside it.
fn as_requester(author: Actor, sender: &Sender, ticket: TicketId) -> Actor {
    let guest = Actor::guest(ticket, sender.email.clone(), sender.name.clone());
    Actor { origin: author.origin, user_id: author.user_id, ..guest }
}

/// Files as they arrived, on their way to the store.
async fn incoming(desk: &Desk, letter: &Letter) -> Result<Vec<IncomingFile>> {
    let mut files = Vec::new();
    for attachment in &letter.mail.attachments {
        let chunks = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(attachment.bytes.as_slice())]);
        files.push(desk.files.receive(&attachment.file_name, u64::MAX, chunks).await?);
    }
    Ok(files)
}

/// A new ticket, as the message asks for it. What an agent passes on is its first sender's.
fn draft(letter: &Letter, sender: &Sender) -> Result<crate::tickets::NewTicket> {
    let mail = &letter.mail;
    let works_tickets = sender.account.as_ref().is_some_and(Actor::is_agent);
    let original = if works_tickets { forwarded_from(&mail.subject, &mail.text) } else { None };
    let (email, name) = match original {
        Some(party) => (party.email, Some(party.name).filter(|name| !name.is_empty())),
        None => (sender.email.to_string(), sender.name.clone()),
    };
    let subject: String = mail.subject.trim().chars().take(SUBJECT_MAX).collect();
    let mut new = check_new_ticket(
        TicketDraft {
            subject: if subject.is_empty() { "(no subject)".to_owned() } else { subject },
            description: bounded_text(&mail.text),
            requester_email: email,
            requester_name: name,
            ..TicketDraft::default()
        },
        TicketSource::Email,
    )?;
    new.queue_id = letter.mailbox.ticket_queue_id;
    new.priority = letter.mailbox.default_priority;
    Ok(new)
}

fn visible(letter: &Letter) -> String {
    let reply = letter.mail.reply.trim();
    bounded_text(if reply.is_empty() { &letter.mail.text } else { reply })
}

fn bounded_text(text: &str) -> String {
    let text = text.trim().replace('\0', "");
    if text.is_empty() {
        return NO_TEXT.to_owned();
    }
    if text.chars().count() <= COMMENT_MAX {
        return text;
    }
    let kept: String = text.chars().take(COMMENT_MAX - CUT.chars().count()).collect();
    kept + CUT
}

/// Whether the sender is told that we have it: not a machine, not an address that nobody reads, and not too often.
async fn wants_answer(desk: &Desk, letter: &Letter, email: &EmailAddress) -> Result<bool> {
    if letter.mail.auto_submitted { Ok(false) } else { automatic::may_write(desk, email).await }
}

/// Whoever else the message went to reads on: but for our own mailboxes.
async fn note_copies(tx: &mut PgConnection, letter: &Letter, ticket: TicketId, sender: &EmailAddress) -> Result<()> {
    if letter.mail.auto_submitted {
        return Ok(());
    }
    let others =
        letter.mail.to.iter().chain(&letter.mail.cc).filter_map(|party| party.email.parse::<EmailAddress>().ok());
    let own = [letter.mailbox.smtp_from_email.as_deref(), letter.mailbox.imap_user.as_deref()];
    let is_own = |email: &EmailAddress| own.iter().flatten().any(|own| own.eq_ignore_ascii_case(email.as_str()));
    let others: Vec<String> =
        others.filter(|email| email != sender && !is_own(email)).map(|email| email.to_string()).take(20).collect();
    if others.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO ticket_ccs (ticket_id, email)
         SELECT $1, email FROM unnest($2::text[]) AS email
         WHERE NOT EXISTS (SELECT FROM email_configurations e WHERE lower(e.smtp_from_email) = email OR lower(e.imap_user) = email)
           AND email !~ '\\+t\\.' AND email <> ALL($3) AND email <> (SELECT lower(requester_email) FROM tickets WHERE id = $1)
         ON CONFLICT DO NOTHING",
        ticket as _,
        &others,
        &letter.mail.delivered_to,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// By which messages the ticket is found again.
async fn remember(tx: &mut PgConnection, letter: &Letter, ticket: TicketId) -> Result<()> {
    let mail = &letter.mail;
    if let Some(id) = &mail.message_id {
        sqlx::query!(
            "INSERT INTO ticket_messages (message_id, ticket_id, kind) VALUES ($1, $2, 'RECEIVED')
             ON CONFLICT (message_id, ticket_id) DO UPDATE SET kind = 'RECEIVED' WHERE ticket_messages.kind = 'NAMED'",
            id,
            ticket as _
        )
        .execute(&mut *tx)
        .await?;
    }
    let named: Vec<String> = mail.references.iter().rev().chain(&mail.in_reply_to).take(20).cloned().collect();
    if named.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO ticket_messages (message_id, ticket_id, kind) SELECT DISTINCT id, $2::uuid, 'NAMED' FROM unnest($1::text[]) AS id
         WHERE length(id) BETWEEN 1 AND 255 ON CONFLICT DO NOTHING",
        &named,
        ticket as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes on the mail that came back, and its ticket, what became of it. Nothing is opened again; a permanent failure of
/// a mail that we did send shuts its receiver off, visibly, until someone clears that.
pub(super) async fn file_bounce(desk: &Desk, letter: &Letter, bounce: &Bounce) -> Result<Intake> {
    let mut tx = desk.db.begin().await?;
    if let Held::Done(done) = lock(&mut tx, letter).await? {
        return Ok(done);
    }
    let sent = sqlx::query!(
        r#"SELECT o.id, o.recipient, o.ticket_id AS "ticket_id: TicketId", t.ticket_number AS "number?: TicketNumber"
           FROM outbox o LEFT JOIN tickets t ON t.id = o.ticket_id WHERE o.message_id = $1"#,
        bounce.original_id.as_deref().unwrap_or_default(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let said = bounce.said.as_deref().or(bounce.code.as_deref()).unwrap_or("no reason given").replace('\0', "");
    let (mut number, mut filed) = (None, None);
    if let Some(sent) = sent {
        let state = if bounce.kind == BounceKind::Complaint { "SENT" } else { "BOUNCED" };
        sqlx::query!("UPDATE outbox SET state = $2, last_error = $3 WHERE id = $1", sent.id, state, said)
            .execute(&mut *tx)
            .await?;
        if bounce.kind != BounceKind::Soft {
            sqlx::query!(
                "INSERT INTO mail_suppressions (email, reason, outbox_id) VALUES (lower($1), $2, $3) ON CONFLICT (email) DO NOTHING",
                sent.recipient,
                said,
                sent.id
            )
            .execute(&mut *tx)
            .await?;
        }
        if let Some(ticket) = sent.ticket_id {
            commands::record_bounce(&mut tx, ticket, &sent.recipient, &said).await?;
            filed = Some(Filed { ticket, comment: None });
        }
        number = sent.number;
    }
    let reason = format!("{}: {said}", bounce.recipient.as_deref().unwrap_or("a mail"));
    let reason: String = reason.chars().take(500).collect();
    write_outcome(&mut tx, letter, IntakeOutcome::Bounced, Some(&reason), filed.as_ref()).await?;
    tx.commit().await?;
    Ok(Intake { outcome: IntakeOutcome::Bounced, ticket: number, reason: Some(reason) })
}
