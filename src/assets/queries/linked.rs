//! Which assets a ticket is about, or may be.

use super::push_seen;
use crate::assets::{AssetId, AssetNumber, AssetStatus, LinkedAsset, TicketRelation};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::tickets::queries::push_visible;
use crate::{Actor, Result};
use sqlx::{FromRow, Postgres, QueryBuilder};
use std::collections::BTreeMap;

/// So many of a requester's assets are offered.
const OFFERED: i64 = 5;

#[derive(FromRow)]
struct Row {
    id: AssetId,
    asset_number: AssetNumber,
    name: String,
    status: AssetStatus,
    relation: TicketRelation,
}

impl From<Row> for LinkedAsset {
    fn from(row: Row) -> Self {
        let Row { id, asset_number, name, status, relation } = row;
        Self { id, asset_number, name, status, relation }
    }
}

/// The assets of a ticket, as far as the actor sees both.
pub async fn ticket_assets(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<Vec<LinkedAsset>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id, a.asset_number, a.name, a.status, r.relation_type AS relation
         FROM ticket_asset_relations r JOIN assets a ON a.id = r.asset_id JOIN tickets t ON t.id = r.ticket_id
         WHERE a.deleted_at IS NULL AND t.deleted_at IS NULL AND t.id = ",
    );
    query.push_bind(ticket).push(" AND ");
    push_visible(&mut query, actor);
    query.push(" AND ");
    push_seen(&mut query, actor);
    query.push(" ORDER BY r.created_at, r.id");
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The requester's own assets that the ticket is not about yet.
pub async fn assets_to_link(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<Vec<LinkedAsset>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id, a.asset_number, a.name, a.status, 'AFFECTED_BY' AS relation
         FROM tickets t JOIN assets a ON a.assigned_to_id = t.requester_id
         WHERE a.deleted_at IS NULL AND a.status <> 'RETIRED' AND t.deleted_at IS NULL
           AND NOT EXISTS (SELECT FROM ticket_asset_relations r WHERE r.ticket_id = t.id AND r.asset_id = a.id) AND t.id = ",
    );
    query.push_bind(ticket).push(" AND ");
    push_visible(&mut query, actor);
    query.push(" AND ");
    push_seen(&mut query, actor);
    query.push(" ORDER BY lower(a.name), a.id LIMIT ").push_bind(OFFERED);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The assets with these numbers, those that the actor sees alone.
pub async fn ids_by_number(desk: &Desk, actor: &Actor, numbers: &[String]) -> Result<BTreeMap<String, AssetId>> {
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.asset_number, a.id FROM assets a WHERE a.deleted_at IS NULL AND a.asset_number = ANY(",
    );
    query.push_bind(numbers.to_vec()).push(") AND ");
    push_seen(&mut query, actor);
    let rows: Vec<(String, AssetId)> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().collect())
}
