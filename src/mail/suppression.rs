//! Whom we send nothing to, and from whom we take nothing: visible, and cleared by a click.

use super::{MailBlock, Suppression};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result};

/// More than these are not shown.
const LIST_MAX: i64 = 500;

/// The addresses that take no mail, newest first.
pub async fn list_suppressions(desk: &Desk, actor: &Actor) -> Result<Vec<Suppression>> {
    actor.require(Permission::OutboxRead)?;
    let list = sqlx::query_as!(
        Suppression,
        "SELECT email, reason, created_at FROM mail_suppressions ORDER BY created_at DESC, email LIMIT $1",
        LIST_MAX
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(list)
}

/// Lets mail go to an address again.
pub async fn clear_suppression(desk: &Desk, actor: &Actor, email: &str) -> Result<()> {
    actor.require(Permission::OutboxRead)?;
    let mut tx = desk.db.begin().await?;
    let cleared =
        sqlx::query!("DELETE FROM mail_suppressions WHERE email = lower($1)", email).execute(&mut *tx).await?;
    if cleared.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "MAIL_SUPPRESSION").entity(email)).await?;
    tx.commit().await?;
    Ok(())
}

/// The senders that are not let in.
pub async fn list_blocks(desk: &Desk, actor: &Actor) -> Result<Vec<MailBlock>> {
    actor.require(Permission::OutboxRead)?;
    let list =
        sqlx::query_as!(MailBlock, "SELECT pattern, created_at FROM mail_blocks ORDER BY pattern LIMIT $1", LIST_MAX)
            .fetch_all(&desk.db)
            .await?;
    Ok(list)
}

/// The senders that are let in although a filter before us takes them for spammers.
pub async fn list_allows(desk: &Desk, actor: &Actor) -> Result<Vec<String>> {
    actor.require(Permission::OutboxRead)?;
    let list = sqlx::query_scalar!("SELECT email FROM mail_allows ORDER BY email LIMIT $1", LIST_MAX)
        .fetch_all(&desk.db)
        .await?;
    Ok(list)
}

/// Believes the filter about a sender again.
pub async fn forget_allow(desk: &Desk, actor: &Actor, email: &str) -> Result<()> {
    actor.require(Permission::OutboxRead)?;
    let gone = sqlx::query!("DELETE FROM mail_allows WHERE email = lower($1)", email).execute(&desk.db).await?;
    if gone.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Lets a sender in again.
pub async fn unblock_sender(desk: &Desk, actor: &Actor, pattern: &str) -> Result<()> {
    actor.require(Permission::OutboxRead)?;
    let gone = sqlx::query!("DELETE FROM mail_blocks WHERE pattern = lower($1)", pattern).execute(&desk.db).await?;
    if gone.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}
