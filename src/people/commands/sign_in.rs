//! Signing in, registering, and passwords.

use super::accounts::set_roles;
use super::organisations::join_by_domain;
use super::second_factor;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::mail::outbox;
use crate::mail::templates::{self, TemplateName};
use crate::people::throttle::{self, ANONYMOUS_FORM, MAIL_PER_ADDRESS, SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS};
use crate::people::{BuiltInRole, UserId, password, rules, split_name};
use crate::{Actor, EmailAddress, Error, Result, Validation, bounded, secret, settings};
use serde_json::json;
use sqlx::PgConnection;

/// What a right password opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedIn {
    /// The account. The caller gives the browser a fresh session.
    Whole(UserId),
    /// Nothing before [`enter_code`].
    WantsCode(UserId),
}

/// Checks an address and a password. The answer for an unknown account, a wrong password and a switched-off account
/// is the same, in words and in time.
pub async fn sign_in(desk: &Desk, actor: &Actor, email: &str, password: &str) -> Result<SignedIn> {
    let account_key = format!(
        "sign-in:account:{}",
        email.trim().to_lowercase().chars().filter(|c| !c.is_control()).take(254).collect::<String>()
    );
    let address_key = actor.address.as_ref().map(|address| format!("sign-in:address:{address}"));
    if let Some(key) = &address_key {
        throttle::count(&desk.db, key, SIGN_IN_PER_ADDRESS).await?;
    }
    throttle::count(&desk.db, &account_key, SIGN_IN_PER_ACCOUNT).await?;

    let row = match email.parse::<EmailAddress>() {
        Ok(email) => {
            sqlx::query!(
                r#"SELECT u.id, u.password_hash, u.email_verified,
                     EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS "wants_code!"
                   FROM users u WHERE lower(u.email) = $1 AND u.active AND u.deleted_at IS NULL"#,
                email.as_str()
            )
            .fetch_optional(&desk.db)
            .await?
        }
        Err(_) => None,
    };
    let stored = row.as_ref().and_then(|row| row.password_hash.clone());
    let too_long = password.chars().count() > rules::PASSWORD_MAX;
    let matches = password::verify(if too_long { String::new() } else { password.to_owned() }, stored).await?;
    let refused = || Error::invalid("password", "This address and password do not belong together.");
    let user = match row {
        Some(user) if matches && !too_long => user,
        _ => {
            audit::record(&desk.db, actor, AuditEntry::new("LOGIN_FAILED", "USER").describe(account_key)).await?;
            return Err(refused());
        }
    };
    if !user.email_verified && settings::queries::boolean(desk, "auth.email_verification_enabled").await? {
        return Err(Error::invalid("email", "Please confirm your address first: the link is in the mail we sent you."));
    }
    throttle::clear(&desk.db, &account_key).await?;
    if let Some(key) = &address_key {
        throttle::give_back(&desk.db, key).await?;
    }
    if user.wants_code {
        return Ok(SignedIn::WantsCode(user.id));
    }
    let mut tx = desk.db.begin().await?;
    note_sign_in(&mut tx, actor, user.id).await?;
    tx.commit().await?;
    Ok(SignedIn::Whole(user.id))
}

/// The second step, for somebody whose password was right a moment ago: a code of their app, or a recovery code.
pub async fn enter_code(desk: &Desk, actor: &Actor, user: UserId, code: &str) -> Result<()> {
    let code = second_factor::counted(desk, user, code).await?;
    let mut tx = desk.db.begin().await?;
    // Switched off meanwhile: then the first step was for nothing. Taken as it is written below: two at once would else wait in a
    // circle.
    sqlx::query!("SELECT id FROM users WHERE id = $1 AND active AND deleted_at IS NULL FOR NO KEY UPDATE", user as _)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Unauthenticated)?;
    if let Err(refused) = second_factor::prove(desk, &mut tx, actor, user, &code).await {
        drop(tx);
        let entry = AuditEntry::new("LOGIN_FAILED", "USER").entity(user).describe("the second factor");
        audit::record(&desk.db, actor, entry).await?;
        return Err(refused);
    }
    note_sign_in(&mut tx, actor, user).await?;
    tx.commit().await?;
    second_factor::forget_attempts(desk, user).await
}

async fn note_sign_in(tx: &mut PgConnection, actor: &Actor, user: UserId) -> Result<()> {
    sqlx::query!("UPDATE users SET last_login_at = now() WHERE id = $1", user as _).execute(&mut *tx).await?;
    audit::record(tx, actor, AuditEntry::new("LOGIN", "USER").entity(user).by(user)).await
}

/// Notes that the actor leaves; the browser's session is the caller's to end.
pub async fn sign_out(desk: &Desk, actor: &Actor) -> Result<()> {
    let Some(user) = actor.user_id else { return Ok(()) };
    audit::record(&desk.db, actor, AuditEntry::new("LOGOUT", "USER").entity(user)).await
}

/// What a person fills in to register.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    pub name: String,
    pub email: String,
    pub password: String,
}

