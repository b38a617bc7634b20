//! Making and changing an asset.

use super::rows::{Written, insert_rows, update_rows};
use crate::assets::queries::{all_fields, push_seen};
use crate::assets::rules::{Checked, check_asset, check_declared, check_status};
use crate::assets::{AssetForm, AssetId, AssetStatus};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::UserId;
use crate::{Actor, Error, Permission, Result, optional};
use sqlx::{PgConnection, Postgres, QueryBuilder};

/// Makes an asset, with the year's next number, or changes one; `version` is the one that was read. Another owner is a
/// hand-over.
pub async fn save_asset(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(AssetId, i32)>,
    form: &AssetForm,
) -> Result<AssetId> {
    actor.require(Permission::AssetWrite)?;
    let mut new = check_asset(form)?;
    let mut tx = desk.db.begin().await?;
    let fields = all_fields(&mut tx).await?;
    new.custom_fields = check_declared(&fields, new.category.as_deref(), &new.custom_fields, true)?;
    check_owner(&mut tx, new.assigned_to_id).await?;
    let id = write(&mut tx, actor, changes, &new).await?;
    tx.commit().await?;
    Ok(id)
}

async fn write(
    tx: &mut PgConnection,
    actor: &Actor,
    changes: Option<(AssetId, i32)>,
    new: &Checked,
) -> Result<AssetId> {
    check_serial(tx, changes.map(|(id, _)| id), new).await?;
    let Some((id, version)) = changes else {
        let id = AssetId::new();
        insert_rows(tx, actor, &[Written { id, asset: new.clone() }]).await?;
        audit::record(&mut *tx, actor, AuditEntry::new("CREATE", "ASSET").entity(id).describe(&new.name)).await?;
        return Ok(id);
    };
    let before = lock(tx, actor, id).await?;
    if before.version != version {
        return Err(Error::Conflict { current: before.version });
    }
    check_status(before.status, new.status)?;
    update_rows(tx, actor, &[Written { id, asset: new.clone() }]).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "ASSET").entity(id).describe(&new.name)).await?;
    Ok(id)
}

pub(super) struct Before {
    pub name: String,
    pub status: AssetStatus,
    pub owner: Option<UserId>,
    pub version: i32,
}

/// Locks an asset that the actor may see.
pub(super) async fn lock(tx: &mut PgConnection, actor: &Actor, id: AssetId) -> Result<Before> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id, a.name, a.status, a.assigned_to_id, a.version FROM assets a WHERE a.deleted_at IS NULL AND a.id = ",
    );
    query.push_bind(id).push(" AND ");
    push_seen(&mut query, actor);
    query.push(" FOR UPDATE");
    let row: Option<(AssetId, String, AssetStatus, Option<UserId>, i32)> =
        query.build_query_as().fetch_optional(tx).await?;
    let (_, name, status, owner, version) = row.ok_or(Error::NotFound)?;
    Ok(Before { name, status, owner, version })
}

/// Locks an asset whose files the actor may change.
pub(crate) async fn lock_to_attach(tx: &mut PgConnection, actor: &Actor, id: AssetId) -> Result<()> {
    actor.require(Permission::AssetWrite)?;
    lock(tx, actor, id).await.map(drop)
}

async fn check_owner(tx: &mut PgConnection, owner: Option<UserId>) -> Result<()> {
    let Some(owner) = owner else { return Ok(()) };
    let known = sqlx::query_scalar!("SELECT id FROM users WHERE id = $1 AND deleted_at IS NULL FOR SHARE", owner as _);
    match known.fetch_optional(tx).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid("assigned_to_id", "There is no such person.")),
    }
}

