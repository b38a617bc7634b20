//! A second factor of one's own: set up, proved, renewed, taken away.

use super::accounts::locked;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::rules::check_within_reach;
use crate::people::rules::second_factor::{SECRET_BYTES, TypedCode, key_bytes, key_text, new_recovery_codes, step_of};
use crate::people::throttle::{self, CODES_PER_ACCOUNT};
use crate::people::{UserId, password};
use crate::secret::{SecretKey, token_hash};
use crate::{Actor, Error, Permission, Result, Timestamp, events};
use sqlx::PgConnection;

/// Makes a secret and recovery codes to be copied, after the password was typed once more: whoever finds a browser open does not
/// lock its owner out. Nothing is asked for at sign-in before [`confirm_second_factor`], within the hour; until then it may be made anew.
pub async fn prepare_second_factor(desk: &Desk, actor: &Actor, password: &str) -> Result<()> {
    let user = actor.signed_in()?;
    throttle::count(&desk.db, &key(user), CODES_PER_ACCOUNT).await?;
    let stored =
        sqlx::query_scalar!("SELECT password_hash FROM users WHERE id = $1", user as _).fetch_one(&desk.db).await?;
    if !password::verify(password.chars().take(1000).collect(), stored).await? {
        return Err(Error::invalid("password", "This is not your password."));
    }
    let secret: [u8; SECRET_BYTES] = rand::random();
    let prepared = sqlx::query!(
        "INSERT INTO second_factors AS f (user_id, secret, new_codes) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET secret = EXCLUDED.secret, new_codes = EXCLUDED.new_codes, created_at = now()
         WHERE f.confirmed_at IS NULL",
        user as _,
        desk.secret.seal(&key_text(&secret))?,
        seal_codes(desk, &new_recovery_codes())?,
    )
    .execute(&desk.db)
    .await?;
    match prepared.rows_affected() {
        0 => Err(Error::invalid("password", "You have a second factor already: turn it off first.")),
        _ => Ok(()),
    }
}

/// Turns it on, once a code shows that the telephone has the secret. The recovery codes count from now on.
pub async fn confirm_second_factor(desk: &Desk, actor: &Actor, code: &str) -> Result<()> {
    let user = actor.signed_in()?;
    let TypedCode::OneTime(code) = TypedCode::parse(code)? else {
        return Err(Error::invalid("code", "Six digits from the app, please: recovery codes are for later."));
    };
    throttle::count(&desk.db, &key(user), CODES_PER_ACCOUNT).await?;
    let mut tx = desk.db.begin().await?;
    let row = sqlx::query!(
        "SELECT secret, new_codes FROM second_factors
         WHERE user_id = $1 AND confirmed_at IS NULL AND created_at > now() - interval '1 hour' FOR UPDATE",
        user as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::invalid("code", "An hour has passed: begin again, please."))?;
    let step = step_of(&opened(&desk.secret, &row.secret)?, &code, Timestamp::now())?.ok_or_else(wrong_code)?;
    let codes = row.new_codes.and_then(|sealed| desk.secret.unseal(&sealed)).ok_or(Error::Internal)?;
    keep_codes(&mut tx, user, &codes).await?;
    sqlx::query!(
        "UPDATE second_factors SET confirmed_at = now(), last_step = $2, new_codes = NULL WHERE user_id = $1",
        user as _,
        step
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("CREATE", "SECOND_FACTOR").entity(user)).await?;
    events::access_changed(&mut tx, Some(user)).await?;
    tx.commit().await?;
    throttle::clear(&desk.db, &key(user)).await
}

