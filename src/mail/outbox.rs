//! Mails to be sent, written in the transaction that causes them.

use super::{DeliveryState, OutboxMail, OutboxMailId};
use crate::desk::Desk;
use crate::tickets::{CommentId, TicketId};
use crate::{Actor, EmailAddress, Permission, Result, jobs};
use serde_json::json;
use sqlx::PgConnection;

/// Subject and plain text of a mail.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    pub subject: String,
    pub body: String,
    /// The comment that it carries, which a person wrote; without one, the mail is automatic (RFC 3834).
    pub comment: Option<CommentId>,
}

/// Writes a mail into the outbox and has it sent, if there is a mailbox to send from: the ticket's own, else the oldest.
/// A second one with the same `key` is not written. Its Message-ID is chosen here, so that sending it twice would still
/// be one mail to its reader. To an address that takes no mail it is written, and not sent.
pub async fn queue(
    tx: &mut PgConnection,
    to: &EmailAddress,
    mail: &Mail,
    key: &str,
    ticket: Option<TicketId>,
) -> Result<()> {
    // A subject is one line, whatever a ticket's subject holds.
    let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let written = sqlx::query!(
        r#"WITH mailbox AS (
             SELECT e.id, split_part(e.smtp_from_email, '@', 2) AS domain FROM email_configurations e
             WHERE e.active AND e.smtp_host IS NOT NULL AND e.smtp_from_email IS NOT NULL
             ORDER BY (e.id = (SELECT email_configuration_id FROM tickets WHERE id = $5)) DESC NULLS LAST, e.created_at, e.id LIMIT 1)
           INSERT INTO outbox (recipient, subject, body, message_id, idempotency_key, ticket_id, comment_id, is_automatic,
             email_configuration_id, state)
           SELECT $1, $2, $3, uuidv7() || '@' || coalesce((SELECT domain FROM mailbox), 'oxdesk.invalid'),
             encode(sha256(convert_to($4, 'UTF8')), 'hex'), $5, $6::uuid, $6::uuid IS NULL, (SELECT id FROM mailbox),
             CASE WHEN EXISTS (SELECT FROM mail_suppressions WHERE email = lower($1)) THEN 'SUPPRESSED' ELSE 'WAITING' END
           ON CONFLICT (idempotency_key) DO NOTHING
           RETURNING id AS "id: OutboxMailId", message_id, email_configuration_id IS NOT NULL AND state = 'WAITING' AS "goes!""#,
        to.as_str(),
        subject,
        mail.body,
        format!("{to}:{key}"),
        ticket as _,
        mail.comment as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(written) = written else { return Ok(()) };
    if let Some(ticket) = ticket {
        sqlx::query!(
            "INSERT INTO ticket_messages (message_id, ticket_id, kind) VALUES ($1, $2, 'SENT') ON CONFLICT DO NOTHING",
            written.message_id,
            ticket as _
        )
        .execute(&mut *tx)
        .await?;
    }
    if written.goes {
        jobs::enqueue(tx, jobs::SEND_MAIL, &json!({ "id": written.id }), &format!("mail:{}", written.id)).await?;
    }
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
        r#"SELECT id AS "id: OutboxMailId", recipient, subject, body, state AS "state: DeliveryState", last_error, sent_at, created_at
           FROM outbox WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"#,
        after.map(|mail| mail.0),
        limit
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(mails)
}
