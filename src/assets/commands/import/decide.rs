//! What becomes of each row of a table: a new asset, a change of one that is there, nothing, or an error with its line and
//! column.

use crate::assets::ImportReport;
use crate::assets::commands::rows::{BATCH, Written, form_of};
use crate::assets::queries::assets_by_id;
use crate::assets::rules::{CellError, Checked, ReadRow, check_asset, check_status};
use crate::assets::{Asset, AssetForm, AssetId};
use crate::people::UserId;
use crate::{Error, Result};
use sqlx::PgConnection;
use std::collections::HashMap;

/// What becomes of a row.
pub(super) enum Deed {
    Make(Written),
    Change { before: Checked, version: i32, after: Written },
    Same,
}

pub(super) async fn decide(tx: &mut PgConnection, rows: Vec<ReadRow>, report: &mut ImportReport) -> Result<Vec<Deed>> {
    let owners = owners(tx, &rows).await?;
    let known = known(tx, &rows).await?;
    let ids: Vec<uuid::Uuid> = known.by_line.values().map(|id| id.0).collect();
    let mut before: HashMap<AssetId, Asset> = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(BATCH) {
        before.extend(assets_by_id(tx, ids).await?.into_iter().map(|asset| (asset.id, asset)));
    }
    let mut deeds = Vec::with_capacity(rows.len());
    let (mut seen_ids, mut seen_serials): (HashMap<AssetId, u64>, HashMap<(String, String), u64>) = Default::default();
    for mut row in rows {
        let line = row.line;
        if let Some(owner) = &row.owner {
            match owners.get(&owner.to_lowercase()) {
                Some(id) => row.form.assigned_to_id = Some(*id),
                None => {
                    report.refuse_one(line, "owner", format!("Nobody here has the address {owner}."));
                    continue;
                }
            }
        }
        let there = known.by_line.get(&line).and_then(|id| before.get(id));
        if let (Some(number), None) = (&row.number, there) {
            report.refuse_one(
                line,
                "asset_number",
                format!("There is no asset {number}; leave it empty for a new one."),
            );
            continue;
        }
        if let Some(other) = there.and_then(|there| seen_ids.insert(there.id, line)) {
            report.refuse_one(line, "asset_number", format!("Line {other} is the same asset."));
            continue;
        }
        let form = match there {
            Some(there) => merged(there, &row),
            None => row.form,
        };
        let asset = match check_asset(&form) {
            Ok(asset) => asset,
            Err(Error::Invalid(fields)) => {
                let errors = fields.into_iter().map(|(column, said)| CellError { line, column, said });
                report.refuse(errors.collect());
                continue;
            }
            Err(error) => return Err(error),
        };
        if let Some(serial) = &asset.serial_number {
            let key = (asset.manufacturer.clone().unwrap_or_default().to_lowercase(), serial.to_lowercase());
            let taken = known.by_serial.get(&key).filter(|id| there.is_none_or(|there| there.id != **id));
            if let Some(other) = seen_serials.insert(key, line) {
                report.refuse_one(line, "serial_number", format!("Line {other} has the same serial number."));
                continue;
            }
            if taken.is_some() {
                report.refuse_one(line, "serial_number", "Another asset has this serial number.");
                continue;
            }
        }
        deeds.push(match there {
            None => Deed::Make(Written { id: AssetId::new(), asset }),
            Some(there) => {
                let was = check_asset(&form_of(there)).unwrap_or_else(|_| asset.clone());
                if let Err(Error::Invalid(fields)) = check_status(there.status, asset.status) {
                    let errors = fields.into_iter().map(|(column, said)| CellError { line, column, said });
                    report.refuse(errors.collect());
                    continue;
                }
                if was == asset {
                    Deed::Same
                } else {
                    Deed::Change { before: was, version: there.version, after: Written { id: there.id, asset } }
                }
            }
        });
    }
    Ok(deeds)
}

