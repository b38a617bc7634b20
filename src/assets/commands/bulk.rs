//! Several assets changed together.

use super::rows::{Written, form_of, update_rows};
use crate::assets::queries::assets_by_id;
use crate::assets::rules::{check_asset, check_status};
use crate::assets::{AssetForm, AssetId, AssetPatch};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::tickets::rules::rename;
use crate::{Actor, Error, Permission, Result};

/// So many at once.
pub const CHANGED_MAX: usize = 500;

/// Changes all of them or, where one may not, none; answers how many.
pub async fn change_assets(desk: &Desk, actor: &Actor, ids: &[AssetId], patch: &AssetPatch) -> Result<usize> {
    actor.require(Permission::AssetWrite)?;
    if ids.is_empty() {
        return Err(Error::invalid("ids", "Choose some first."));
    }
    if ids.len() > CHANGED_MAX {
        return Err(Error::invalid("ids", format!("At most {CHANGED_MAX} at once, please.")));
    }
    let mut ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    ids.sort();
    ids.dedup();
    let mut tx = desk.db.begin().await?;
    sqlx::query!("SELECT id FROM assets WHERE id = ANY($1) ORDER BY id FOR UPDATE", &ids).fetch_all(&mut *tx).await?;
    let before = assets_by_id(&mut tx, &ids).await?;
    if before.len() < ids.len() {
        return Err(Error::NotFound);
    }
    let mut changed = Vec::new();
    for asset in &before {
        let was = form_of(asset);
        let form = AssetForm {
            status: patch.status.or(was.status),
            category: patch.category.clone().or(was.category.clone()),
            location: patch.location.clone().or(was.location.clone()),
            ..was.clone()
        };
        let named = |error: Error| match error {
            Error::Invalid(fields) => {
                let said = fields.into_values().next().unwrap_or_default();
                Error::invalid("ids", format!("{}: {said}", asset.asset_number))
            }
            error => rename(error, "ids"),
        };
        check_status(asset.status, form.status.unwrap_or(asset.status)).map_err(named)?;
        let checked = check_asset(&form).map_err(named)?;
        if form != was {
            changed.push(Written { id: asset.id, asset: checked });
        }
    }
    update_rows(&mut tx, actor, &changed).await?;
    let told = format!("{} changed together", changed.len());
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "ASSET").describe(told)).await?;
    tx.commit().await?;
    Ok(changed.len())
}
