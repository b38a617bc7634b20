//! Accounts, as administrators make and change them.

use super::organisations::{check_membership, join_by_domain};
use super::reach::Administrators;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::events;
use crate::mail::outbox;
use crate::mail::templates::{self, TemplateName};
use crate::people::rules::{self, check_account, check_within_reach};
use crate::people::throttle::{self, MAIL_PER_ADDRESS};
use crate::people::{AccountForm, BuiltInRole, NewUser, OrganisationId, UserId, display_name, password, split_name};
use crate::{Actor, EmailAddress, Error, Permission, Result, bounded, optional, secret};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// For so many days the link in an invitation works.
pub const INVITED_DAYS: i32 = 7;

/// Whoever writes to us is someone from then on: a REQUESTER without a password, whose address nobody has confirmed yet.
pub(crate) async fn add_sender(tx: &mut PgConnection, email: &EmailAddress, name: Option<&str>) -> Result<()> {
    let (first, last) = split_name(name.unwrap_or_default());
    sqlx::query!(
        "WITH made AS (INSERT INTO users (email, first_name, last_name, organisation_id) VALUES ($1, $2, $3, organisation_of($1))
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
    let mut new = new;
    let chosen = new.password.take();
    actor.require(Permission::UserManage)?;
    let hash = match chosen {
        Some(chosen) => {
            rules::check_new_password(&chosen)?;
            Some(password::hash(chosen).await?)
        }
        None => None,
    };
    let mut tx = desk.db.begin().await?;
    let user = add(&mut tx, actor, &new, hash).await?;
    tx.commit().await?;
    Ok(user)
}

/// Makes an account and mails its owner a link to choose a password.
pub async fn invite_user(desk: &Desk, actor: &Actor, new: NewUser) -> Result<UserId> {
    actor.require(Permission::UserManage)?;
    let mut tx = desk.db.begin().await?;
    let user = add(&mut tx, actor, &new, None).await?;
    mail_link(desk, &mut tx, actor, user).await?;
    tx.commit().await?;
    Ok(user)
}

/// Mails the owner of an account that is on a link to choose a password, the first one or a new one.
pub async fn mail_password_link(desk: &Desk, actor: &Actor, user: UserId) -> Result<()> {
    actor.require(Permission::UserManage)?;
    let mut tx = desk.db.begin().await?;
    let account = locked(&mut tx, user).await?;
    check_within_reach(actor, "id", &account.permissions)?;
    if !account.active {
        return Err(Error::invalid("id", "This account is switched off."));
    }
    throttle::count(&desk.db, &format!("invite:{user}"), MAIL_PER_ADDRESS).await?;
    mail_link(desk, &mut tx, actor, user).await?;
    let entry = AuditEntry::new("INVITE", "USER").entity(user).describe(&account.email);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes an account that was read in this version. Nobody gives, or takes away, more than they may do themselves, and
/// somebody who can let others in stays.
pub async fn change_user(desk: &Desk, actor: &Actor, user: UserId, form: &AccountForm) -> Result<()> {
    actor.require(Permission::UserManage)?;
    let (email, form) = check_account(form)?;
    let mut tx = desk.db.begin().await?;
    let administrators = Administrators::lock(&mut tx).await?;
    let before = locked(&mut tx, user).await?;
    if before.version != form.version {
        return Err(Error::Conflict { current: before.version });
    }
    let given = permissions_of(&mut tx, &form.roles).await?;
    check_within_reach(actor, "roles", &before.permissions.union(&given).copied().collect())?;
    let organisation = match form.organisation_id {
        None => before.organisation.clone(),
        Some(None) => None,
        Some(Some(id)) => match &before.organisation {
            Some(same) if same.0 == id => Some(same.clone()),
            _ => Some((id, check_membership(&mut tx, actor, id).await?)),
        },
    };
    sqlx::query!(
        "UPDATE users SET email = $2, first_name = $3, last_name = $4, phone = $5, time_zone = $6, organisation_id = $8,
           version = version + 1, updated_by_id = $7
         WHERE id = $1",
        user as _,
        email.as_str(),
        form.first_name,
        form.last_name,
        form.phone,
        form.time_zone,
        actor.user_id as _,
        organisation.as_ref().map(|(id, _)| *id) as _,
    )
    .execute(&mut *tx)
    .await?;
    set_roles(&mut tx, user, &form.roles).await?;
    administrators.remain(&mut tx, "roles").await?;
    if before.email.to_lowercase() != email.as_str() {
        // Links that went to the old address no longer work.
        sqlx::query!(
            "UPDATE users SET password_reset_token = NULL, password_reset_expires = NULL, email_verification_token = NULL, email_verified = true
             WHERE id = $1",
            user as _
        )
        .execute(&mut *tx)
        .await?;
        crate::tickets::commands::claim_tickets(&mut tx, user, email.as_str()).await?;
    }
    let name = |first: &Option<String>, last: &Option<String>, email: &str| {
        display_name(first.as_deref(), last.as_deref(), email)
    };
    let said = json!({
        "before": { "name": name(&before.first_name, &before.last_name, &before.email), "email": before.email, "phone": before.phone,
            "time_zone": before.time_zone, "roles": before.roles, "organisation": before.organisation.as_ref().map(|(_, name)| name) },
        "after": { "name": name(&form.first_name, &form.last_name, email.as_str()), "email": email, "phone": form.phone,
            "time_zone": form.time_zone, "roles": form.roles, "organisation": organisation.as_ref().map(|(_, name)| name) },
    });
    let entry = AuditEntry::new("UPDATE", "USER").entity(user).describe(&before.email).changes(said);
    audit::record(&mut *tx, actor, entry).await?;
    events::access_changed(&mut tx, Some(user)).await?;
    tx.commit().await?;
    Ok(())
}

/// Switches an account off, and every browser and token of it at once; or on again.
pub async fn switch_user(desk: &Desk, actor: &Actor, user: UserId, active: bool) -> Result<()> {
    actor.require(Permission::UserManage)?;
    if actor.user_id == Some(user) && !active {
        return Err(Error::invalid("active", "This is your own account."));
    }
    let mut tx = desk.db.begin().await?;
    let administrators = Administrators::lock(&mut tx).await?;
    let before = locked(&mut tx, user).await?;
    check_within_reach(actor, "active", &before.permissions)?;
    if before.active == active {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE users SET active = $2, password_reset_token = NULL, password_reset_expires = NULL, version = version + 1, updated_by_id = $3
         WHERE id = $1",
        user as _,
        active,
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    if !active {
        sqlx::query!("DELETE FROM sessions WHERE user_id = $1", user as _).execute(&mut *tx).await?;
        sqlx::query!("DELETE FROM api_tokens WHERE user_id = $1", user as _).execute(&mut *tx).await?;
        administrators.remain(&mut tx, "active").await?;
    }
    let said = json!({ "before": { "active": before.active }, "after": { "active": active } });
    let entry = AuditEntry::new("UPDATE", "USER").entity(user).describe(&before.email).changes(said);
    audit::record(&mut *tx, actor, entry).await?;
    events::access_changed(&mut tx, Some(user)).await?;
    tx.commit().await?;
    Ok(())
}

async fn add(tx: &mut PgConnection, actor: &Actor, new: &NewUser, hash: Option<String>) -> Result<UserId> {
    let name = bounded("name", &new.name, 200)?;
    let (first, last) = split_name(&name);
    for (part, text) in [("first", &first), ("last", &last)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > 100) {
            return Err(Error::invalid("name", format!("At most 100 characters for the {part} name, please.")));
        }
    }
    let roles = BTreeSet::from([new.role.clone()]);
    let given = permissions_of(tx, &roles).await.map_err(|error| crate::tickets::rules::rename(error, "role"))?;
    check_within_reach(actor, "role", &given)?;
    let user = sqlx::query_scalar!(
        r#"INSERT INTO users (email, password_hash, first_name, last_name, email_verified, created_by_id)
           VALUES ($1, $2, $3, $4, true, $5) RETURNING id AS "id: UserId""#,
        new.email.as_str(),
        hash,
        first,
        last,
        actor.user_id as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    set_roles(tx, user, &roles).await?;
    join_by_domain(tx, user).await?;
    crate::tickets::commands::claim_tickets(tx, user, new.email.as_str()).await?;
    let entry = AuditEntry::new("CREATE", "USER").entity(user).describe(format!("{}, {}", new.email, new.role));
    audit::record(tx, actor, entry).await?;
    Ok(user)
}

async fn mail_link(desk: &Desk, tx: &mut PgConnection, actor: &Actor, user: UserId) -> Result<()> {
    let token = secret::new_token("");
    let row = sqlx::query!(
        r#"UPDATE users SET password_reset_token = $2, password_reset_expires = now() + make_interval(days => $3) WHERE id = $1
           RETURNING email AS "email: EmailAddress", first_name, last_name"#,
        user as _,
        secret::token_hash_hex(&token),
        INVITED_DAYS,
    )
    .fetch_one(&mut *tx)
    .await?;
    let name = display_name(row.first_name.as_deref(), row.last_name.as_deref(), row.email.as_str());
    let link = format!("{}/reset/{token}", desk.base_url);
    let values =
        json!({ "person": { "name": name }, "by": actor.name, "link": link, "desk": { "link": &*desk.base_url } });
    let mail = templates::queries::write(&mut *tx, TemplateName::Invited, &values).await?;
    outbox::queue(tx, &row.email, &mail.into(), &format!("invite:{token}"), None).await
}

/// An account, its row taken.
pub(super) struct Locked {
    version: i32,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    phone: Option<String>,
    time_zone: String,
    active: bool,
    organisation: Option<(OrganisationId, String)>,
    pub roles: Vec<String>,
    pub permissions: BTreeSet<Permission>,
}

pub(super) async fn locked(tx: &mut PgConnection, user: UserId) -> Result<Locked> {
    let row = sqlx::query!(
        r#"SELECT u.version, u.email, u.first_name, u.last_name, u.phone, u.time_zone, u.active,
             o.id AS "organisation_id?: OrganisationId", o.name AS "organisation?"
           FROM users u LEFT JOIN organisations o ON o.id = u.organisation_id
           WHERE u.id = $1 AND u.deleted_at IS NULL FOR UPDATE OF u"#,
        user as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let roles = sqlx::query_scalar!(
        "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = $1 ORDER BY r.name",
        user as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let permissions = permissions_of(tx, &roles.iter().cloned().collect()).await?;
    Ok(Locked {
        version: row.version,
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        phone: row.phone,
        time_zone: row.time_zone,
        active: row.active,
        organisation: row.organisation_id.zip(row.organisation),
        roles,
        permissions,
    })
}

/// What these roles may do together; invalid where one of them is none.
async fn permissions_of(tx: &mut PgConnection, roles: &BTreeSet<String>) -> Result<BTreeSet<Permission>> {
    let names: Vec<String> = roles.iter().cloned().collect();
    let rows = sqlx::query!("SELECT name, permissions FROM roles WHERE name = ANY($1) FOR KEY SHARE", &names)
        .fetch_all(tx)
        .await?;
    if rows.len() < roles.len() {
        return Err(Error::invalid("roles", "There is no such role."));
    }
    Ok(rows.iter().flat_map(|row| &row.permissions).filter_map(|word| word.parse().ok()).collect())
}

pub(super) async fn set_roles(tx: &mut PgConnection, user: UserId, roles: &BTreeSet<String>) -> Result<()> {
    let names: Vec<String> = roles.iter().cloned().collect();
    sqlx::query!(
        "DELETE FROM user_roles ur USING roles r WHERE r.id = ur.role_id AND ur.user_id = $1 AND r.name <> ALL($2)",
        user as _,
        &names,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = ANY($2) ON CONFLICT DO NOTHING",
        user as _,
        &names,
    )
    .execute(tx)
    .await?;
    Ok(())
}
