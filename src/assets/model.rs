//! What an asset is: a thing that the organisation runs, the spec's `Asset`.

use crate::EmailAddress;
use crate::Timestamp;
use crate::attachments::HeldFile;
use crate::changes::ChangeRow;
use crate::fields::FieldValues;
use crate::id::{id, words};
use crate::people::UserId;
use crate::tickets::{TicketNumber, TicketStatus};
use serde::{Deserialize, Serialize};

id!(AssetId);
id!(RelationId);
id!(ImportId);

words! {
    AssetType { Hardware = "HARDWARE", Software = "SOFTWARE", NetworkDevice = "NETWORK_DEVICE", CloudResource = "CLOUD_RESOURCE" }
}

impl AssetType {
    pub fn label(self) -> &'static str {
        match self {
            Self::Hardware => "Hardware",
            Self::Software => "Software",
            Self::NetworkDevice => "Network device",
            Self::CloudResource => "Cloud resource",
        }
    }
}

words! {
    AssetStatus { Active = "ACTIVE", Inactive = "INACTIVE", Retired = "RETIRED", Maintenance = "MAINTENANCE" }
}

impl AssetStatus {
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "In use",
            Self::Inactive => "In store",
            Self::Retired => "Retired",
            Self::Maintenance => "In repair",
        }
    }
}

words! {
    /// How one asset stands to another: the source CONTAINS the target, DEPENDS_ON it, and so on.
    RelationType { Contains = "CONTAINS", DependsOn = "DEPENDS_ON", ConnectedTo = "CONNECTED_TO", LicensedFor = "LICENSED_FOR" }
}

impl RelationType {
    /// Read from the source, and from the target.
    pub fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Contains => ("contains", "is part of"),
            Self::DependsOn => ("depends on", "is needed by"),
            Self::ConnectedTo => ("is connected to", "is connected to"),
            Self::LicensedFor => ("is a licence for", "is licensed by"),
        }
    }

    /// Nothing contains itself, or needs itself to run.
    pub fn forbids_circles(self) -> bool {
        matches!(self, Self::Contains | Self::DependsOn)
    }
}

words! {
    /// How a ticket stands to an asset.
    TicketRelation { AffectedBy = "AFFECTED_BY", CausedBy = "CAUSED_BY", RelatedTo = "RELATED_TO" }
}

impl TicketRelation {
    /// As the asset sees it.
    pub fn label(self) -> &'static str {
        match self {
            Self::AffectedBy => "affected it",
            Self::CausedBy => "was caused by it",
            Self::RelatedTo => "related to it",
        }
    }
}

/// What of several assets is changed together; what is not said stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetPatch {
    pub status: Option<AssetStatus>,
    pub category: Option<String>,
    pub location: Option<String>,
}

/// The spec's `assetNumber`: `AST-2026-0001`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct AssetNumber(pub(super) String);

/// Euros and cents, or whatever the organisation counts in: a price with two decimals, exact, from 0 to 99,999,999.99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Price(pub i64);

