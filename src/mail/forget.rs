//! Mail to and from somebody who is being forgotten.

use crate::Result;
use crate::people::Erased;
use sqlx::PgConnection;

/// Mails as they came from this person, and ours to them, are gone; that a mail came in is remembered, so that it does not come in
/// twice. Whoever kept this address out still does.
pub(crate) async fn forget_correspondent(tx: &mut PgConnection, who: &Erased) -> Result<()> {
    sqlx::query!(
        "UPDATE raw_mails SET outcome = CASE WHEN outcome IS NULL OR outcome = 'quarantined' THEN 'ignored' ELSE outcome END,
           reason = CASE WHEN outcome IS NULL OR outcome = 'quarantined' THEN 'Its sender was erased.' END,
           bytes = '', sender = NULL, subject = NULL
         WHERE lower(sender) = ANY($1)",
        &who.emails
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM outbox WHERE lower(recipient) = ANY($1)", &who.emails).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM mail_suppressions WHERE lower(email) = ANY($1)", &who.emails).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM mail_allows WHERE lower(email) = ANY($1)", &who.emails).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM mail_picture_senders WHERE lower(email) = ANY($1)", &who.emails).execute(tx).await?;
    Ok(())
}
