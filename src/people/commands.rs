//! Changing people: signing in, registering, passwords, accounts, tokens.

use super::throttle::{self, ANONYMOUS_FORM, MAIL_PER_ADDRESS, SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS};
use super::{BuiltInRole, NewUser, UserId, password, rules, split_name};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::mail::outbox;
use crate::mail::templates::{self, TemplateName};
use crate::{
    Actor, EmailAddress, Error, Permission, Result, Timestamp, Validation, bounded, optional, secret, settings,
};
use serde_json::json;
use sqlx::PgConnection;

/// Checks an address and a password. The answer for an unknown account, a wrong password and a switched-off account
/// is the same, in words and in time. The caller gives the browser a fresh session.
pub async fn sign_in(desk: &Desk, actor: &Actor, email: &str, password: &str) -> Result<UserId> {
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
                "SELECT id, password_hash, email_verified FROM users WHERE lower(email) = $1 AND active AND deleted_at IS NULL",
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
    sqlx::query!("UPDATE users SET last_login_at = now() WHERE id = $1", user.id as _).execute(&desk.db).await?;
    audit::record(&desk.db, actor, AuditEntry::new("LOGIN", "USER").entity(user.id).by(user.id)).await?;
    Ok(user.id)
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
            give_role(&mut tx, user, BuiltInRole::EndUser.as_str()).await?;
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
    .ok_or_else(|| Error::invalid("token", "This link has been used already or is older than an hour."))?;
    sqlx::query!("DELETE FROM sessions WHERE user_id = $1", user as _).execute(&mut *tx).await?;
    let email = sqlx::query_scalar!("SELECT email FROM users WHERE id = $1", user as _).fetch_one(&mut *tx).await?;
    // The token came by mail: whoever has it reads what is sent to this address.
    crate::tickets::commands::claim_tickets(&mut tx, user, &email).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("PASSWORD_RESET", "USER").entity(user).by(user)).await?;
    tx.commit().await?;
    Ok(user)
}

/// Whoever writes to us is someone from then on: a REQUESTER without a password, whose address nobody has confirmed yet.
pub(crate) async fn add_sender(tx: &mut PgConnection, email: &EmailAddress, name: Option<&str>) -> Result<()> {
    let (first, last) = split_name(name.unwrap_or_default());
    sqlx::query!(
        "WITH made AS (INSERT INTO users (email, first_name, last_name) VALUES ($1, $2, $3)
           ON CONFLICT (lower(email)) WHERE deleted_at IS NULL DO NOTHING RETURNING id)
         INSERT INTO user_roles (user_id, role_id) SELECT made.id, r.id FROM made, roles r WHERE r.name = $4",
        email.as_str(),
        first,
        last,
        BuiltInRole::Requester.as_str(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what stands below one's own answers by mail; nothing, with an empty text. For those who work tickets.
pub async fn set_signature(desk: &Desk, actor: &Actor, text: &str) -> Result<()> {
    let user = actor.signed_in()?;
    actor.require(Permission::TicketUpdate)?;
    let text = optional("signature", Some(text), rules::SIGNATURE_MAX)?;
    sqlx::query!("UPDATE users SET signature = $2 WHERE id = $1", user as _, text).execute(&desk.db).await?;
    Ok(())
}

/// Makes an account with a role, as an administrator. Its address counts as confirmed.
pub async fn add_user(desk: &Desk, actor: &Actor, new: NewUser) -> Result<UserId> {
    actor.require(Permission::UserManage)?;
    let name = bounded("name", &new.name, 200)?;
    let hash = match new.password {
        Some(chosen) => {
            rules::check_new_password(&chosen)?;
            Some(password::hash(chosen).await?)
        }
        None => None,
    };
    let (first, last) = split_name(&name);
    let mut tx = desk.db.begin().await?;
    let user = sqlx::query_scalar!(
        "INSERT INTO users (email, password_hash, first_name, last_name, email_verified, created_by_id)
         VALUES ($1, $2, $3, $4, true, $5) RETURNING id",
        new.email.as_str(),
        hash,
        first,
        last,
        actor.user_id as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    give_role(&mut tx, user, &new.role).await?;
    crate::tickets::commands::claim_tickets(&mut tx, user, new.email.as_str()).await?;
    audit::record(
        &mut *tx,
        actor,
        AuditEntry::new("CREATE", "USER").entity(user).describe(format!("role {}", new.role)),
    )
    .await?;
    tx.commit().await?;
    Ok(user)
}

/// Makes an API token for the actor. This is the only time it can be read.
pub async fn create_token(desk: &Desk, actor: &Actor, name: &str, expires_in_days: Option<i32>) -> Result<String> {
    let user = actor.signed_in()?;
    let name = bounded("name", name, 100)?;
    if expires_in_days.is_some_and(|days| !(1..=3650).contains(&days)) {
        return Err(Error::invalid("expires", "Between 1 and 3650 days, please."));
    }
    let token = secret::new_token("oxd_");
    let expires = sqlx::query_scalar!(
        r#"INSERT INTO api_tokens (user_id, name, token_hash, expires_at)
           VALUES ($1, $2, $3, now() + make_interval(days => $4)) RETURNING expires_at AS "expires_at: Timestamp""#,
        user as _,
        name,
        secret::token_hash(&token),
        expires_in_days,
    )
    .fetch_one(&desk.db)
    .await?;
    let until = expires.map_or("never expires".to_owned(), |at| format!("expires {at}"));
    audit::record(&desk.db, actor, AuditEntry::new("CREATE", "API_TOKEN").describe(format!("{name}, {until}"))).await?;
    Ok(token)
}

async fn give_role(tx: &mut PgConnection, user: UserId, role: &str) -> Result<()> {
    let given = sqlx::query!(
        "INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = $2",
        user as _,
        role
    )
    .execute(tx)
    .await?;
    if given.rows_affected() == 1 { Ok(()) } else { Err(Error::invalid("role", "There is no such role.")) }
}

/// Counts what someone without an account does, per address.
async fn limit_anonymous(desk: &Desk, actor: &Actor, form: &str) -> Result<()> {
    match (&actor.user_id, &actor.address) {
        (None, Some(address)) => throttle::count(&desk.db, &format!("{form}:{address}"), ANONYMOUS_FORM).await,
        _ => Ok(()),
    }
}
