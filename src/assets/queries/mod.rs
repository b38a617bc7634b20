//! Reading assets: each reader sees theirs, whatever they ask.

mod asset;
mod fields;
mod graph;
mod impact;
mod imports;
mod linked;
mod list;
mod owners;

pub(super) use asset::assets_by_id;
pub use asset::{asset, asset_page, export_assets, resolve_number};
pub(crate) use fields::all_fields;
pub use fields::list_asset_fields;
pub use graph::graph;
pub use impact::impact;
pub(crate) use impact::step;
pub use imports::{import, import_progress, list_imports};
pub use linked::{assets_to_link, ids_by_number, ticket_assets};
pub use list::{PAGE_MAX, list_assets};
pub(crate) use owners::assets_of_person;
pub use owners::{asset_categories, owner_by_email};

use super::{AssetId, AssetNumber, AssetRow, AssetStatus, AssetType, Price};
use crate::desk::Desk;
use crate::fields::FieldValues;
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::types::Json;
use sqlx::{FromRow, Postgres, QueryBuilder};

/// Pushes the condition under which `actor` sees asset `a`: all of them, their own, or none.
pub(crate) fn push_seen(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    if actor.can(Permission::AssetRead) || actor.can(Permission::AssetWrite) {
        query.push("true");
    } else if actor.can(Permission::AssetReadOwn) {
        query.push("a.assigned_to_id = ").push_bind(actor.user_id);
    } else {
        query.push("false");
    }
}

/// Not found where the actor does not see it.
pub async fn require_seen(desk: &Desk, actor: &Actor, id: AssetId) -> Result<()> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT a.id FROM assets a WHERE a.deleted_at IS NULL AND a.id = ");
    query.push_bind(id).push(" AND ");
    push_seen(&mut query, actor);
    query.build_query_scalar::<AssetId>().fetch_optional(&desk.db).await?.map(drop).ok_or(Error::NotFound)
}

/// What a row is made of, once its asset `a` is chosen.
const ROW: &str = "SELECT a.id, a.asset_number, a.name, a.type AS kind, a.category, a.status, a.manufacturer, a.model, a.serial_number, a.updated_at, a.version,
   a.purchase_date::date::text AS purchase_date, (a.purchase_price * 100)::bigint AS price, a.seats,
   CASE WHEN a.seats IS NULL THEN 0 ELSE (SELECT count(*) FROM asset_relationships s JOIN assets o ON o.id = s.target_asset_id AND o.deleted_at IS NULL
     WHERE s.source_asset_id = a.id AND s.relationship_type = 'LICENSED_FOR') END AS seats_taken,
   coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS owner,
   nullif(concat_ws(', ', a.location, a.building, a.floor, a.room), '') AS location, a.warranty_expiry::date::text AS warranty_expiry,
   (SELECT count(*) FROM ticket_asset_relations r JOIN tickets t ON t.id = r.ticket_id AND t.is_open AND t.deleted_at IS NULL WHERE r.asset_id = a.id) AS open_tickets,
   ";
/// What no list asks for.
const NO_OWN: &str = "'{}'::jsonb AS own";
const ROW_JOINS: &str = " LEFT JOIN users u ON u.id = a.assigned_to_id";

#[derive(FromRow)]
struct Row {
    id: AssetId,
    asset_number: AssetNumber,
    name: String,
    kind: AssetType,
    category: Option<String>,
    status: AssetStatus,
    manufacturer: Option<String>,
    model: Option<String>,
    serial_number: Option<String>,
    purchase_date: Option<String>,
    price: Option<i64>,
    seats: Option<i32>,
    seats_taken: i64,
    own: Json<FieldValues>,
    updated_at: Timestamp,
    version: i32,
    owner: Option<String>,
    location: Option<String>,
    warranty_expiry: Option<String>,
    open_tickets: i64,
}

impl From<Row> for AssetRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            asset_number: row.asset_number,
            name: row.name,
            kind: row.kind,
            category: row.category,
            status: row.status,
            owner: row.owner,
            location: row.location,
            manufacturer: row.manufacturer,
            model: row.model,
            serial_number: row.serial_number,
            purchase_date: row.purchase_date,
            purchase_price: row.price.map(Price),
            seats: row.seats,
            seats_taken: row.seats_taken,
            own: row.own.0,
            warranty_expiry: row.warranty_expiry,
            open_tickets: row.open_tickets,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// Rows of what the caller may see, in the order of `ids`.
async fn rows(desk: &Desk, ids: &[uuid::Uuid]) -> Result<Vec<AssetRow>> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(NO_OWN).push(" FROM unnest(").push_bind(ids.to_vec());
    query
        .push("::uuid[]) WITH ORDINALITY AS w(id, at) JOIN assets a ON a.id = w.id")
        .push(ROW_JOINS)
        .push(" ORDER BY w.at");
    Ok(query.build_query_as::<Row>().fetch_all(&desk.db).await?.into_iter().map(Into::into).collect())
}