/// Makes new recovery codes to be copied. The old ones count until [`keep_recovery_codes`].
pub async fn renew_recovery_codes(desk: &Desk, actor: &Actor, code: &str) -> Result<()> {
    let user = actor.signed_in()?;
    let code = counted(desk, user, code).await?;
    let mut tx = desk.db.begin().await?;
    prove(desk, &mut tx, actor, user, &code).await?;
    sqlx::query!(
        "UPDATE second_factors SET new_codes = $2 WHERE user_id = $1",
        user as _,
        seal_codes(desk, &new_recovery_codes())?
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    throttle::clear(&desk.db, &key(user)).await
}

/// The codes that were shown replace the old ones, and are shown no more.
pub async fn keep_recovery_codes(desk: &Desk, actor: &Actor) -> Result<()> {
    let user = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    let sealed = sqlx::query_scalar!(
        r#"SELECT new_codes AS "new_codes!" FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL AND new_codes IS NOT NULL FOR UPDATE"#,
        user as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let codes = desk.secret.unseal(&sealed).ok_or(Error::Internal)?;
    keep_codes(&mut tx, user, &codes).await?;
    sqlx::query!("UPDATE second_factors SET new_codes = NULL WHERE user_id = $1", user as _).execute(&mut *tx).await?;
    let entry = AuditEntry::new("UPDATE", "SECOND_FACTOR").entity(user).describe("new recovery codes");
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Turns one's own second factor off, with a last code of it.
pub async fn remove_second_factor(desk: &Desk, actor: &Actor, code: &str) -> Result<()> {
    let user = actor.signed_in()?;
    let code = counted(desk, user, code).await?;
    let mut tx = desk.db.begin().await?;
    prove(desk, &mut tx, actor, user, &code).await?;
    delete(&mut tx, actor, user, "by its owner").await?;
    tx.commit().await?;
    throttle::clear(&desk.db, &key(user)).await
}

/// Turns somebody's second factor off, who has neither telephone nor recovery codes any more. They are known by other means.
pub async fn reset_second_factor(desk: &Desk, actor: &Actor, user: UserId) -> Result<()> {
    actor.require(Permission::UserManage)?;
    if actor.user_id == Some(user) {
        return Err(Error::invalid("id", "Your own is turned off with a code of it, on your account's page."));
    }
    let mut tx = desk.db.begin().await?;
    let account = locked(&mut tx, user).await?;
    check_within_reach(actor, "id", &account.permissions)?;
    delete(&mut tx, actor, user, &account.email).await?;
    tx.commit().await?;
    Ok(())
}

/// Seals every secret of a second factor anew, as the installation's key changes: how many, and how many neither key opens.
pub async fn reseal_second_factors(desk: &Desk, actor: &Actor, old: &SecretKey) -> Result<(usize, usize)> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let rows = sqlx::query!(
        r#"SELECT user_id AS "user_id: UserId", secret, new_codes FROM second_factors ORDER BY user_id FOR UPDATE"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let open = |sealed: &str| old.unseal(sealed).or_else(|| desk.secret.unseal(sealed));
    let (mut sealed, mut lost) = (0, 0);
    for row in rows {
        let Some(secret) = open(&row.secret) else {
            lost += 1;
            continue;
        };
        let codes = row.new_codes.as_deref().and_then(open).map(|codes| desk.secret.seal(&codes)).transpose()?;
        sqlx::query!(
            "UPDATE second_factors SET secret = $2, new_codes = $3 WHERE user_id = $1",
            row.user_id as _,
            desk.secret.seal(&secret)?,
            codes
        )
        .execute(&mut *tx)
        .await?;
        sealed += 1;
    }
    tx.commit().await?;
    Ok((sealed, lost))
}

/// What was typed, counted as an attempt: also one that is refused stays counted.
pub(super) async fn counted(desk: &Desk, user: UserId, code: &str) -> Result<TypedCode> {
    let code = TypedCode::parse(code)?;
    throttle::count(&desk.db, &key(user), CODES_PER_ACCOUNT).await?;
    Ok(code)
}

/// Forgets the attempts, after one that was right.
pub(super) async fn forget_attempts(desk: &Desk, user: UserId) -> Result<()> {
    throttle::clear(&desk.db, &key(user)).await
}

/// Invalid at `code` unless it is this person's now. Each code is good once.
pub(super) async fn prove(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    user: UserId,
    code: &TypedCode,
) -> Result<()> {
    match code {
        TypedCode::OneTime(code) => {
            let row = sqlx::query!(
                "SELECT secret, last_step FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL FOR UPDATE",
                user as _
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or_else(wrong_code)?;
            let step = step_of(&opened(&desk.secret, &row.secret)?, code, Timestamp::now())?;
            let step = step.filter(|step| *step > row.last_step).ok_or_else(wrong_code)?;
            sqlx::query!("UPDATE second_factors SET last_step = $2 WHERE user_id = $1", user as _, step)
                .execute(tx)
                .await?;
        }
        TypedCode::Recovery(code) => {
            let used = sqlx::query!(
                "UPDATE recovery_codes SET used_at = now() WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
                user as _,
                token_hash(code)
            )
            .execute(&mut *tx)
            .await?;
            if used.rows_affected() == 0 {
                return Err(wrong_code());
            }
            let entry = AuditEntry::new("RECOVERY_CODE_USED", "SECOND_FACTOR").entity(user).by(user);
            audit::record(tx, actor, entry).await?;
        }
    }
    Ok(())
}

async fn delete(tx: &mut PgConnection, actor: &Actor, user: UserId, whose: &str) -> Result<()> {
    let deleted = sqlx::query!("DELETE FROM second_factors WHERE user_id = $1", user as _).execute(&mut *tx).await?;
    if deleted.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "SECOND_FACTOR").entity(user).describe(whose)).await?;
    events::access_changed(tx, Some(user)).await
}

/// Only their hashes are kept: they are too long to guess.
async fn keep_codes(tx: &mut PgConnection, user: UserId, codes: &str) -> Result<()> {
    let hashes: Vec<Vec<u8>> = codes.lines().map(|code| token_hash(&code.replace('-', ""))).collect();
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", user as _).execute(&mut *tx).await?;
    sqlx::query!("INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[])", user as _, &hashes)
        .execute(tx)
        .await?;
    Ok(())
}

fn seal_codes(desk: &Desk, codes: &[String]) -> Result<String> {
    desk.secret.seal(&codes.join("\n"))
}

fn opened(key: &SecretKey, sealed: &str) -> Result<[u8; SECRET_BYTES]> {
    let secret = key.unseal(sealed).and_then(|text| key_bytes(&text));
    secret.ok_or_else(|| Error::internal("a second factor's secret was sealed with another key"))
}

fn key(user: UserId) -> String {
    format!("code:{user}")
}

fn wrong_code() -> Error {
    Error::invalid("code", "This code is not right, or was used before. A new one comes every half minute.")
}