/// People by the addresses that stand there.
async fn owners(tx: &mut PgConnection, rows: &[ReadRow]) -> Result<HashMap<String, UserId>> {
    let mut emails: Vec<String> =
        rows.iter().filter_map(|row| row.owner.as_ref()).map(|owner| owner.to_lowercase()).collect();
    emails.sort();
    emails.dedup();
    let known = sqlx::query!(
        r#"SELECT lower(email) AS "email!", id AS "id: UserId" FROM users WHERE lower(email) = ANY($1) AND deleted_at IS NULL"#,
        &emails
    );
    Ok(known.fetch_all(tx).await?.into_iter().map(|row| (row.email, row.id)).collect())
}

/// The assets that are meant, by the lines that mean them, and who has which serial number.
struct Known {
    by_line: HashMap<u64, AssetId>,
    by_serial: HashMap<(String, String), AssetId>,
}

async fn known(tx: &mut PgConnection, rows: &[ReadRow]) -> Result<Known> {
    let numbers: Vec<String> =
        rows.iter().filter_map(|row| row.number.as_ref()).map(|number| number.trim().to_uppercase()).collect();
    let serials: Vec<String> = rows
        .iter()
        .filter_map(|row| row.form.serial_number.as_ref())
        .map(|serial| serial.trim().to_lowercase())
        .collect();
    let found = sqlx::query!(
        r#"SELECT id AS "id: AssetId", asset_number, lower(coalesce(manufacturer, '')) AS "manufacturer!", lower(serial_number) AS serial FROM assets
           WHERE deleted_at IS NULL AND (asset_number = ANY($1) OR lower(serial_number) = ANY($2)) FOR UPDATE"#,
        &numbers,
        &serials
    )
    .fetch_all(tx)
    .await?;
    let by_number: HashMap<&str, AssetId> = found.iter().map(|row| (row.asset_number.as_str(), row.id)).collect();
    let by_serial: HashMap<(String, String), AssetId> =
        found.iter().filter_map(|row| Some(((row.manufacturer.clone(), row.serial.clone()?), row.id))).collect();
    let mut by_line = HashMap::new();
    for row in rows {
        let number = row.number.as_ref().map(|number| number.trim().to_uppercase());
        let serial = row.form.serial_number.as_ref().map(|serial| serial.trim().to_lowercase());
        let manufacturer = row.form.manufacturer.as_deref().unwrap_or_default().trim().to_lowercase();
        let id = match (number, serial) {
            (Some(number), _) => by_number.get(number.as_str()).copied(),
            (None, Some(serial)) => by_serial.get(&(manufacturer, serial)).copied(),
            (None, None) => None,
        };
        by_line.extend(id.map(|id| (row.line, id)));
    }
    Ok(Known { by_line, by_serial })
}

/// What a row says, and, where it says nothing, what stands there.
fn merged(there: &Asset, row: &ReadRow) -> AssetForm {
    let (new, old) = (&row.form, form_of(there));
    let or = |new: &Option<String>, old: Option<String>| new.clone().or(old);
    AssetForm {
        name: if new.name.is_empty() { old.name } else { new.name.clone() },
        kind: new.kind.or(old.kind),
        category: or(&new.category, old.category),
        manufacturer: or(&new.manufacturer, old.manufacturer),
        model: or(&new.model, old.model),
        serial_number: or(&new.serial_number, old.serial_number),
        status: new.status.or(old.status),
        assigned_to_id: new.assigned_to_id.or(old.assigned_to_id),
        location: or(&new.location, old.location),
        building: or(&new.building, old.building),
        floor: or(&new.floor, old.floor),
        room: or(&new.room, old.room),
        purchase_date: or(&new.purchase_date, old.purchase_date),
        purchase_price: or(&new.purchase_price, old.purchase_price),
        warranty_expiry: or(&new.warranty_expiry, old.warranty_expiry),
        seats: new.seats.or(old.seats),
        notes: or(&new.notes, old.notes),
        custom_fields: old.custom_fields.into_iter().chain(new.custom_fields.clone()).collect(),
    }
}
