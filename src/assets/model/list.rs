//! Lists of assets: what is asked for, and what is shown.

use super::{AssetId, AssetNumber, AssetStatus, AssetType, Price};
use crate::fields::FieldValues;
use crate::id::words;
use crate::{EmailAddress, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

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
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub serial_number: Option<String>,
    /// Days, as `2026-11-27`.
    pub purchase_date: Option<String>,
    pub purchase_price: Option<Price>,
    pub warranty_expiry: Option<String>,
    /// Of a licence, with how many of them are taken.
    pub seats: Option<i32>,
    pub seats_taken: i64,
    /// What stands in the declared fields that were asked for.
    pub own: FieldValues,
    pub open_tickets: i64,
    pub updated_at: Timestamp,
    pub version: i32,
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
    /// Those whose seats are counted.
    pub licences: bool,
    pub seats: Option<SeatsFilter>,
    /// What stands in a field of its own: the field's name, and the value as one would type it.
    pub own: Option<(String, String)>,
    pub deleted: bool,
    pub sort: Option<AssetSort>,
    /// What is shown of each: of the fields that are declared, those.
    pub columns: Vec<AssetColumn>,
}

words! {
    /// Licences with no seat left, and those with more taken than there are.
    SeatsFilter { Full = "FULL", Over = "OVER" }
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

words! {
    /// What a list can show of each asset beside its number, name and status.
    AssetFact {
        Category = "category",
        Type = "type",
        Owner = "owner",
        Place = "place",
        Manufacturer = "manufacturer",
        Model = "model",
        Serial = "serial",
        Bought = "bought",
        Price = "price",
        Warranty = "warranty",
        Seats = "seats",
        Tickets = "tickets",
        Updated = "updated",
    }
}

impl AssetFact {
    pub fn label(self) -> &'static str {
        match self {
            Self::Category => "Category",
            Self::Type => "Type",
            Self::Owner => "Owner",
            Self::Place => "Place",
            Self::Manufacturer => "Manufacturer",
            Self::Model => "Model",
            Self::Serial => "Serial number",
            Self::Bought => "Bought",
            Self::Price => "Price",
            Self::Warranty => "Warranty until",
            Self::Seats => "Seats",
            Self::Tickets => "Open tickets",
            Self::Updated => "Changed",
        }
    }

    /// Figures stand at the right.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Price | Self::Seats | Self::Tickets)
    }
}

/// A column of a list: what every asset has, or a declared field, `field:Memory`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssetColumn {
    Fact(AssetFact),
    Own(String),
}

/// What a declared field is called among columns.
const OWN: &str = "field:";

/// So many columns a list has at most.
pub const COLUMNS_MAX: usize = 12;

impl AssetColumn {
    pub const USUAL: [Self; 5] = [
        Self::Fact(AssetFact::Category),
        Self::Fact(AssetFact::Owner),
        Self::Fact(AssetFact::Place),
        Self::Fact(AssetFact::Warranty),
        Self::Fact(AssetFact::Tickets),
    ];

    pub fn label(&self) -> &str {
        match self {
            Self::Fact(fact) => fact.label(),
            Self::Own(name) => name,
        }
    }

    /// Columns as an address has them, separated by commas. What is none is passed over: an old link still opens.
    pub fn read(text: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for column in text.split(',').filter_map(|word| word.trim().parse().ok()) {
            if found.len() < COLUMNS_MAX && !found.contains(&column) {
                found.push(column);
            }
        }
        found
    }

    /// As [`Self::read`] reads them.
    pub fn write(columns: &[Self]) -> String {
        columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

impl std::fmt::Display for AssetColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fact(fact) => f.write_str(fact.as_str()),
            Self::Own(name) => write!(f, "{OWN}{name}"),
        }
    }
}

impl std::str::FromStr for AssetColumn {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.strip_prefix(OWN).map(str::trim) {
            Some(name) if !name.is_empty() && name.len() <= 240 && !name.contains(['\0', ',', ':']) => {
                Ok(Self::Own(name.to_owned()))
            }
            _ => text.parse().map(Self::Fact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_as_they_are_written() {
        let columns = vec![
            AssetColumn::Own("Memory".into()),
            AssetColumn::Fact(AssetFact::Seats),
            AssetColumn::Own("Größe".into()),
        ];
        assert_eq!(AssetColumn::read(&AssetColumn::write(&columns)), columns);
        assert_eq!(AssetColumn::read("seats, colour,field:,seats"), [AssetColumn::Fact(AssetFact::Seats)]);
        let many: Vec<_> = (0..40).map(|at| format!("field:F{at}")).collect();
        assert_eq!(AssetColumn::read(&many.join(",")).len(), COLUMNS_MAX);
    }
}
