//! Which assets a ticket is about.

use crate::assets::queries::require_seen;
use crate::assets::{AssetId, TicketRelation};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::tickets::commands::lock_for_assets;
use crate::{Actor, Error, Permission, Result};

/// One ticket is about so many assets at most.
pub const ASSETS_MAX: i64 = 100;

/// Links a ticket to an asset that the actor may both see: whoever works tickets any, a requester their own to their own. A
/// link of another kind is changed to this one.
pub async fn link_asset(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    asset: AssetId,
    kind: TicketRelation,
) -> Result<()> {
    require_seen(desk, actor, asset).await?;
    let mut tx = desk.db.begin().await?;
    lock_for_assets(&mut tx, actor, ticket).await?;
    let there = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM ticket_asset_relations WHERE ticket_id = $1 AND asset_id <> $2"#,
        ticket as _,
        asset as _
    );
    if there.fetch_one(&mut *tx).await? >= ASSETS_MAX {
        return Err(Error::invalid("asset", format!("At most {ASSETS_MAX} assets on one ticket, please.")));
    }
    sqlx::query!(
        "DELETE FROM ticket_asset_relations WHERE ticket_id = $1 AND asset_id = $2 AND relation_type <> $3",
        ticket as _,
        asset as _,
        kind as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO ticket_asset_relations (ticket_id, asset_id, relation_type, created_by_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        ticket as _,
        asset as _,
        kind as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

pub async fn unlink_asset(desk: &Desk, actor: &Actor, ticket: TicketId, asset: AssetId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_for_assets(&mut tx, actor, ticket).await?;
    let gone = sqlx::query!(
        "DELETE FROM ticket_asset_relations WHERE ticket_id = $1 AND asset_id = $2",
        ticket as _,
        asset as _
    );
    if gone.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    Ok(())
}
