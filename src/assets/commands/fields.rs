//! Declaring what is to be known of assets.

use crate::assets::rules::check_asset_field;
use crate::assets::{ASSET_FIELDS_MAX, AssetFieldForm, AssetFieldId};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::fields::FieldKind;
use crate::{Actor, Error, Permission, Result};

/// Declares a field, or changes one, `version` being the one that was read. Its name and kind stay what they were: values of
/// assets stand under them. Assets that have something else there keep it until they are written again.
pub async fn save_asset_field(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(AssetFieldId, i32)>,
    form: &AssetFieldForm,
) -> Result<AssetFieldId> {
    actor.require(Permission::FieldManage)?;
    let mut tx = desk.db.begin().await?;
    let (mut form, mut known) = (form.clone(), None);
    if let Some((id, version)) = changes {
        let before = sqlx::query!(
            r#"SELECT name, kind AS "kind: FieldKind", version FROM asset_fields WHERE id = $1 FOR UPDATE"#,
            id as _
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?;
        if before.version != version {
            return Err(Error::Conflict { current: before.version });
        }
        (form.name, known) = (before.name, Some(before.kind));
    }
    let new = check_asset_field(&form, known)?;
    // Two at once would each find room for one.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('asset_fields'))").execute(&mut *tx).await?;
    let others = sqlx::query!(
        r#"SELECT count(*) AS "count!", count(*) FILTER (WHERE lower(name) = lower($1)) AS "same!" FROM asset_fields WHERE id IS DISTINCT FROM $2"#,
        new.name,
        changes.map(|(id, _)| id) as _
    )
    .fetch_one(&mut *tx)
    .await?;
    if others.same > 0 {
        return Err(Error::invalid("name", "There is a field of this name."));
    }
    if others.count >= ASSET_FIELDS_MAX as i64 {
        return Err(Error::invalid("name", format!("At most {ASSET_FIELDS_MAX} fields, please.")));
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO asset_fields (id, name, kind, help, choices, categories, required, position, updated_by_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, (SELECT coalesce(max(position), 0) + 1 FROM asset_fields)), $9)
           ON CONFLICT (id) DO UPDATE SET help = EXCLUDED.help, choices = EXCLUDED.choices, categories = EXCLUDED.categories,
             required = EXCLUDED.required, position = coalesce($8, asset_fields.position), updated_by_id = EXCLUDED.updated_by_id,
             version = asset_fields.version + 1
           RETURNING id AS "id: AssetFieldId""#,
        changes.map_or_else(AssetFieldId::new, |(id, _)| id) as _,
        new.name,
        new.kind.unwrap_or(FieldKind::Text) as _,
        new.help,
        &new.choices,
        &new.categories,
        new.required,
        new.position,
        actor.user_id as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let what = if changes.is_some() { "UPDATE" } else { "CREATE" };
    audit::record(&mut *tx, actor, AuditEntry::new(what, "ASSET_FIELD").entity(id).describe(&new.name)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes a field out of every form. What assets have under its name stays with them, as a line of their own.
pub async fn delete_asset_field(desk: &Desk, actor: &Actor, id: AssetFieldId) -> Result<()> {
    actor.require(Permission::FieldManage)?;
    let mut tx = desk.db.begin().await?;
    let name = sqlx::query_scalar!("DELETE FROM asset_fields WHERE id = $1 RETURNING name", id as _)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?;
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "ASSET_FIELD").entity(id).describe(&name)).await?;
    tx.commit().await?;
    Ok(())
}
