//! Mails to be sent, written in the transaction that causes them.

use super::templates::Rendered;
use super::{DeliveryState, MailboxId, OutboxMail, OutboxMailId};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::tickets::{CommentId, TicketId};
use crate::{Actor, EmailAddress, Error, Permission, Result, jobs};
use serde_json::json;
use sqlx::PgConnection;

/// Subject and plain text of a mail.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    pub subject: String,
    pub body: String,
    /// The comment that it carries, which a person wrote; without one, the mail is automatic (RFC 3834).
    pub comment: Option<CommentId>,
    /// Only those who read notes may know it: its answer is a note.
    pub is_internal: bool,
    /// The path that ends mails of its kind: what a person may have without.
    pub unsubscribe: Option<String>,
}

impl From<Rendered> for Mail {
    fn from(Rendered { subject, body }: Rendered) -> Self {
        Self { subject, body, ..Self::default() }
    }
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
             ORDER BY (e.id = (SELECT email_configuration_id FROM tickets WHERE id = $5)) DESC NULLS LAST, e.created_at, e.id LIMIT 1),
           written AS (INSERT INTO outbox (recipient, subject, body, message_id, idempotency_key, ticket_id, comment_id, is_automatic,
             email_configuration_id, state, is_internal, unsubscribe)
           SELECT $1, $2, $3, uuidv7() || '@' || coalesce((SELECT domain FROM mailbox), 'oxdesk.invalid'),
             encode(sha256(convert_to($4, 'UTF8')), 'hex'), $5, $6::uuid, $6::uuid IS NULL, (SELECT id FROM mailbox),
             CASE WHEN EXISTS (SELECT FROM mail_suppressions WHERE email = lower($1)) THEN 'SUPPRESSED' ELSE 'WAITING' END,
             $7, $8
           ON CONFLICT (idempotency_key) DO NOTHING
           RETURNING id, message_id, ticket_id, email_configuration_id IS NOT NULL AND state = 'WAITING' AS goes),
           known AS (INSERT INTO ticket_messages (message_id, ticket_id, kind)
             SELECT message_id, ticket_id, 'SENT' FROM written WHERE ticket_id IS NOT NULL ON CONFLICT DO NOTHING)
           SELECT id AS "id: OutboxMailId", goes AS "goes!" FROM written"#,
        to.as_str(),
        subject,
        mail.body,
        format!("{to}:{key}"),
        ticket as _,
        mail.comment as _,
        mail.is_internal,
        mail.unsubscribe,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(written) = written else { return Ok(()) };
    if written.goes {
        jobs::enqueue(tx, jobs::SEND_MAIL, &json!({ "id": written.id }), &format!("mail:{}", written.id)).await?;
    }
    Ok(())
}

/// Has a mail sent that was given up, or that no mailbox could send when it was written. NotFound for any other;
/// invalid while there is no mailbox to send from, and where its receiver takes no mail.
pub async fn send_again(desk: &Desk, actor: &Actor, id: OutboxMailId) -> Result<()> {
    actor.require(Permission::OutboxRead)?;
    let mut tx = desk.db.begin().await?;
    let mail = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM mail_suppressions WHERE email = lower(o.recipient)) AS "is_suppressed!",
             m.id AS "mailbox?: MailboxId"
           FROM outbox o
           LEFT JOIN LATERAL (SELECT e.id FROM email_configurations e
             WHERE e.active AND e.smtp_host IS NOT NULL AND e.smtp_from_email IS NOT NULL
             ORDER BY (e.id = o.email_configuration_id) DESC NULLS LAST, e.created_at, e.id LIMIT 1) m ON true
           WHERE o.id = $1 AND (o.state = 'FAILED' OR (o.state = 'WAITING' AND o.email_configuration_id IS NULL))
           FOR UPDATE OF o"#,
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let Some(mailbox) = mail.mailbox else {
        return Err(Error::invalid("id", "There is no mailbox to send from."));
    };
    if mail.is_suppressed {
        return Err(Error::invalid("id", "Mail to this address came back for good: nothing is sent there."));
    }
    sqlx::query!(
        "UPDATE outbox SET state = 'WAITING', attempts = 0, last_error = NULL, email_configuration_id = $2 WHERE id = $1",
        id as _,
        mailbox as _
    )
    .execute(&mut *tx)
    .await?;
    jobs::enqueue(&mut tx, jobs::SEND_MAIL, &json!({ "id": id }), &format!("mail:{id}")).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("SEND_AGAIN", "OUTBOX").entity(id)).await?;
    tx.commit().await?;
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
        r#"SELECT id AS "id: OutboxMailId", recipient, subject, body, state AS "state: DeliveryState", last_error, sent_at, created_at,
             (state = 'FAILED' OR (state = 'WAITING' AND email_configuration_id IS NULL)) AND EXISTS (SELECT FROM email_configurations e
               WHERE e.active AND e.smtp_host IS NOT NULL AND e.smtp_from_email IS NOT NULL) AS "is_stuck!"
           FROM outbox WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"#,
        after.map(|mail| mail.0),
        limit
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(mails)
}

/// Mails to an address that are still kept, for whose it is to take along. What a link in them opens is left out with the text.
pub(crate) async fn mails_to_person(
    db: &sqlx::PgPool,
    email: &str,
    after: uuid::Uuid,
    limit: i64,
) -> Result<Vec<crate::people::Kept>> {
    let rows = sqlx::query_as!(
        crate::people::Kept,
        r#"SELECT id AS "id: _", jsonb_build_object('subject', subject, 'at', created_at, 'sent_at', sent_at) AS "data!"
           FROM outbox WHERE lower(recipient) = lower($1) AND id > $2 ORDER BY id LIMIT $3"#,
        email,
        after,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}
