//! What is to be known of assets of a category.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::assets::AssetField;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::assets::{AssetFieldForm, commands, queries};
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;
#[cfg(feature = "ssr")]
use oxdesk::{Error, Permission};

/// The fields that are declared, and the categories that assets have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFieldsShown {
    pub fields: Vec<AssetField>,
    pub categories: Vec<String>,
    pub may_edit: bool,
}

#[server(prefix = "/fn", endpoint = "read_asset_fields")]
pub async fn read_asset_fields() -> Result<AssetFieldsShown> {
    let (desk, actor) = (desk()?, actor());
    let fields = queries::list_asset_fields(&desk, &actor).await?;
    let may_edit = actor.can(Permission::FieldManage);
    let categories = match may_edit && actor.can(Permission::AssetWrite) {
        true => queries::asset_categories(&desk, &actor).await?,
        false => Vec::new(),
    };
    Ok(AssetFieldsShown { fields, categories, may_edit })
}

/// A declaration's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssetFieldFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub kind: Option<String>,
    pub help: Option<String>,
    /// A line each.
    pub choices: String,
    /// Separated by commas.
    pub categories: String,
    pub required: Option<String>,
    pub position: String,
}

#[server(prefix = "/fn", endpoint = "save_asset_field")]
pub async fn save_asset_field(field: AssetFieldFields) -> Result<()> {
    let changes = field.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, field.version));
    let listed = |text: &str, mark: char| text.split(mark).map(str::to_owned).collect::<Vec<_>>();
    let kind = field.kind.map(|kind| kind.parse()).transpose().map_err(|error| rename(error, "kind"))?;
    let position = field.position.trim();
    let position = (!position.is_empty()).then(|| position.parse()).transpose();
    let form = AssetFieldForm {
        kind,
        position: position.map_err(|_| Error::invalid("position", "A whole number, please."))?,
        choices: listed(&field.choices, '\n'),
        categories: listed(&field.categories, ','),
        required: field.required.is_some(),
        name: field.name,
        help: field.help,
    };
    commands::save_asset_field(&desk()?, &actor(), changes, &form).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_asset_field")]
pub async fn delete_asset_field(id: String) -> Result<()> {
    Ok(commands::delete_asset_field(&desk()?, &actor(), id.parse()?).await?)
}
