//! What is to be known of the assets of a category.

use crate::fields::FieldKind;
use crate::id::id;
use serde::{Deserialize, Serialize};

id!(AssetFieldId);

/// A field as declared. Its values stand in an asset's `custom_fields` under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetField {
    pub id: AssetFieldId,
    /// Never changes.
    pub name: String,
    /// Never changes.
    pub kind: FieldKind,
    pub help: Option<String>,
    pub choices: Vec<String>,
    /// Where it belongs; none means everywhere.
    pub categories: Vec<String>,
    /// Asked for where one asset is written; tables and tools may leave it out.
    pub required: bool,
    pub position: i32,
    pub version: i32,
}

impl AssetField {
    /// What a field of assets may hold: persons have assets, they do not stand in them.
    pub const KINDS: [FieldKind; 5] =
        [FieldKind::Text, FieldKind::Number, FieldKind::Date, FieldKind::Choice, FieldKind::YesNo];

    /// Whether assets of this category have it.
    pub fn belongs_to(&self, category: Option<&str>) -> bool {
        self.categories.is_empty() || category.is_some_and(|category| self.categories.iter().any(|one| one == category))
    }
}

/// A field as it is filled in; see [`super::commands::save_asset_field`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssetFieldForm {
    pub name: String,
    /// TEXT without one.
    pub kind: Option<FieldKind>,
    pub help: Option<String>,
    pub choices: Vec<String>,
    pub categories: Vec<String>,
    pub required: bool,
    /// After the others without one.
    pub position: Option<i32>,
}

/// At most this many fields.
pub const ASSET_FIELDS_MAX: usize = 60;
