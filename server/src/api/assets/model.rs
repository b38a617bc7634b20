//! Assets as the API shows and takes them.

use oxdesk::assets::rules::ReadRow;
use oxdesk::assets::{self, AssetForm};
use oxdesk::fields::FieldValues;
use oxdesk::people::UserId;
use oxdesk::tickets::rules::rename;
use oxdesk::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A line of a list.
#[derive(Serialize, ToSchema)]
pub struct AssetRow {
    id: Uuid,
    asset_number: String,
    name: String,
    /// HARDWARE, SOFTWARE, NETWORK_DEVICE or CLOUD_RESOURCE.
    r#type: String,
    category: Option<String>,
    /// ACTIVE, INACTIVE, RETIRED or MAINTENANCE.
    status: String,
    /// By name.
    owner: Option<String>,
    location: Option<String>,
    manufacturer: Option<String>,
    model: Option<String>,
    serial_number: Option<String>,
    /// A day.
    warranty_expiry: Option<String>,
    /// Of a licence, with how many of them are taken.
    seats: Option<i32>,
    seats_taken: i64,
    open_tickets: i64,
    updated_at: String,
    version: i32,
}

impl From<assets::AssetRow> for AssetRow {
    fn from(row: assets::AssetRow) -> Self {
        Self {
            id: row.id.0,
            asset_number: row.asset_number.to_string(),
            name: row.name,
            r#type: row.kind.to_string(),
            category: row.category,
            status: row.status.to_string(),
            owner: row.owner,
            location: row.location,
            manufacturer: row.manufacturer,
            model: row.model,
            serial_number: row.serial_number,
            warranty_expiry: row.warranty_expiry,
            seats: row.seats,
            seats_taken: row.seats_taken,
            open_tickets: row.open_tickets,
            updated_at: row.updated_at.to_string(),
            version: row.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AssetPage {
    pub data: Vec<AssetRow>,
    pub next: Option<String>,
}

/// An asset with all of its fields.
#[derive(Serialize, ToSchema)]
pub struct Asset {
    id: Uuid,
    asset_number: String,
    name: String,
    r#type: String,
    category: Option<String>,
    manufacturer: Option<String>,
    model: Option<String>,
    serial_number: Option<String>,
    status: String,
    assigned_to_id: Option<Uuid>,
    assigned_to: Option<String>,
    assigned_to_email: Option<String>,
    assigned_at: Option<String>,
    location: Option<String>,
    building: Option<String>,
    floor: Option<String>,
    room: Option<String>,
    purchase_date: Option<String>,
    /// Exact, as 1299.50.
    purchase_price: Option<String>,
    warranty_expiry: Option<String>,
    /// Of a licence.
    seats: Option<i32>,
    notes: Option<String>,
    #[schema(value_type = BTreeMap<String, Object>)]
    custom_fields: FieldValues,
    created_at: String,
    updated_at: String,
    version: i32,
}

impl From<assets::Asset> for Asset {
    fn from(asset: assets::Asset) -> Self {
        Self {
            id: asset.id.0,
            asset_number: asset.asset_number.to_string(),
            name: asset.name,
            r#type: asset.kind.to_string(),
            category: asset.category,
            manufacturer: asset.manufacturer,
            model: asset.model,
            serial_number: asset.serial_number,
            status: asset.status.to_string(),
            assigned_to_id: asset.assigned_to_id.map(|id| id.0),
            assigned_to: asset.assigned_to,
            assigned_to_email: asset.assigned_to_email,
            assigned_at: asset.assigned_at.map(|at| at.to_string()),
            location: asset.location,
            building: asset.building,
            floor: asset.floor,
            room: asset.room,
            purchase_date: asset.purchase_date,
            purchase_price: asset.purchase_price.map(|price| price.to_string()),
            warranty_expiry: asset.warranty_expiry,
            seats: asset.seats,
            notes: asset.notes,
            custom_fields: asset.custom_fields,
            created_at: asset.created_at.to_string(),
            updated_at: asset.updated_at.to_string(),
            version: asset.version,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetInput {
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// HARDWARE without it.
    r#type: Option<String>,
    #[schema(max_length = 60)]
    category: Option<String>,
    #[schema(max_length = 60)]
    manufacturer: Option<String>,
    #[schema(max_length = 60)]
    model: Option<String>,
    #[schema(max_length = 60)]
    serial_number: Option<String>,
    /// ACTIVE without it.
    status: Option<String>,
    assigned_to_id: Option<Uuid>,
    #[schema(max_length = 60)]
    location: Option<String>,
    #[schema(max_length = 60)]
    building: Option<String>,
    #[schema(max_length = 60)]
    floor: Option<String>,
    #[schema(max_length = 60)]
    room: Option<String>,
    /// A day, as 2026-11-25.
    purchase_date: Option<String>,
    /// As 1299.50.
    purchase_price: Option<String>,
    warranty_expiry: Option<String>,
    seats: Option<i32>,
    #[schema(max_length = 10000)]
    notes: Option<String>,
    /// Of any name: texts, numbers, yes or no, lists of texts. What is declared for its category takes what it was declared to.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    custom_fields: FieldValues,
}

impl AssetInput {
    pub fn form(self) -> Result<AssetForm> {
        Ok(AssetForm {
            name: self.name,
            kind: word("type", self.r#type.as_deref())?,
            category: self.category,
            manufacturer: self.manufacturer,
            model: self.model,
            serial_number: self.serial_number,
            status: word("status", self.status.as_deref())?,
            assigned_to_id: self.assigned_to_id.map(UserId),
            location: self.location,
            building: self.building,
            floor: self.floor,
            room: self.room,
            purchase_date: self.purchase_date,
            purchase_price: self.purchase_price,
            warranty_expiry: self.warranty_expiry,
            seats: self.seats,
            notes: self.notes,
            custom_fields: self.custom_fields,
        })
    }
}

/// An asset as a discovery tool found it. What it says nothing of stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundAsset {
    /// Of one that is there already; without it, manufacturer and serial number tell.
    #[schema(max_length = 40)]
    asset_number: Option<String>,
    /// An e-mail address.
    #[schema(max_length = 254)]
    owner: Option<String>,
    #[serde(default)]
    #[schema(max_length = 300)]
    name: String,
    r#type: Option<String>,
    #[schema(max_length = 60)]
    category: Option<String>,
    #[schema(max_length = 60)]
    manufacturer: Option<String>,
    #[schema(max_length = 60)]
    model: Option<String>,
    #[schema(max_length = 60)]
    serial_number: Option<String>,
    status: Option<String>,
    #[schema(max_length = 60)]
    location: Option<String>,
    #[schema(max_length = 60)]
    building: Option<String>,
    #[schema(max_length = 60)]
    floor: Option<String>,
    #[schema(max_length = 60)]
    room: Option<String>,
    /// Each replaces the field of its name; others stay.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    custom_fields: FieldValues,
}

impl FoundAsset {
    /// As a row of a table, in its place from one.
    pub fn row(self, line: u64) -> Result<ReadRow> {
        let input = AssetInput {
            name: self.name,
            r#type: self.r#type,
            category: self.category,
            manufacturer: self.manufacturer,
            model: self.model,
            serial_number: self.serial_number,
            status: self.status,
            assigned_to_id: None,
            location: self.location,
            building: self.building,
            floor: self.floor,
            room: self.room,
            purchase_date: None,
            purchase_price: None,
            warranty_expiry: None,
            seats: None,
            notes: None,
            custom_fields: self.custom_fields,
        };
        Ok(ReadRow { line, number: self.asset_number, owner: self.owner, form: input.form()? })
    }
}

pub fn word<T: std::str::FromStr<Err = Error>>(field: &str, text: Option<&str>) -> Result<Option<T>> {
    text.map(|text| text.parse().map_err(|error| rename(error, field))).transpose()
}
