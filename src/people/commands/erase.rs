//! Forgetting a person (GDPR, article 17).

use super::accounts::locked;
use super::reach::Administrators;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::rules::check_within_reach;
use crate::people::{Erased, UserId, throttle};
use crate::{Actor, Error, Permission, Result, events, mail, notifications, tickets, views};
use sqlx::PgConnection;

/// What an administrator says to have a person forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The person's address, typed once more.
    pub confirm: String,
    /// Whether the files that they sent go, too.
    pub with_files: bool,
}

/// Forgets a person. The account becomes one of nobody; what was theirs alone is deleted; their tickets stay, with neither their
/// name nor their address in what was written there, and so does what they did for others, done by nobody in particular. Their
/// mails as they came, and ours to them, are gone. This cannot be taken back.
pub async fn erase_person(desk: &Desk, actor: &Actor, user: UserId, asked: &Erasure) -> Result<()> {
    actor.require(Permission::UserManage)?;
    if actor.user_id == Some(user) {
        return Err(Error::invalid("confirm", "This is your own account."));
    }
    let mut tx = desk.db.begin().await?;
    let administrators = Administrators::lock(&mut tx).await?;
    let person = locked(&mut tx, user).await?;
    check_within_reach(actor, "confirm", &person.permissions)?;
    if !person.email.eq_ignore_ascii_case(asked.confirm.trim()) {
        return Err(Error::invalid("confirm", format!("Type {} to have this person erased.", person.email)));
    }
    let mut who = Erased { user, emails: former_addresses(&mut tx, user).await?, names: Vec::new() };
    who.emails.push(person.email.to_lowercase());
    // A single word is in too many texts that do not mean this person.
    if let (Some(first), Some(last)) = (&person.first_name, &person.last_name) {
        who.names.push(format!("{first} {last}"));
    }
    views::commands::hand_over_shared(&mut tx, user, actor.user_id).await?;
    let files = tickets::commands::forget_requester(&mut tx, &who, asked.with_files).await?;
    mail::forget_correspondent(&mut tx, &who).await?;
    notifications::commands::forget_name(&mut tx, &who).await?;
    throttle::forget(&mut tx, &who).await?;
    sqlx::query!("SELECT delete_what_is_theirs($1)", user as _).execute(&mut *tx).await?;
    empty_accounts(&mut tx, actor, &who).await?;
    administrators.remain(&mut tx, "confirm").await?;
    audit::record(&mut *tx, actor, AuditEntry::new("ERASE", "USER").entity(user)).await?;
    events::access_changed(&mut tx, Some(user)).await?;
    tx.commit().await?;
    for path in files {
        desk.files.discard(&path).await;
    }
    Ok(())
}

/// The addresses of accounts that were merged into this one.
async fn former_addresses(tx: &mut PgConnection, user: UserId) -> Result<Vec<String>> {
    let found =
        sqlx::query_scalar!(r#"SELECT lower(email) AS "email!" FROM users WHERE merged_into_id = $1"#, user as _);
    Ok(found.fetch_all(tx).await?)
}

/// This account, and those merged into it, say nothing of anybody any more.
async fn empty_accounts(tx: &mut PgConnection, actor: &Actor, who: &Erased) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET email = 'erased-' || id || $3, first_name = $4, last_name = NULL, phone = NULL, avatar = NULL, signature = NULL,
           skills = '{}', organisation_id = NULL, calendar_id = NULL, time_zone = 'UTC', language = 'en', password_hash = NULL,
           password_reset_token = NULL, password_reset_expires = NULL, email_verification_token = NULL, email_verified = false,
           last_login_at = NULL, active = false, away = false, merged_into_id = NULL, deleted_at = coalesce(deleted_at, now()),
           erased_at = now(), version = version + 1, updated_by_id = $2
         WHERE id = $1 OR merged_into_id = $1",
        who.user as _,
        actor.user_id as _,
        Erased::DOMAIN,
        Erased::NAME,
    )
    .execute(tx)
    .await?;
    Ok(())
}
