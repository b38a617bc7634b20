//! Mail that was set aside: looked at, let in, or thrown away.

use super::intake::{self, judge};
use super::{Intake, QuarantinedMail, RawMailId};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::mail::parse::{self, ParsedMail};
use crate::{Actor, Error, Permission, Result};

/// The newest, after the one named.
pub async fn list_quarantine(
    desk: &Desk,
    actor: &Actor,
    after: Option<RawMailId>,
    limit: i64,
) -> Result<Vec<QuarantinedMail>> {
    actor.require(Permission::OutboxRead)?;
    let mails = sqlx::query_as!(
        QuarantinedMail,
        r#"SELECT r.id AS "id: RawMailId", e.name AS mailbox, r.sender, r.subject, coalesce(r.reason, '') AS "reason!",
             octet_length(r.bytes)::bigint AS "size!", r.received_at
           FROM raw_mails r JOIN email_configurations e ON e.id = r.email_configuration_id
           WHERE r.outcome = 'quarantined' AND ($1::uuid IS NULL OR r.id < $1) ORDER BY r.id DESC LIMIT $2"#,
        after.map(|mail| mail.0),
        limit
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(mails)
}

/// What a mail that was set aside says, as intake reads it.
pub async fn read_quarantined(desk: &Desk, actor: &Actor, id: RawMailId) -> Result<ParsedMail> {
    actor.require(Permission::OutboxRead)?;
    let bytes = sqlx::query_scalar!("SELECT bytes FROM raw_mails WHERE id = $1 AND outcome = 'quarantined'", id as _)
        .fetch_optional(&desk.db)
        .await?
        .ok_or(Error::NotFound)?;
    tokio::task::spawn_blocking(move || parse::parse(&bytes)).await.map_err(Error::internal)
}

/// Lets a mail in that was set aside: whatever spoke against its sender no longer counts. What cannot be read stays.
/// Whom a filter before us took for a spammer is let in from then on.
pub async fn release_mail(desk: &Desk, actor: &Actor, id: RawMailId) -> Result<Intake> {
    actor.require(Permission::OutboxRead)?;
    let mut tx = desk.db.begin().await?;
    let released = sqlx::query!(
        "UPDATE raw_mails r SET outcome = NULL, reason = NULL, is_released = true FROM raw_mails before
         WHERE r.id = $1 AND before.id = r.id AND r.outcome = 'quarantined' RETURNING before.reason, before.sender",
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    // The filter before us was wrong about this sender: that is remembered.
    if let (Some(judge::SPAM), Some(sender)) = (released.reason.as_deref(), released.sender) {
        sqlx::query!(
            "INSERT INTO mail_allows (email, created_by_id) VALUES (lower($1), $2) ON CONFLICT DO NOTHING",
            sender,
            actor.user_id as _
        )
        .execute(&mut *tx)
        .await?;
    }
    audit::record(&mut *tx, actor, AuditEntry::new("RELEASE", "RAW_MAIL").entity(id)).await?;
    tx.commit().await?;
    intake::process(desk, id).await
}

/// Throws a mail away that was set aside. Its key stays, so that it does not come again.
pub async fn delete_mail(desk: &Desk, actor: &Actor, id: RawMailId) -> Result<()> {
    actor.require(Permission::OutboxRead)?;
    let mut tx = desk.db.begin().await?;
    let deleted = sqlx::query!(
        "UPDATE raw_mails SET outcome = 'ignored', reason = 'It was thrown away.', bytes = '' WHERE id = $1 AND outcome = 'quarantined'",
        id as _
    )
    .execute(&mut *tx)
    .await?;
    if deleted.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "RAW_MAIL").entity(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Sets everything aside from now on that an address, or a whole domain, sends.
pub async fn block_sender(desk: &Desk, actor: &Actor, pattern: &str) -> Result<()> {
    actor.require(Permission::OutboxRead)?;
    let pattern = crate::bounded("pattern", pattern, 254)?.trim_start_matches('@').to_lowercase();
    let domain = pattern.rsplit('@').next().unwrap_or_default();
    if pattern.chars().count() < 3 || !domain.contains('.') || pattern.contains(char::is_whitespace) {
        return Err(Error::invalid("pattern", "An address or a domain, please."));
    }
    sqlx::query!(
        "INSERT INTO mail_blocks (pattern, created_by_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        pattern,
        actor.user_id as _
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}