/// A category in words: `VIRTUAL_MACHINE` is a virtual machine, `UPS` stays one.
pub fn category_label(category: &str) -> String {
    let words = category.split('_').enumerate().map(|(at, word)| match word.chars().next() {
        _ if word.len() <= 3 => word.to_owned(),
        Some(first) if at == 0 => first.to_string() + &word[first.len_utf8()..].to_lowercase(),
        _ => word.to_lowercase(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRow {
    pub id: AssetId,
    pub asset_number: AssetNumber,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: AssetType,
    pub category: Option<String>,
    pub status: AssetStatus,
    pub owner: Option<String>,
    pub location: Option<String>,
    pub serial_number: Option<String>,
    pub warranty_expiry: Option<String>,
    pub open_tickets: i64,
    pub updated_at: Timestamp,
    pub version: i32,
}

/// An asset with all of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    pub id: AssetId,
    pub asset_number: AssetNumber,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: AssetType,
    pub category: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub serial_number: Option<String>,
    pub status: AssetStatus,
    pub assigned_to_id: Option<UserId>,
    /// By name.
    pub assigned_to: Option<String>,
    pub assigned_to_email: Option<String>,
    pub assigned_at: Option<Timestamp>,
    pub location: Option<String>,
    pub building: Option<String>,
    pub floor: Option<String>,
    pub room: Option<String>,
    /// Days, as `2026-11-27`.
    pub purchase_date: Option<String>,
    pub purchase_price: Option<Price>,
    pub warranty_expiry: Option<String>,
    pub seats: Option<i32>,
    pub notes: Option<String>,
    pub custom_fields: FieldValues,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
}

/// An asset as it is asked for; see [`super::commands::save_asset`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssetForm {
    pub name: String,
    /// HARDWARE without one.
    #[serde(rename = "type")]
    pub kind: Option<AssetType>,
    pub category: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub serial_number: Option<String>,
    /// ACTIVE without one.
    pub status: Option<AssetStatus>,
    pub assigned_to_id: Option<UserId>,
    pub location: Option<String>,
    pub building: Option<String>,
    pub floor: Option<String>,
    pub room: Option<String>,
    pub purchase_date: Option<String>,
    pub purchase_price: Option<String>,
    pub warranty_expiry: Option<String>,
    pub seats: Option<i32>,
    pub notes: Option<String>,
    pub custom_fields: FieldValues,
}

/// What a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssetFilter {
    pub words: Option<String>,
    pub kind: Option<AssetType>,
    pub category: Option<String>,
    pub status: Vec<AssetStatus>,
    pub owner: Option<OwnerFilter>,
    pub location: Option<String>,
    pub manufacturer: Option<String>,
    /// Its warranty ends within so many days from now, or is over.
    pub warranty_within_days: Option<i32>,
    pub deleted: bool,
    pub sort: Option<AssetSort>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnerFilter {
    Me,
    Nobody,
    Email(EmailAddress),
}

words! {
    /// The newest first without one.
    AssetSort { Created = "CREATED", Name = "NAME", Warranty = "WARRANTY" }
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetList {
    pub rows: Vec<AssetRow>,
    /// Where the next page begins.
    pub next: Option<String>,
    pub now: Timestamp,
}

/// How another asset stands to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub id: RelationId,
    pub kind: RelationType,
    /// The one that is looked at is the source.
    pub is_source: bool,
    pub asset_number: AssetNumber,
    pub name: String,
    pub status: AssetStatus,
    pub description: Option<String>,
}

/// Who handed it to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    pub from: Option<String>,
    pub to: Option<String>,
    pub by: Option<String>,
    pub note: Option<String>,
    pub at: Timestamp,
}

/// A field that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetChange {
    pub by: Option<String>,
    pub field: String,
    pub old_value: Option<String>,
    pub new_value: Option<String>,
    pub at: Timestamp,
}

/// A ticket about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetTicket {
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub status: TicketStatus,
    pub relation: TicketRelation,
    pub created_at: Timestamp,
}

/// An asset as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetPage {
    pub asset: Asset,
    pub relations: Vec<Relation>,
    pub handovers: Vec<Handover>,
    pub history: Vec<AssetChange>,
    /// Its failure record: the newest first, those that the reader may see.
    pub tickets: Vec<AssetTicket>,
    /// What was and will be changed of it, the newest first.
    pub changes: Vec<ChangeRow>,
    /// The oldest first; none for whoever only has the asset.
    pub attachments: Vec<HeldFile>,
    /// Of a licence: how many have it.
    pub seats_taken: i64,
    pub may_edit: bool,
    pub now: Timestamp,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// None where nothing was written.
    pub id: Option<ImportId>,
    pub made: usize,
    pub changed: usize,
    pub same: usize,
    /// Rows with something wrong: where there is one, nothing is written.
    pub wrong: usize,
    /// Line, column and what is wrong there.
    pub errors: Vec<(u64, String, String)>,
    /// Each column with the field that it is read as.
    pub columns: Vec<(String, Option<String>)>,
    /// The file was no UTF-8, and read as what Windows writes.
    pub was_guessed: bool,
}

/// A table that was brought in, or is about to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub rows: i32,
    pub made: i32,
    pub changed: i32,
    pub by: Option<String>,
    pub at: Timestamp,
    pub done_at: Option<Timestamp>,
    pub undone_at: Option<Timestamp>,
}

/// Which way to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// What fails with it.
    Affected,
    /// What it needs.
    Needed,
}

/// What is reached from an asset one way, to any depth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// The nearest first, up to a number.
    pub rows: Vec<AssetRow>,
    pub total: i64,
    /// Open tickets about them.
    pub tickets: i64,
    /// People who have one of them.
    pub people: i64,
}

/// What stands around an asset, placed for a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
    /// So many have no room.
    pub hidden: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphNode {
    pub asset_number: AssetNumber,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: AssetType,
    pub status: AssetStatus,
    /// Columns from the asset that is looked at; what fails with it is positive.
    pub column: i32,
    pub row: usize,
    pub rows: usize,
    pub open_tickets: i64,
}

/// Joins two of the nodes, by their places in the list: the source of the relation, and its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphEdge {
    pub source: usize,
    pub target: usize,
    #[serde(rename = "type")]
    pub kind: RelationType,
}

/// An asset that a ticket is about, or may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedAsset {
    pub id: AssetId,
    pub asset_number: AssetNumber,
    pub name: String,
    pub status: AssetStatus,
    pub relation: TicketRelation,
}
