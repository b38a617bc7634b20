//! One asset, with what stands around it.

use super::list::push_filter;
use super::push_seen;
use crate::assets::{
    Asset, AssetChange, AssetFilter, AssetId, AssetNumber, AssetPage, AssetStatus, AssetTicket, AssetType, Handover,
    Price, Relation, RelationId, RelationType, TicketRelation,
};
use crate::attachments::Holder;
use crate::attachments::queries::attachments;
use crate::desk::Desk;
use crate::fields::FieldValues;
use crate::people::UserId;
use crate::tickets::queries::push_visible;
use crate::tickets::{TicketNumber, TicketStatus};
use crate::{Actor, Error, Origin, Permission, Result, Timestamp};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

/// So many of each are shown on its page.
const SHOWN: i64 = 200;

/// Where a number leads: by number, or by the serial number on its back.
pub async fn resolve_number(desk: &Desk, actor: &Actor, text: &str) -> Result<AssetId> {
    if matches!(actor.origin, Origin::Anonymous | Origin::Link) {
        return Err(Error::Unauthenticated);
    }
    let mut query = QueryBuilder::<Postgres>::new("SELECT a.id FROM assets a WHERE a.deleted_at IS NULL AND (");
    match text.parse::<AssetNumber>() {
        Ok(number) => query.push("a.asset_number = ").push_bind(number.as_str().to_owned()),
        Err(_) => query.push("lower(a.serial_number) = lower(").push_bind(text.trim().replace('\0', "")).push(")"),
    };
    query.push(") AND ");
    push_seen(&mut query, actor);
    query.push(" ORDER BY a.created_at LIMIT 1");
    query.build_query_scalar().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

#[derive(FromRow)]
struct Row {
    id: AssetId,
    asset_number: AssetNumber,
    name: String,
    kind: AssetType,
    category: Option<String>,
    manufacturer: Option<String>,
    model: Option<String>,
    serial_number: Option<String>,
    status: AssetStatus,
    assigned_to_id: Option<UserId>,
    assigned_to: Option<String>,
    assigned_to_email: Option<String>,
    assigned_at: Option<Timestamp>,
    location: Option<String>,
    building: Option<String>,
    floor: Option<String>,
    room: Option<String>,
    purchase_date: Option<String>,
    price: Option<i64>,
    warranty_expiry: Option<String>,
    seats: Option<i32>,
    notes: Option<String>,
    custom_fields: Json<FieldValues>,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i32,
}

impl From<Row> for Asset {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            asset_number: row.asset_number,
            name: row.name,
            kind: row.kind,
            category: row.category,
            manufacturer: row.manufacturer,
            model: row.model,
            serial_number: row.serial_number,
            status: row.status,
            assigned_to_id: row.assigned_to_id,
            assigned_to: row.assigned_to,
            assigned_to_email: row.assigned_to_email,
            assigned_at: row.assigned_at,
            location: row.location,
            building: row.building,
            floor: row.floor,
            room: row.room,
            purchase_date: row.purchase_date,
            purchase_price: row.price.map(Price),
            warranty_expiry: row.warranty_expiry,
            seats: row.seats,
            notes: row.notes,
            custom_fields: row.custom_fields.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

const ASSET: &str = "SELECT a.id, a.asset_number, a.name, a.type AS kind, a.category, a.manufacturer, a.model, a.serial_number, a.status, a.assigned_to_id,
   coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS assigned_to, u.email AS assigned_to_email, a.assigned_at, a.location, a.building, a.floor, a.room,
   a.purchase_date::date::text AS purchase_date, (a.purchase_price * 100)::bigint AS price, a.warranty_expiry::date::text AS warranty_expiry,
   a.seats, a.notes, a.custom_fields, a.created_at, a.updated_at, a.version
 FROM assets a LEFT JOIN users u ON u.id = a.assigned_to_id WHERE ";

pub async fn asset(desk: &Desk, actor: &Actor, id: AssetId) -> Result<Asset> {
    let mut query = QueryBuilder::<Postgres>::new(ASSET);
    query.push("a.deleted_at IS NULL AND a.id = ").push_bind(id).push(" AND ");
    push_seen(&mut query, actor);
    let row: Row = query.build_query_as().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    Ok(row.into())
}

/// Whoever asks has checked who they are.
pub(in crate::assets) async fn assets_by_id(tx: &mut PgConnection, ids: &[uuid::Uuid]) -> Result<Vec<Asset>> {
    let mut query = QueryBuilder::<Postgres>::new(ASSET);
    query.push("a.deleted_at IS NULL AND a.id = ANY(").push_bind(ids).push(")");
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// So many at once of those that are written out.
const WRITTEN_OUT: i64 = 1000;

/// The next of the assets that `filter` asks for, with all of their fields, in the order in which they were made; `after` is the
/// last one that is known already.
pub async fn export_assets(
    desk: &Desk,
    actor: &Actor,
    filter: &AssetFilter,
    after: Option<AssetId>,
) -> Result<Vec<Asset>> {
    actor.require(Permission::AssetRead)?;
    let mut query = QueryBuilder::<Postgres>::new(ASSET);
    push_seen(&mut query, actor);
    push_filter(&mut query, actor, filter)?;
    if let Some(after) = after {
        query.push(" AND a.id > ").push_bind(after);
    }
    query.push(" ORDER BY a.id LIMIT ").push_bind(WRITTEN_OUT);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// An asset with its relations, hand-overs, history and tickets, each as far as the actor may see them.
pub async fn asset_page(desk: &Desk, actor: &Actor, id: AssetId) -> Result<AssetPage> {
    let asset = asset(desk, actor, id).await?;
    let sees_all = actor.can(Permission::AssetRead) || actor.can(Permission::AssetWrite);
    let handovers = if sees_all { handovers(desk, id).await? } else { Vec::new() };
    let history = if sees_all { history(desk, id).await? } else { Vec::new() };
    let relations = relations(desk, actor, id).await?;
    // A licence's seats are taken by what it is for.
    let seats_taken =
        relations.iter().filter(|one| one.is_source && one.kind == RelationType::LicensedFor).count() as i64;
    Ok(AssetPage {
        tickets: tickets(desk, actor, id).await?,
        changes: crate::changes::queries::changes_of_asset(desk, actor, id).await?,
        attachments: if sees_all { attachments(desk, actor, Holder::Asset(id)).await? } else { Vec::new() },
        may_edit: actor.can(Permission::AssetWrite),
        now: Timestamp::now(),
        asset,
        relations,
        handovers,
        history,
        seats_taken,
    })
}

#[derive(FromRow)]
struct RelationRow {
    id: RelationId,
    kind: RelationType,
    is_source: bool,
    asset_number: AssetNumber,
    name: String,
    status: AssetStatus,
    description: Option<String>,
}

async fn relations(desk: &Desk, actor: &Actor, id: AssetId) -> Result<Vec<Relation>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT r.id, r.relationship_type AS kind, r.is_source, a.asset_number, a.name, a.status, r.description FROM (
           SELECT id, relationship_type, true AS is_source, target_asset_id AS other, description FROM asset_relationships WHERE source_asset_id = ",
    );
    query.push_bind(id).push(" UNION ALL SELECT id, relationship_type, false, source_asset_id, description FROM asset_relationships WHERE target_asset_id = ");
    query.push_bind(id).push(") r JOIN assets a ON a.id = r.other WHERE a.deleted_at IS NULL AND ");
    push_seen(&mut query, actor);
    query.push(" ORDER BY r.relationship_type, r.is_source DESC, lower(a.name), a.id LIMIT ").push_bind(SHOWN);
    let rows: Vec<RelationRow> = query.build_query_as().fetch_all(&desk.db).await?;
    let relation = |row: RelationRow| Relation {
        id: row.id,
        kind: row.kind,
        is_source: row.is_source,
        asset_number: row.asset_number,
        name: row.name,
        status: row.status,
        description: row.description,
    };
    Ok(rows.into_iter().map(relation).collect())
}

async fn handovers(desk: &Desk, id: AssetId) -> Result<Vec<Handover>> {
    let rows = sqlx::query_as!(
        Handover,
        r#"SELECT coalesce(nullif(concat_ws(' ', f.first_name, f.last_name), ''), f.email) AS from, coalesce(nullif(concat_ws(' ', t.first_name, t.last_name), ''), t.email) AS to,
             coalesce(nullif(concat_ws(' ', b.first_name, b.last_name), ''), b.email) AS by, h.note, h.at AS "at: Timestamp"
           FROM asset_handovers h LEFT JOIN users f ON f.id = h.from_id LEFT JOIN users t ON t.id = h.to_id LEFT JOIN users b ON b.id = h.by_id
           WHERE h.asset_id = $1 ORDER BY h.id DESC LIMIT $2"#,
        id as _,
        SHOWN
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

async fn history(desk: &Desk, id: AssetId) -> Result<Vec<AssetChange>> {
    let rows = sqlx::query_as!(
        AssetChange,
        r#"SELECT coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS by, h.field, h.old_value, h.new_value, h.at AS "at: Timestamp"
           FROM asset_history h LEFT JOIN users u ON u.id = h.user_id WHERE h.asset_id = $1 ORDER BY h.id DESC LIMIT $2"#,
        id as _,
        SHOWN
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

#[derive(FromRow)]
struct TicketRow {
    ticket_number: TicketNumber,
    subject: String,
    status: TicketStatus,
    relation: TicketRelation,
    created_at: Timestamp,
}

async fn tickets(desk: &Desk, actor: &Actor, id: AssetId) -> Result<Vec<AssetTicket>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.ticket_number, t.subject, t.status, r.relation_type AS relation, t.created_at FROM ticket_asset_relations r JOIN tickets t ON t.id = r.ticket_id
         WHERE t.deleted_at IS NULL AND r.asset_id = ",
    );
    query.push_bind(id).push(" AND ");
    push_visible(&mut query, actor);
    query.push(" ORDER BY t.created_at DESC, t.id DESC LIMIT ").push_bind(SHOWN);
    let rows: Vec<TicketRow> = query.build_query_as().fetch_all(&desk.db).await?;
    let ticket = |row: TicketRow| AssetTicket {
        ticket_number: row.ticket_number,
        subject: row.subject,
        status: row.status,
        relation: row.relation,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(ticket).collect())
}
