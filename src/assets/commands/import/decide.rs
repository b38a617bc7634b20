//! What becomes of each row of a table: a new asset, a change of one that is there, nothing, or an error with its line and
//! column.

use crate::assets::ImportReport;
use crate::assets::commands::rows::{BATCH, Written, form_of};
use crate::assets::queries::{all_fields, assets_by_id};
use crate::assets::rules::{CellError, Checked, ReadRow, check_asset, check_declared, check_status};
use crate::assets::{Asset, AssetField, AssetForm, AssetId};
use crate::people::UserId;
use crate::{Error, Result};
use sqlx::PgConnection;
use std::collections::HashMap;

/// What becomes of a row.
pub(super) enum Deed {
    Make(Written),
    Change { before: Box<Checked>, version: i32, after: Written },
    Same,
}

/// What is wrong in one row.
type Refused = Vec<CellError>;

/// Decides row by row; what is wrong is counted in the report.
pub(super) async fn decide(tx: &mut PgConnection, rows: Vec<ReadRow>, report: &mut ImportReport) -> Result<Vec<Deed>> {
    let mut around = Around::of(tx, &rows).await?;
    let mut deeds = Vec::with_capacity(rows.len());
    for row in rows {
        match around.decide(row)? {
            Ok(deed) => deeds.push(deed),
            Err(errors) => report.refuse(errors),
        }
    }
    Ok(deeds)
}

/// What the rows of a table are compared with: what is there, and the rows before.
struct Around {
    fields: Vec<AssetField>,
    owners: HashMap<String, UserId>,
    known: Known,
    before: HashMap<AssetId, Asset>,
    seen_ids: HashMap<AssetId, u64>,
    seen_serials: HashMap<(String, String), u64>,
}

impl Around {
    async fn of(tx: &mut PgConnection, rows: &[ReadRow]) -> Result<Self> {
        let fields = all_fields(tx).await?;
        let owners = owners(tx, rows).await?;
        let known = known(tx, rows).await?;
        let ids: Vec<uuid::Uuid> = known.by_line.values().map(|id| id.0).collect();
        let mut before = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(BATCH) {
            before.extend(assets_by_id(tx, ids).await?.into_iter().map(|asset| (asset.id, asset)));
        }
        Ok(Self { fields, owners, known, before, seen_ids: HashMap::new(), seen_serials: HashMap::new() })
    }

    fn decide(&mut self, mut row: ReadRow) -> Result<std::result::Result<Deed, Refused>> {
        let line = row.line;
        let wrong = |column: &str, said: String| Ok(Err(vec![CellError { line, column: column.to_owned(), said }]));
        if let Some(owner) = &row.owner {
            match self.owners.get(&owner.to_lowercase()) {
                Some(id) => row.form.assigned_to_id = Some(*id),
                None => return wrong("owner", format!("Nobody here has the address {owner}.")),
            }
        }
        let there = self.known.by_line.get(&line).and_then(|id| self.before.get(id));
        if let (Some(number), None) = (&row.number, there) {
            return wrong("asset_number", format!("There is no asset {number}; leave it empty for a new one."));
        }
        if let Some(other) = there.and_then(|there| self.seen_ids.insert(there.id, line)) {
            return wrong("asset_number", format!("Line {other} is the same asset."));
        }
        let asset = match self.checked(&there.map_or_else(|| row.form.clone(), |there| merged(there, &row))) {
            Ok(asset) => asset,
            Err(error) => return refused(line, error),
        };
        if let Some(said) = self.serial_taken(line, there.map(|there| there.id), &asset) {
            return wrong("serial_number", said);
        }
        let there = self.known.by_line.get(&line).and_then(|id| self.before.get(id));
        let Some(there) = there else { return Ok(Ok(Deed::Make(Written { id: AssetId::new(), asset }))) };
        if let Err(error) = check_status(there.status, asset.status) {
            return refused(line, error);
        }
        let was = check_asset(&form_of(there)).unwrap_or_else(|_| asset.clone());
        if was == asset {
            return Ok(Ok(Deed::Same));
        }
        let after = Written { id: there.id, asset };
        Ok(Ok(Deed::Change { before: Box::new(was), version: there.version, after }))
    }

    /// With what stands in declared fields as those take it; what is required is not asked for.
    fn checked(&self, form: &AssetForm) -> Result<Checked> {
        let mut asset = check_asset(form)?;
        asset.custom_fields = check_declared(&self.fields, asset.category.as_deref(), &asset.custom_fields, false)?;
        Ok(asset)
    }

    /// Who has its serial number, of those that are there and of the rows before.
    fn serial_taken(&mut self, line: u64, own: Option<AssetId>, asset: &Checked) -> Option<String> {
        let serial = asset.serial_number.as_ref()?.to_lowercase();
        let key = (asset.manufacturer.clone().unwrap_or_default().to_lowercase(), serial);
        let is_taken = self.known.by_serial.get(&key).is_some_and(|id| own != Some(*id));
        match self.seen_serials.insert(key, line) {
            Some(other) => Some(format!("Line {other} has the same serial number.")),
            None => is_taken.then(|| "Another asset has this serial number.".to_owned()),
        }
    }
}

/// Bad input is the row's; anything else ends the import.
fn refused(line: u64, error: Error) -> Result<std::result::Result<Deed, Refused>> {
    match error {
        Error::Invalid(fields) => {
            Ok(Err(fields.into_iter().map(|(column, said)| CellError { line, column, said }).collect()))
        }
        error => Err(error),
    }
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
           WHERE deleted_at IS NULL AND (asset_number = ANY($1) OR lower(serial_number) = ANY($2)) ORDER BY id FOR UPDATE"#,
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
