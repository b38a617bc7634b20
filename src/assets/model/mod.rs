//! What an asset is: a thing that the organisation runs, the spec's `Asset`.

mod field;
mod graph;
mod import;
mod list;
mod page;

pub use field::*;
pub use graph::*;
pub use import::*;
pub use list::*;
pub use page::*;

use crate::Timestamp;
use crate::fields::FieldValues;
use crate::id::{id, words};
use crate::people::UserId;
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

/// A category as assets have it: `Virtual machine` is `VIRTUAL_MACHINE`.
pub fn category_word(text: &str) -> String {
    text.trim().to_uppercase().replace(' ', "_")
}

/// A category in words: `VIRTUAL_MACHINE` is a virtual machine, `UPS` stays one.
pub fn category_label(category: &str) -> String {
    let words = category.split('_').enumerate().map(|(at, word)| match word.chars().next() {
        _ if word.len() <= 3 => word.to_owned(),
        Some(first) if at == 0 => first.to_string() + &word[first.len_utf8()..].to_lowercase(),
        _ => word.to_lowercase(),
    });
    words.collect::<Vec<_>>().join(" ")
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
