//! The fields that are declared for assets.

use crate::assets::{ASSET_FIELDS_MAX, AssetField, AssetFieldId};
use crate::desk::Desk;
use crate::fields::FieldKind;
use crate::{Actor, Error, Permission, Result};
use sqlx::PgConnection;

/// All of them, in their order: for whoever sees assets, or declares fields.
pub async fn list_asset_fields(desk: &Desk, actor: &Actor) -> Result<Vec<AssetField>> {
    actor.signed_in()?;
    let may = [Permission::AssetRead, Permission::AssetWrite, Permission::FieldManage];
    if !may.into_iter().any(|one| actor.can(one)) {
        return Err(Error::Forbidden);
    }
    all_fields(&mut *desk.db.acquire().await?).await
}

/// Whoever asks has checked who they are.
pub(crate) async fn all_fields(tx: &mut PgConnection) -> Result<Vec<AssetField>> {
    let fields = sqlx::query_as!(
        AssetField,
        r#"SELECT id AS "id: AssetFieldId", name, kind AS "kind: FieldKind", help, choices, categories, required, position, version
           FROM asset_fields ORDER BY position, lower(name), id LIMIT $1"#,
        ASSET_FIELDS_MAX as i64
    );
    Ok(fields.fetch_all(tx).await?)
}
