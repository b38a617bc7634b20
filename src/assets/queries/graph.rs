//! What stands around an asset, as a picture.

use super::push_seen;
use crate::assets::rules::{Edge, place};
use crate::assets::{AssetId, AssetNumber, AssetStatus, AssetType, Graph, GraphEdge, GraphNode, RelationType};
use crate::desk::Desk;
use crate::{Actor, Result};
use sqlx::{FromRow, Postgres, QueryBuilder};
use std::collections::{HashMap, HashSet};

/// So many steps at most: beyond them a picture says nothing, and the impact's table says all.
pub const STEPS_MAX: u32 = 4;
/// So many edges of one step are read.
const EDGES_MAX: i64 = 5000;

/// What fails with an asset to its right, what it needs to its left, each up to `steps` away, and what it is connected to. Of
/// these `kinds` alone, where any are named; only by way of what the actor sees.
pub async fn graph(desk: &Desk, actor: &Actor, centre: AssetId, steps: u32, kinds: &[RelationType]) -> Result<Graph> {
    super::require_seen(desk, actor, centre).await?;
    let mut columns: HashMap<AssetId, i32> = HashMap::from([(centre, 0)]);
    let mut edges: HashSet<Edge> = HashSet::new();
    let mut frontier = vec![centre];
    for step in 1..=steps.clamp(1, STEPS_MAX) {
        let found = edges_of(desk, actor, &frontier, kinds).await?;
        let (mut next, here) = (Vec::new(), frontier.iter().copied().collect::<HashSet<_>>());
        for edge in found {
            edges.insert(edge);
            for (from, to) in [(edge.source, edge.target), (edge.target, edge.source)] {
                let Some(column) = columns.get(&from).copied().filter(|_| here.contains(&from)) else { continue };
                let Some(there) = beyond(edge, from, column, step == 1) else { continue };
                if let std::collections::hash_map::Entry::Vacant(free) = columns.entry(to) {
                    free.insert(there);
                    // What is only connected is shown, and ends there.
                    next.extend((there != 0).then_some(to));
                }
            }
        }
        if next.is_empty() {
            break;
        }
        frontier = next;
    }
    drawn(desk, columns, edges, centre).await
}

/// In which column the other end of an edge stands, seen from one in `column`: further out the same way, or nowhere.
fn beyond(edge: Edge, from: AssetId, column: i32, is_first: bool) -> Option<i32> {
    match edge.failure() {
        Some((cause, _)) if cause == from => (column >= 0).then_some(column + 1),
        Some(_) => (column <= 0).then_some(column - 1),
        None => is_first.then_some(0),
    }
}

async fn edges_of(desk: &Desk, actor: &Actor, ids: &[AssetId], kinds: &[RelationType]) -> Result<Vec<Edge>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT DISTINCT e.source, e.target, e.kind FROM (
           SELECT source_asset_id AS source, target_asset_id AS target, relationship_type AS kind, target_asset_id AS other FROM asset_relationships WHERE source_asset_id = ANY(",
    );
    query.push_bind(ids.clone());
    query.push(") UNION ALL SELECT source_asset_id, target_asset_id, relationship_type, source_asset_id FROM asset_relationships WHERE target_asset_id = ANY(");
    query.push_bind(ids).push(")) e JOIN assets a ON a.id = e.other WHERE a.deleted_at IS NULL AND ");
    push_seen(&mut query, actor);
    if !kinds.is_empty() {
        query.push(" AND e.kind = ANY(").push_bind(kinds.to_vec()).push(")");
    }
    query.push(" ORDER BY e.source, e.target, e.kind LIMIT ").push_bind(EDGES_MAX);
    let rows: Vec<(AssetId, AssetId, RelationType)> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(|(source, target, kind)| Edge { source, target, kind }).collect())
}

#[derive(FromRow)]
struct Named {
    id: AssetId,
    asset_number: AssetNumber,
    name: String,
    kind: AssetType,
    status: AssetStatus,
    open_tickets: i64,
}

async fn drawn(desk: &Desk, columns: HashMap<AssetId, i32>, edges: HashSet<Edge>, centre: AssetId) -> Result<Graph> {
    let mut edges: Vec<Edge> = edges.into_iter().collect();
    edges.sort_by_key(|edge| (edge.source, edge.target, edge.kind));
    let pairs: Vec<(AssetId, AssetId)> = edges.iter().map(|edge| (edge.source, edge.target)).collect();
    let placed = place(&columns, &pairs, centre);
    let ids: Vec<uuid::Uuid> = placed.iter().map(|one| one.id.0).collect();
    let rows: Vec<Named> = sqlx::query_as(
        "SELECT a.id, a.asset_number, a.name, a.type AS kind, a.status, (SELECT count(*) FROM ticket_asset_relations r
           JOIN tickets t ON t.id = r.ticket_id AND t.is_open AND t.deleted_at IS NULL WHERE r.asset_id = a.id) AS open_tickets
         FROM assets a WHERE a.id = ANY($1)",
    )
    .bind(&ids)
    .fetch_all(&desk.db)
    .await?;
    let mut by_id: HashMap<AssetId, Named> = rows.into_iter().map(|row| (row.id, row)).collect();
    let (mut nodes, mut places) = (Vec::with_capacity(placed.len()), HashMap::new());
    for one in &placed {
        let Some(row) = by_id.remove(&one.id) else { continue };
        places.insert(one.id, nodes.len());
        nodes.push(GraphNode {
            asset_number: row.asset_number,
            name: row.name,
            kind: row.kind,
            status: row.status,
            column: one.column,
            row: one.row,
            rows: one.rows,
            open_tickets: row.open_tickets,
        });
    }
    let edge = |edge: Edge| {
        let (source, target) = (*places.get(&edge.source)?, *places.get(&edge.target)?);
        Some(GraphEdge { source, target, kind: edge.kind })
    };
    Ok(Graph { hidden: columns.len() - nodes.len(), edges: edges.into_iter().filter_map(edge).collect(), nodes })
}
