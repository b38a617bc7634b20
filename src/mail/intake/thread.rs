//! Which ticket a message belongs to: by the address it was sent to, by the messages it answers, last by its subject.
//! A number alone opens nobody's ticket: whoever is no part of it begins one of their own.

use super::Letter;
use super::judge::{Proof, Sender};
use crate::EmailAddress;
use crate::desk::Desk;
use crate::mail::reply_address::{Answer, ticket_of};
use crate::tickets::{TicketId, TicketNumber};
use crate::{Actor, Result};
use sqlx::PgConnection;

/// At most so many of a message's ancestors are looked up: the nearest.
const ANCESTORS_MAX: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thread {
    /// It goes on there.
    Of(TicketId),
    /// It answers what only those who read notes know: it becomes a note, or nothing.
    NoteOn(TicketId),
    /// It names that ticket, and its sender has no part in it.
    Beside(TicketId),
    New,
}

pub(super) async fn find(desk: &Desk, tx: &mut PgConnection, letter: &Letter, sender: &Sender) -> Result<Thread> {
    let (mail, email, account) = (&letter.mail, &sender.email, sender.account.as_ref());
    // Whoever only claims to be someone takes no part as that someone.
    let believed = sender.origin != Proof::Failed;
    let receivers = mail.to.iter().chain(&mail.cc).map(|party| party.email.as_str());
    for address in receivers.chain(mail.delivered_to.iter().map(String::as_str)) {
        if let Some((ticket, answer)) = ticket_of(&desk.secret, address)
            && is_there(&mut *tx, ticket).await?
        {
            return Ok(match answer {
                Answer::Public => Thread::Of(ticket),
                Answer::Note => Thread::NoteOn(ticket),
            });
        }
    }
    let mut beside = None;
    for Ancestor { ticket, ours, is_internal } in ancestors(&mut *tx, letter).await? {
        if ours && is_internal {
            return Ok(Thread::NoteOn(ticket));
        }
        if ours || (believed && takes_part(&mut *tx, ticket, email, account).await?) {
            return Ok(Thread::Of(ticket));
        }
        beside = beside.or(Some(ticket));
    }
    if let Some(ticket) = named(&mut *tx, &mail.subject).await? {
        if believed && takes_part(&mut *tx, ticket, email, account).await? {
            return Ok(Thread::Of(ticket));
        }
        beside = beside.or(Some(ticket));
    }
    Ok(beside.map_or(Thread::New, Thread::Beside))
}

async fn is_there(tx: &mut PgConnection, ticket: TicketId) -> Result<bool> {
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM tickets WHERE id = $1 AND deleted_at IS NULL) AS "there!""#,
        ticket as _
    )
    .fetch_one(tx)
    .await?;
    Ok(there)
}

/// A message that is answered.
struct Ancestor {
    ticket: TicketId,
    ours: bool,
    is_internal: bool,
}

/// The tickets that the answered messages lead to, ours first: nobody can guess the id of a mail that we sent.
async fn ancestors(tx: &mut PgConnection, letter: &Letter) -> Result<Vec<Ancestor>> {
    let ids: Vec<&str> =
        letter.mail.in_reply_to.iter().chain(letter.mail.references.iter().rev()).map(String::as_str).collect();
    let ids: Vec<String> = ids.into_iter().take(ANCESTORS_MAX).map(str::to_owned).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"SELECT m.ticket_id AS "ticket_id: TicketId", m.kind = 'SENT' AS "ours!",
             EXISTS (SELECT FROM outbox o WHERE o.message_id = m.message_id AND o.is_internal) AS "is_internal!" FROM ticket_messages m
           JOIN tickets t ON t.id = m.ticket_id WHERE m.message_id = ANY($1) AND t.deleted_at IS NULL
           ORDER BY m.kind = 'SENT' DESC, array_position($1, m.message_id), t.created_at DESC LIMIT 20"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let found =
        rows.into_iter().map(|row| Ancestor { ticket: row.ticket_id, ours: row.ours, is_internal: row.is_internal });
    Ok(found.collect())
}

/// The ticket whose number stands in the subject.
async fn named(tx: &mut PgConnection, subject: &str) -> Result<Option<TicketId>> {
    let mut words = subject.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let number = words.find_map(|word| word.to_ascii_uppercase().parse::<TicketNumber>().ok());
    let Some(number) = number else { return Ok(None) };
    let ticket = sqlx::query_scalar!(
        r#"SELECT id AS "id: TicketId" FROM tickets WHERE ticket_number = $1 AND deleted_at IS NULL"#,
        number as _
    )
    .fetch_optional(tx)
    .await?;
    Ok(ticket)
}

/// Whether an address is one of those that a ticket concerns: its requester, one in copy, a watcher, one who wrote on it;
/// or its owner works tickets that they may see.
async fn takes_part(
    tx: &mut PgConnection,
    ticket: TicketId,
    email: &EmailAddress,
    account: Option<&Actor>,
) -> Result<bool> {
    if let Some(agent) = account.filter(|account| account.is_agent())
        && crate::tickets::commands::may_see(&mut *tx, agent, ticket).await?
    {
        return Ok(true);
    }
    let part = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM tickets WHERE id = $1 AND lower(requester_email) = $2)
             OR EXISTS (SELECT FROM ticket_ccs WHERE ticket_id = $1 AND lower(email) = $2)
             OR EXISTS (SELECT FROM ticket_watchers w JOIN users u ON u.id = w.user_id WHERE w.ticket_id = $1 AND lower(u.email) = $2 AND u.email_verified)
             OR EXISTS (SELECT FROM ticket_comments c LEFT JOIN users u ON u.id = c.user_id
                        WHERE c.ticket_id = $1 AND NOT c.is_internal AND (lower(c.author_email) = $2 OR (lower(u.email) = $2 AND u.email_verified))) AS "part!""#,
        ticket as _,
        email.as_str(),
    )
    .fetch_one(tx)
    .await?;
    Ok(part)
}
