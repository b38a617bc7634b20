//! Writing many assets as fast as one: in one statement each for what is new, what changed, and what is told of it.

use crate::assets::rules::Checked;
use crate::assets::{Asset, AssetForm, AssetId};
use crate::{Actor, Error, Result};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// So many at once.
pub(super) const BATCH: usize = 1000;

/// An asset as it is to stand there.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Written {
    pub id: AssetId,
    #[serde(flatten)]
    pub asset: Checked,
}

/// What stands in each of them, for `jsonb_to_recordset`.
macro_rules! record {
    () => {
        "r(id uuid, name text, type text, category text, manufacturer text, model text, serial_number text, status text, assigned_to_id uuid, location text, building text, floor text, room text, purchase_date date, purchase_price numeric(10, 2), warranty_expiry date, seats integer, notes text, custom_fields jsonb)"
    };
}

/// Makes assets, with the year's next numbers, in their order.
pub(super) async fn insert_rows(tx: &mut PgConnection, actor: &Actor, rows: &[Written]) -> Result<()> {
    let many = i32::try_from(rows.len()).map_err(Error::internal)?;
    // The counter is taken once for all of them.
    let row: (i32, i32) = sqlx::query_as(
        "INSERT INTO number_counters AS c (prefix, year, last) VALUES ('AST', extract(year FROM now() AT TIME ZONE 'UTC')::int, $1)
         ON CONFLICT (prefix, year) DO UPDATE SET last = c.last + $1 RETURNING year, last - $1",
    )
    .bind(many)
    .fetch_one(&mut *tx)
    .await?;
    let ids: Vec<uuid::Uuid> = rows.iter().map(|row| row.id.0).collect();
    sqlx::query(concat!(
        "INSERT INTO assets (id, asset_number, name, type, category, manufacturer, model, serial_number, status, assigned_to_id, assigned_at, location, building,
           floor, room, purchase_date, purchase_price, warranty_expiry, seats, notes, custom_fields, created_by_id, updated_by_id)
         SELECT r.id, 'AST-' || $3 || '-' || lpad(n.number::text, greatest(4, length(n.number::text)), '0'), r.name, r.type, r.category, r.manufacturer, r.model,
           r.serial_number, r.status, r.assigned_to_id, CASE WHEN r.assigned_to_id IS NULL THEN NULL ELSE now() END, r.location, r.building, r.floor, r.room,
           r.purchase_date, r.purchase_price, r.warranty_expiry, r.seats, r.notes, coalesce(r.custom_fields, '{}'), $2, $2
         FROM jsonb_to_recordset($1) AS ", record!(), " JOIN unnest($5::uuid[]) WITH ORDINALITY AS o(id, place) ON o.id = r.id
         CROSS JOIN LATERAL (SELECT $4 + o.place AS number) n"))
    .bind(Json(rows))
    .bind(actor.user_id)
    .bind(row.0)
    .bind(row.1)
    .bind(&ids)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO asset_handovers (asset_id, to_id, by_id) SELECT id, assigned_to_id, $2 FROM assets WHERE id = ANY($1) AND assigned_to_id IS NOT NULL",
    )
    .bind(&ids)
    .bind(actor.user_id)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Changes assets that the caller has locked; each field that changes is told, and each hand-over.
pub(super) async fn update_rows(tx: &mut PgConnection, actor: &Actor, rows: &[Written]) -> Result<()> {
    let rows = Json(rows);
    // Before it is written: what it was is still there.
    sqlx::query(concat!(
        "INSERT INTO asset_history (asset_id, user_id, field, old_value, new_value)
         SELECT a.id, $2, c.field, c.old, c.new FROM jsonb_to_recordset($1) AS ", record!(), " JOIN assets a ON a.id = r.id CROSS JOIN LATERAL (VALUES
           ('name', a.name, r.name), ('type', a.type, r.type), ('category', a.category, r.category), ('manufacturer', a.manufacturer, r.manufacturer),
           ('model', a.model, r.model), ('serial_number', a.serial_number, r.serial_number), ('status', a.status, r.status),
           ('location', a.location, r.location), ('building', a.building, r.building), ('floor', a.floor, r.floor), ('room', a.room, r.room),
           ('purchase_date', a.purchase_date::date::text, r.purchase_date::text), ('purchase_price', a.purchase_price::text, r.purchase_price::text),
           ('warranty_expiry', a.warranty_expiry::date::text, r.warranty_expiry::text), ('seats', a.seats::text, r.seats::text),
           ('notes', a.notes, r.notes), ('custom_fields', nullif(a.custom_fields, '{}')::text, nullif(r.custom_fields, '{}')::text)) AS c(field, old, new)
         WHERE c.old IS DISTINCT FROM c.new"))
    .bind(rows)
    .bind(actor.user_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query(concat!(
        "INSERT INTO asset_handovers (asset_id, from_id, to_id, by_id) SELECT a.id, a.assigned_to_id, r.assigned_to_id, $2
         FROM jsonb_to_recordset($1) AS ", record!(), " JOIN assets a ON a.id = r.id WHERE a.assigned_to_id IS DISTINCT FROM r.assigned_to_id"))
    .bind(rows)
    .bind(actor.user_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query(concat!(
        "UPDATE assets a SET name = r.name, type = r.type, category = r.category, manufacturer = r.manufacturer, model = r.model,
           serial_number = r.serial_number, status = r.status,
           assigned_at = CASE WHEN a.assigned_to_id IS NOT DISTINCT FROM r.assigned_to_id THEN a.assigned_at WHEN r.assigned_to_id IS NULL THEN NULL ELSE now() END,
           assigned_to_id = r.assigned_to_id, location = r.location, building = r.building, floor = r.floor, room = r.room,
           purchase_date = r.purchase_date, purchase_price = r.purchase_price, warranty_expiry = r.warranty_expiry, seats = r.seats, notes = r.notes,
           custom_fields = coalesce(r.custom_fields, '{}'), updated_by_id = $2, version = a.version + 1
         FROM jsonb_to_recordset($1) AS ", record!(), " WHERE a.id = r.id"))
    .bind(rows)
    .bind(actor.user_id)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// An asset as it stands there, as a form.
pub(super) fn form_of(asset: &Asset) -> AssetForm {
    AssetForm {
        name: asset.name.clone(),
        kind: Some(asset.kind),
        category: asset.category.clone(),
        manufacturer: asset.manufacturer.clone(),
        model: asset.model.clone(),
        serial_number: asset.serial_number.clone(),
        status: Some(asset.status),
        assigned_to_id: asset.assigned_to_id,
        location: asset.location.clone(),
        building: asset.building.clone(),
        floor: asset.floor.clone(),
        room: asset.room.clone(),
        purchase_date: asset.purchase_date.clone(),
        purchase_price: asset.purchase_price.map(|price| price.to_string()),
        warranty_expiry: asset.warranty_expiry.clone(),
        seats: asset.seats,
        notes: asset.notes.clone(),
        custom_fields: asset.custom_fields.clone(),
    }
}
