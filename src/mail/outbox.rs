//! Mails to be sent, written in the transaction that causes them.

use super::{OutboxMail, OutboxMailId};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::{Actor, EmailAddress, Permission, Result};
use sqlx::PgConnection;
use uuid::Uuid;

/// Subject and plain text of a mail.
#[derive(Debug, Clone)]
pub struct Mail {
    pub subject: String,
    pub body: String,
}

/// Writes a mail into the outbox. A second one with the same `key` is not written. Its Message-ID is chosen here, so
/// that sending it twice would still be one mail to its reader.
pub async fn queue(
    tx: &mut PgConnection,
    to: &EmailAddress,
    mail: &Mail,
    key: &str,
    ticket: Option<TicketId>,
) -> Result<()> {
    // A subject is one line, whatever a ticket's subject holds.
    let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    sqlx::query!(
        "INSERT INTO outbox (recipient, subject, body, message_id, idempotency_key, ticket_id)
         VALUES ($1, $2, $3, $4, encode(sha256(convert_to($5, 'UTF8')), 'hex'), $6) ON CONFLICT (idempotency_key) DO NOTHING",
        to.as_str(),
        subject,
        mail.body,
        format!("<{}@oxdesk.invalid>", Uuid::now_v7()),
        format!("{to}:{key}"),
        ticket as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The newest mails, after the one named.
pub async fn list_outbox(
    desk: &Desk,
    actor: &Actor,
    after: Option<OutboxMailId>,
    limit: i64,
) -> Result<Vec<OutboxMail>> {
    actor.require(Permission::OutboxRead)?;
    let mails = sqlx::query_as!(
        OutboxMail,
        r#"SELECT id AS "id: OutboxMailId", recipient, subject, body, sent_at, created_at FROM outbox
           WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"#,
        after.map(|mail| mail.0),
        limit
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(mails)
}
