//! What was said on a ticket, as plain text.

use super::ticket;
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::{Actor, Permission, Result};

/// So many of the newest messages are read.
const SAID_MAX: i64 = 60;

/// A ticket's talk, the oldest first: what was asked, then what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    pub subject: String,
    pub said: Vec<Said>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Someone who works here said it, not who asked.
    pub is_agent: bool,
    /// Between those who work here.
    pub is_note: bool,
    pub text: String,
}

/// For whoever sees the ticket; with its notes where that is asked for and they may be read.
pub async fn transcript(desk: &Desk, actor: &Actor, id: TicketId, with_notes: bool) -> Result<Transcript> {
    let ticket = ticket(desk, actor, id).await?;
    let rows = sqlx::query!(
        r#"SELECT comment, is_internal, user_id IS NOT NULL AND user_id IS DISTINCT FROM $4 AS "is_agent!" FROM ticket_comments
           WHERE ticket_id = $1 AND deleted_at IS NULL AND (NOT is_internal OR $2) ORDER BY created_at DESC LIMIT $3"#,
        id as _,
        with_notes && actor.can(Permission::NoteRead),
        SAID_MAX,
        ticket.requester_id as _
    )
    .fetch_all(&desk.db)
    .await?;
    let asked = Said { is_agent: false, is_note: false, text: ticket.description };
    let said =
        rows.into_iter().rev().map(|row| Said { is_agent: row.is_agent, is_note: row.is_internal, text: row.comment });
    Ok(Transcript { subject: ticket.subject, said: std::iter::once(asked).chain(said).collect() })
}