/// Who has the number already is said, instead of that it is taken.
async fn check_serial(tx: &mut PgConnection, own: Option<AssetId>, new: &Checked) -> Result<()> {
    let Some(serial) = &new.serial_number else { return Ok(()) };
    // Two made at once wait for each other.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('serial:' || lower($1)))", serial).execute(&mut *tx).await?;
    let other = sqlx::query_scalar!(
        "SELECT asset_number FROM assets WHERE lower(serial_number) = lower($1) AND lower(coalesce(manufacturer, '')) = lower(coalesce($2, ''))
           AND deleted_at IS NULL AND ($3::uuid IS NULL OR id <> $3)",
        serial,
        new.manufacturer,
        own as _
    )
    .fetch_optional(tx)
    .await?;
    match other {
        Some(number) => Err(Error::invalid("serial_number", format!("{number} has this number."))),
        None => Ok(()),
    }
}

/// The longest note of a hand-over.
const NOTE_MAX: usize = 1000;

/// Hands an asset to someone, or back; the status stays.
pub async fn hand_over(
    desk: &Desk,
    actor: &Actor,
    asset: AssetId,
    to: Option<UserId>,
    note: Option<&str>,
) -> Result<()> {
    actor.require(Permission::AssetWrite)?;
    let note = optional("note", note, NOTE_MAX)?;
    let mut tx = desk.db.begin().await?;
    let before = lock(&mut tx, actor, asset).await?;
    check_owner(&mut tx, to).await?;
    if to.is_some() && before.status == AssetStatus::Retired {
        return Err(Error::invalid("to", "What is retired belongs to nobody."));
    }
    if before.owner == to {
        return Err(Error::invalid("to", "They have it already."));
    }
    note_handover(&mut tx, actor, asset, (before.owner, to), note.as_deref()).await?;
    sqlx::query!(
        "UPDATE assets SET assigned_to_id = $2, assigned_at = CASE WHEN $2::uuid IS NULL THEN NULL ELSE now() END, updated_by_id = $3, version = version + 1 WHERE id = $1",
        asset as _,
        to as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "ASSET").entity(asset).describe(&before.name)).await?;
    tx.commit().await?;
    Ok(())
}

async fn note_handover(
    tx: &mut PgConnection,
    actor: &Actor,
    asset: AssetId,
    (from, to): (Option<UserId>, Option<UserId>),
    note: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO asset_handovers (asset_id, from_id, to_id, note, by_id) VALUES ($1, $2, $3, $4, $5)",
        asset as _,
        from as _,
        to as _,
        note,
        actor.user_id as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes an asset; it can be restored, with what stood to it.
pub async fn delete_asset(desk: &Desk, actor: &Actor, asset: AssetId) -> Result<()> {
    actor.require(Permission::AssetWrite)?;
    let mut tx = desk.db.begin().await?;
    let before = lock(&mut tx, actor, asset).await?;
    sqlx::query!(
        "UPDATE assets SET deleted_at = now(), updated_by_id = $2 WHERE id = $1",
        asset as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "ASSET").entity(asset).describe(&before.name)).await?;
    tx.commit().await?;
    Ok(())
}

/// Brings a deleted asset back, unless another has its serial number by now.
pub async fn restore_asset(desk: &Desk, actor: &Actor, asset: AssetId) -> Result<()> {
    actor.require(Permission::AssetWrite)?;
    let mut tx = desk.db.begin().await?;
    let row = sqlx::query!(
        "SELECT name, manufacturer, serial_number FROM assets WHERE id = $1 AND deleted_at IS NOT NULL FOR UPDATE",
        asset as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let other = sqlx::query_scalar!(
        "SELECT asset_number FROM assets WHERE lower(serial_number) = lower($1) AND lower(coalesce(manufacturer, '')) = lower(coalesce($2, '')) AND deleted_at IS NULL",
        row.serial_number,
        row.manufacturer
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(number) = other {
        return Err(Error::invalid("serial_number", format!("{number} has its serial number now.")));
    }
    sqlx::query!(
        "UPDATE assets SET deleted_at = NULL, updated_by_id = $2 WHERE id = $1",
        asset as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("RESTORE", "ASSET").entity(asset).describe(&row.name)).await?;
    tx.commit().await?;
    Ok(())
}
