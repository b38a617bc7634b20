//! How assets stand to each other.

use super::save::lock;
use crate::assets::{AssetId, RelationId, RelationType};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, optional};
use sqlx::PgConnection;

/// One asset has so many relations at most, either way.
pub const RELATIONS_MAX: i64 = 2000;
const DESCRIPTION_MAX: usize = 500;

/// Says that `source` contains, needs, … `target`. The same again is no error. Nothing contains itself, nor needs itself to
/// run, however far around.
pub async fn relate_assets(
    desk: &Desk,
    actor: &Actor,
    source: AssetId,
    kind: RelationType,
    target: AssetId,
    description: Option<&str>,
) -> Result<RelationId> {
    actor.require(Permission::AssetWrite)?;
    if source == target {
        return Err(Error::invalid("target", "An asset cannot stand to itself."));
    }
    let description = optional("description", description, DESCRIPTION_MAX)?;
    let mut tx = desk.db.begin().await?;
    // Two made at once could close a circle that neither sees.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('asset_relationships'))").execute(&mut *tx).await?;
    let (one, two) = (lock(&mut tx, actor, source).await?, lock(&mut tx, actor, target).await?);
    if kind.forbids_circles() && leads_to(&mut tx, target, source, kind).await? {
        let (says, _) = kind.labels();
        return Err(Error::invalid(
            "target",
            format!("{} {says} {} already, if by way of others.", two.name, one.name),
        ));
    }
    let there = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM asset_relationships WHERE source_asset_id = $1 OR target_asset_id = $1"#,
        source as _
    );
    if there.fetch_one(&mut *tx).await? >= RELATIONS_MAX {
        return Err(Error::invalid("target", format!("At most {RELATIONS_MAX} relations of one asset, please.")));
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO asset_relationships AS r (source_asset_id, target_asset_id, relationship_type, description, created_by_id) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (source_asset_id, target_asset_id, relationship_type) DO UPDATE SET description = coalesce(EXCLUDED.description, r.description)
           RETURNING id AS "id: RelationId""#,
        source as _,
        target as _,
        kind as _,
        description,
        actor.user_id as _
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}

async fn leads_to(tx: &mut PgConnection, from: AssetId, to: AssetId, kind: RelationType) -> Result<bool> {
    let leads = sqlx::query_scalar!(
        r#"WITH RECURSIVE reached (id) AS (SELECT $1::uuid UNION
             SELECT r.target_asset_id FROM reached JOIN asset_relationships r ON r.source_asset_id = reached.id AND r.relationship_type = $3)
           SELECT EXISTS (SELECT FROM reached WHERE id = $2) AS "leads!""#,
        from as _,
        to as _,
        kind as _
    );
    Ok(leads.fetch_one(tx).await?)
}

/// Takes a relation away, from either side.
pub async fn unrelate_assets(desk: &Desk, actor: &Actor, asset: AssetId, relation: RelationId) -> Result<()> {
    actor.require(Permission::AssetWrite)?;
    let mut tx = desk.db.begin().await?;
    lock(&mut tx, actor, asset).await?;
    let gone = sqlx::query!(
        "DELETE FROM asset_relationships WHERE id = $2 AND (source_asset_id = $1 OR target_asset_id = $1)",
        asset as _,
        relation as _
    );
    if gone.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    Ok(())
}
