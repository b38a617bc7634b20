//! Two accounts that turned out to be one person.

use super::accounts::{Locked, locked};
use super::reach::Administrators;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::UserId;
use crate::people::rules::check_within_reach;
use crate::tickets::rules::rename;
use crate::{Actor, EmailAddress, Error, Permission, Result, changes, events, tickets};
use serde_json::json;
use sqlx::PgConnection;

/// Everything of `former` becomes `into`'s: tickets, assets, what they wrote and did, teams. What `into` is and may do stays as it
/// is; only what it did not say of itself, a name or a telephone number, is taken over. `former` can no longer sign in, and mail
/// from its address counts as `into`'s. This cannot be taken back. The audit log goes on saying who it was then.
pub async fn merge_people(desk: &Desk, actor: &Actor, former: UserId, into: &str) -> Result<UserId> {
    actor.require(Permission::UserManage)?;
    let email: EmailAddress = into.trim().parse().map_err(|error| rename(error, "into"))?;
    let mut tx = desk.db.begin().await?;
    let administrators = Administrators::lock(&mut tx).await?;
    let into = sqlx::query_scalar!(
        r#"SELECT id AS "id: UserId" FROM users WHERE lower(email) = lower($1) AND deleted_at IS NULL"#,
        email.as_str()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::invalid("into", "Nobody has this address."))?;
    if into == former {
        return Err(Error::invalid("into", "This is the same account."));
    }
    if actor.user_id == Some(former) {
        return Err(Error::invalid("into", "This is your own account: merge the other one into it."));
    }
    // In one order, whichever way round: two opposite ones wait for each other, not in a circle.
    lock_both(&mut tx, former, into).await?;
    let (gone, stays) = (locked(&mut tx, former).await?, locked(&mut tx, into).await?);
    check_within_reach(actor, "into", &gone.permissions.union(&stays.permissions).copied().collect())?;
    changes::commands::merge_approvals(&mut tx, former, into).await?;
    tickets::commands::hand_over_tickets(&mut tx, (former, &gone.email), (into, &stays.email)).await?;
    move_references(&mut tx, former, into).await?;
    close_account(&mut tx, actor, former, into).await?;
    administrators.remain(&mut tx, "into").await?;
    tell(&mut tx, actor, (former, &gone), (into, &stays)).await?;
    for one in [former, into] {
        events::access_changed(&mut tx, Some(one)).await?;
    }
    tx.commit().await?;
    Ok(into)
}

async fn lock_both(tx: &mut PgConnection, one: UserId, other: UserId) -> Result<()> {
    sqlx::query!("SELECT id FROM users WHERE id IN ($1, $2) ORDER BY id FOR UPDATE", one as _, other as _)
        .fetch_all(tx)
        .await?;
    Ok(())
}

/// What a person may do, what opens the account, and how they like to be told stay the remaining person's own.
async fn move_references(tx: &mut PgConnection, former: UserId, into: UserId) -> Result<()> {
    sqlx::query!(
        "SELECT move_references($1, $2, ARRAY['audit_logs', 'user_roles', 'sessions', 'api_tokens', 'idempotency_keys',
           'notification_preferences', 'notification_schedules', 'second_factors']::regclass[])",
        former as _,
        into as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("SELECT delete_what_is_theirs($1)", former as _).execute(tx).await?;
    Ok(())
}

async fn close_account(tx: &mut PgConnection, actor: &Actor, former: UserId, into: UserId) -> Result<()> {
    sqlx::query!(
        "UPDATE users r SET first_name = CASE WHEN r.first_name IS NULL AND r.last_name IS NULL THEN f.first_name ELSE r.first_name END,
           last_name = CASE WHEN r.first_name IS NULL AND r.last_name IS NULL THEN f.last_name ELSE r.last_name END,
           phone = coalesce(r.phone, f.phone), organisation_id = coalesce(r.organisation_id, f.organisation_id),
           version = r.version + 1, updated_by_id = $3
         FROM users f WHERE f.id = $1 AND r.id = $2",
        former as _,
        into as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE users SET merged_into_id = $2, deleted_at = now(), active = false, password_hash = NULL, password_reset_token = NULL,
           password_reset_expires = NULL, email_verification_token = NULL, version = version + 1, updated_by_id = $3
         WHERE id = $1",
        former as _,
        into as _,
        actor.user_id as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn tell(
    tx: &mut PgConnection,
    actor: &Actor,
    (former, gone): (UserId, &Locked),
    (into, stays): (UserId, &Locked),
) -> Result<()> {
    let said =
        json!({ "before": { "email": gone.email, "roles": gone.roles }, "after": { "merged_into": stays.email } });
    let entry =
        AuditEntry::new("MERGE", "USER").entity(former).describe(format!("{} into {}", gone.email, stays.email));
    audit::record(&mut *tx, actor, entry.changes(said)).await?;
    let entry =
        AuditEntry::new("MERGE", "USER").entity(into).describe(format!("{} came to {}", gone.email, stays.email));
    audit::record(tx, actor, entry).await
}