/// Makes an END_USER account and sends the link that confirms the address. An address that already has an account
/// gets a mail saying so, and the form the same answer: nobody learns who has an account.
pub async fn register(desk: &Desk, actor: &Actor, form: Registration) -> Result<()> {
    if !settings::queries::boolean(desk, "auth.registration_enabled").await? {
        return Err(Error::Forbidden);
    }
    let mut check = Validation::default();
    let name = check.take(bounded("name", &form.name, 200));
    let email = check.try_take(form.email.parse::<EmailAddress>());
    check.take(rules::check_new_password(&form.password));
    check.finish()?;
    let Some(email) = email else { return Err(Error::Internal) };
    limit_anonymous(desk, actor, "register").await?;
    throttle::count(&desk.db, &format!("mail:{email}"), MAIL_PER_ADDRESS).await?;

    // Hashed before the account is looked up: both answers take as long.
    let hash = password::hash(form.password).await?;
    let (first, last) = split_name(&name);
    let token = secret::new_token("");
    let mut tx = desk.db.begin().await?;
    let made = sqlx::query_scalar!(
        "INSERT INTO users (email, password_hash, first_name, last_name, email_verification_token)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (lower(email)) WHERE deleted_at IS NULL DO NOTHING RETURNING id",
        email.as_str(),
        hash,
        first,
        last,
        secret::token_hash_hex(&token),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let mail = match made {
        Some(user) => {
            set_roles(&mut tx, user, &[BuiltInRole::EndUser.to_string()].into()).await?;
            audit::record(&mut *tx, actor, AuditEntry::new("CREATE", "USER").entity(user).by(user)).await?;
            let link = format!("{}/verify/{token}", desk.base_url);
            let values = json!({ "person": { "name": name }, "link": link, "desk": { "link": &*desk.base_url } });
            templates::queries::write(&mut *tx, TemplateName::Confirm, &values).await?
        }
        None => {
            let values = json!({ "desk": { "link": &*desk.base_url } });
            templates::queries::write(&mut *tx, TemplateName::Known, &values).await?
        }
    };
    outbox::queue(&mut tx, &email, &mail.into(), &format!("register:{token}"), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Confirms the address a token was mailed to, and hands its owner the tickets that came from it.
pub async fn verify_email(desk: &Desk, token: &str) -> Result<UserId> {
    let mut tx = desk.db.begin().await?;
    let user = sqlx::query!(
        "UPDATE users SET email_verified = true, email_verification_token = NULL
         WHERE email_verification_token = $1 AND deleted_at IS NULL RETURNING id, email",
        secret::token_hash_hex(token)
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::invalid("token", "This link has been used already or is not complete."))?;
    join_by_domain(&mut tx, user.id).await?;
    crate::tickets::commands::claim_tickets(&mut tx, user.id, &user.email).await?;
    tx.commit().await?;
    Ok(user.id)
}

/// Mails a link to choose a new password, good for an hour. The answer never says whether there is an account.
pub async fn request_password_reset(desk: &Desk, actor: &Actor, email: &str) -> Result<()> {
    if !settings::queries::boolean(desk, "auth.password_reset_enabled").await? {
        return Err(Error::Forbidden);
    }
    let email: EmailAddress = email.parse()?;
    limit_anonymous(desk, actor, "reset").await?;
    throttle::count(&desk.db, &format!("mail:{email}"), MAIL_PER_ADDRESS).await?;
    let token = secret::new_token("");
    let mut tx = desk.db.begin().await?;
    let known = sqlx::query!(
        "UPDATE users SET password_reset_token = $2, password_reset_expires = now() + interval '1 hour'
         WHERE lower(email) = $1 AND active AND deleted_at IS NULL",
        email.as_str(),
        secret::token_hash_hex(&token)
    )
    .execute(&mut *tx)
    .await?
    .rows_affected()
        > 0;
    if known {
        let link = format!("{}/reset/{token}", desk.base_url);
        let values = json!({ "link": link, "desk": { "link": &*desk.base_url } });
        let mail = templates::queries::write(&mut *tx, TemplateName::Reset, &values).await?;
        outbox::queue(&mut tx, &email, &mail.into(), &format!("reset:{token}"), None).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Sets a new password with the token from the mail, and ends every session of the account.
pub async fn reset_password(desk: &Desk, actor: &Actor, token: &str, new_password: String) -> Result<UserId> {
    rules::check_new_password(&new_password)?;
    limit_anonymous(desk, actor, "reset").await?;
    let hash = password::hash(new_password).await?;
    let mut tx = desk.db.begin().await?;
    let user = sqlx::query_scalar!(
        "UPDATE users SET password_hash = $2, password_reset_token = NULL, password_reset_expires = NULL,
           email_verified = true, email_verification_token = NULL, version = version + 1
         WHERE password_reset_token = $1 AND password_reset_expires > now() AND active AND deleted_at IS NULL
         RETURNING id",
        secret::token_hash_hex(token),
        hash
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::invalid("token", "This link has been used already or is too old."))?;
    sqlx::query!("DELETE FROM sessions WHERE user_id = $1", user as _).execute(&mut *tx).await?;
    let email = sqlx::query_scalar!("SELECT email FROM users WHERE id = $1", user as _).fetch_one(&mut *tx).await?;
    // The token came by mail: whoever has it reads what is sent to this address.
    join_by_domain(&mut tx, user).await?;
    crate::tickets::commands::claim_tickets(&mut tx, user, &email).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("PASSWORD_RESET", "USER").entity(user).by(user)).await?;
    tx.commit().await?;
    Ok(user)
}

/// Counts what someone without an account does, per address.
async fn limit_anonymous(desk: &Desk, actor: &Actor, form: &str) -> Result<()> {
    match (&actor.user_id, &actor.address) {
        (None, Some(address)) => throttle::count(&desk.db, &format!("{form}:{address}"), ANONYMOUS_FORM).await,
        _ => Ok(()),
    }
}
