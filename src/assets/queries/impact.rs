//! What fails when an asset does, and what it needs.

use super::{push_seen, rows};
use crate::assets::{AssetId, Impact, Way};
use crate::desk::Desk;
use crate::{Actor, Result};
use sqlx::{Postgres, QueryBuilder};

/// So many are shown; the count is of all.
const SHOWN: i64 = 500;

/// To any depth. `UNION` forgets what was seen, so circles end; what is deleted passes nothing on.
fn push_reached(query: &mut QueryBuilder<Postgres>, asset: AssetId, way: Way) {
    let to = if way == Way::Affected { "hit" } else { "cause" };
    query.push("WITH RECURSIVE reached (id) AS (SELECT ").push_bind(asset);
    query.push(format!("::uuid UNION SELECT f.{to} FROM reached r {})", step("r.id", way)));
}

/// One step from the asset `from`: `f.hit` fails with `f.cause`. What is deleted passes nothing on.
pub(crate) fn step(from: &str, way: Way) -> String {
    let (source, target, to) = match way {
        Way::Affected => ("source_asset_id", "target_asset_id", "hit"),
        Way::Needed => ("target_asset_id", "source_asset_id", "cause"),
    };
    format!(
        "CROSS JOIN LATERAL (
           SELECT source_asset_id AS cause, target_asset_id AS hit FROM asset_relationships
             WHERE relationship_type IN ('CONTAINS', 'LICENSED_FOR') AND {source} = {from}
           UNION ALL SELECT target_asset_id, source_asset_id FROM asset_relationships
             WHERE relationship_type = 'DEPENDS_ON' AND {target} = {from}) f
           JOIN assets a ON a.id = f.{to} AND a.deleted_at IS NULL"
    )
}

/// What the actor may see of it, the nearest first: a recursion answers step by step.
pub async fn impact(desk: &Desk, actor: &Actor, asset: AssetId, way: Way) -> Result<Impact> {
    super::require_seen(desk, actor, asset).await?;
    let mut query = QueryBuilder::<Postgres>::new("");
    push_reached(&mut query, asset, way);
    query.push(", placed AS (SELECT id, row_number() OVER () AS place FROM reached), seen AS MATERIALIZED (SELECT a.id, a.assigned_to_id, placed.place FROM placed JOIN assets a ON a.id = placed.id WHERE a.deleted_at IS NULL AND a.id <> ");
    query.push_bind(asset).push(" AND ");
    push_seen(&mut query, actor);
    query.push(
        ") SELECT (SELECT count(*) FROM seen), (SELECT count(DISTINCT assigned_to_id) FROM seen),
           (SELECT count(DISTINCT t.id) FROM seen JOIN ticket_asset_relations r ON r.asset_id = seen.id
              JOIN tickets t ON t.id = r.ticket_id AND t.is_open AND t.deleted_at IS NULL), ARRAY(SELECT id FROM seen ORDER BY place LIMIT ",
    );
    query.push_bind(SHOWN).push(")");
    let (total, people, tickets, ids): (i64, i64, i64, Vec<uuid::Uuid>) =
        query.build_query_as().fetch_one(&desk.db).await?;
    Ok(Impact { rows: rows(desk, &ids).await?, total, tickets, people })
}
