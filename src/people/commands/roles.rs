//! What roles may do.

use super::reach::Administrators;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::events;
use crate::people::rules::{ROLES_MAX, check_role, check_within_reach};
use crate::people::{BuiltInRole, RoleForm, RoleId};
use crate::{Actor, Error, Permission, Result};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Makes a role, or changes the one whose version was read. Only what the actor may do is given, or taken away.
pub async fn save_role(desk: &Desk, actor: &Actor, changes: Option<(RoleId, i32)>, form: &RoleForm) -> Result<RoleId> {
    actor.require(Permission::RoleManage)?;
    let form = check_role(form, changes.is_none())?;
    let mut tx = desk.db.begin().await?;
    let id = match changes {
        Some((role, version)) => change(&mut tx, actor, role, version, &form).await?,
        None => make(&mut tx, actor, &form).await?,
    };
    tx.commit().await?;
    Ok(id)
}

async fn make(tx: &mut PgConnection, actor: &Actor, form: &RoleForm) -> Result<RoleId> {
    check_within_reach(actor, "permissions", &form.permissions)?;
    Administrators::lock(tx).await?;
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM roles"#).fetch_one(&mut *tx).await?;
    if count >= ROLES_MAX as i64 {
        return Err(Error::invalid("name", format!("There are {ROLES_MAX} roles already.")));
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO roles (name, description, permissions, second_factor_days, second_factor_since)
           VALUES ($1, $2, $3, $4, CASE WHEN $4::smallint IS NOT NULL THEN now() END) RETURNING id AS "id: RoleId""#,
        form.name,
        form.description,
        &words(&form.permissions),
        form.second_factor_days,
    )
    .fetch_one(&mut *tx)
    .await?;
    let after = json!({ "name": form.name, "description": form.description, "permissions": form.permissions,
        "second_factor_days": form.second_factor_days });
    let entry = AuditEntry::new("CREATE", "ROLE").entity(id).describe(&form.name).changes(json!({ "after": after }));
    audit::record(tx, actor, entry).await?;
    Ok(id)
}

async fn change(tx: &mut PgConnection, actor: &Actor, id: RoleId, version: i32, form: &RoleForm) -> Result<RoleId> {
    let administrators = Administrators::lock(tx).await?;
    let before = sqlx::query!(
        "SELECT name, version, description, permissions, second_factor_days FROM roles WHERE id = $1 FOR UPDATE",
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    if before.version != version {
        return Err(Error::Conflict { current: before.version });
    }
    let had: BTreeSet<Permission> = before.permissions.iter().filter_map(|word| word.parse().ok()).collect();
    let changed: BTreeSet<Permission> = had.symmetric_difference(&form.permissions).copied().collect();
    if before.name == BuiltInRole::Admin.as_str() && !changed.is_empty() {
        return Err(Error::invalid("permissions", "Administrators may do everything: that stays so."));
    }
    check_within_reach(actor, "permissions", &changed)?;
    if before.second_factor_days != form.second_factor_days {
        check_within_reach(actor, "second_factor_days", &had)?;
    }
    // The days that people are given begin when they are told, not when they are told again.
    sqlx::query!(
        "UPDATE roles SET description = $2, permissions = $3, second_factor_days = $4::smallint,
           second_factor_since = CASE WHEN $4::smallint IS NULL THEN NULL ELSE coalesce(second_factor_since, now()) END,
           version = version + 1
         WHERE id = $1",
        id as _,
        form.description,
        &words(&form.permissions),
        form.second_factor_days,
    )
    .execute(&mut *tx)
    .await?;
    administrators.remain(tx, "permissions").await?;
    let said = json!({
        "before": { "description": before.description, "permissions": had, "second_factor_days": before.second_factor_days },
        "after": { "description": form.description, "permissions": form.permissions, "second_factor_days": form.second_factor_days },
    });
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "ROLE").entity(id).describe(before.name).changes(said))
        .await?;
    events::access_changed(tx, None).await?;
    Ok(id)
}

/// Deletes a role that nobody has.
pub async fn delete_role(desk: &Desk, actor: &Actor, id: RoleId) -> Result<()> {
    actor.require(Permission::RoleManage)?;
    let mut tx = desk.db.begin().await?;
    // Nobody is given it meanwhile: that takes a lock on this row, too.
    let role = sqlx::query!("SELECT name, built_in, permissions FROM roles WHERE id = $1 FOR UPDATE", id as _)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?;
    if role.built_in {
        return Err(Error::invalid("id", "Every desk has this role."));
    }
    let people = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM user_roles WHERE role_id = $1"#, id as _)
        .fetch_one(&mut *tx)
        .await?;
    match people {
        0 => {}
        1 => return Err(Error::invalid("id", "Someone has this role: give them another one first.")),
        many => {
            return Err(Error::invalid("id", format!("{many} people have this role: give them another one first.")));
        }
    }
    sqlx::query!("DELETE FROM roles WHERE id = $1", id as _).execute(&mut *tx).await?;
    let before = json!({ "before": { "permissions": role.permissions } });
    let entry = AuditEntry::new("DELETE", "ROLE").entity(id).describe(role.name).changes(before);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

fn words(permissions: &BTreeSet<Permission>) -> Vec<String> {
    permissions.iter().map(|permission| permission.to_string()).collect()
}
