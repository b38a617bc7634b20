//! Assets: lists, pages, what stands around them.

mod fields;
mod imports;

pub use fields::*;
pub use imports::*;

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::assets::{Asset, AssetField, AssetList, AssetPage, Graph, Impact};
use oxdesk::views::AssetView;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::assets::rules::{facts_sent, parse_asset_filter};
#[cfg(feature = "ssr")]
use oxdesk::assets::{AssetColumn, AssetForm, AssetId, AssetPatch, Way, commands, queries};
#[cfg(feature = "ssr")]
use oxdesk::people::UserId;
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;
#[cfg(feature = "ssr")]
use oxdesk::{Error, Permission};

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetsShown {
    pub list: AssetList,
    /// What in the bar is no filter, and why.
    pub wrong: Vec<(String, String)>,
    pub may_edit: bool,
    /// Those that were deleted: they are brought back, or nothing.
    pub is_deleted: bool,
    /// Of whoever sees them all: lists with a name.
    pub views: Vec<AssetView>,
    /// What may be a column beside what every asset has.
    pub fields: Vec<String>,
}

/// So many on one page.
#[cfg(feature = "ssr")]
const PAGE: i64 = 100;

/// `cols` are columns, separated by commas, the usual ones without any.
#[server(prefix = "/fn", endpoint = "read_assets")]
pub async fn read_assets(q: Option<String>, cols: Option<String>, after: Option<String>) -> Result<AssetsShown> {
    let (desk, actor) = (desk()?, actor());
    let (mut filter, wrong) = parse_asset_filter(&q.unwrap_or_default());
    filter.columns = cols.map_or_else(|| AssetColumn::USUAL.to_vec(), |cols| AssetColumn::read(&cols));
    let list = queries::list_assets(&desk, &actor, &filter, after.as_deref(), PAGE).await?;
    let sees_all = actor.can(Permission::AssetRead) || actor.can(Permission::AssetWrite);
    let (views, fields) = match sees_all {
        true => (
            oxdesk::views::queries::list_asset_views(&desk, &actor).await?,
            queries::list_asset_fields(&desk, &actor).await?.into_iter().map(|field| field.name).collect(),
        ),
        false => Default::default(),
    };
    let (may_edit, is_deleted) = (actor.can(Permission::AssetWrite), filter.deleted);
    Ok(AssetsShown { list, wrong, may_edit, is_deleted, views, fields })
}

/// Keeps a list under a name.
#[server(prefix = "/fn", endpoint = "save_asset_view")]
pub async fn save_asset_view(
    name: String,
    bar: Option<String>,
    columns: Option<String>,
    audience: Option<String>,
) -> Result<()> {
    let new = oxdesk::views::NewAssetView {
        name,
        bar: bar.unwrap_or_default(),
        columns,
        audience: audience.unwrap_or_default(),
    };
    oxdesk::views::commands::save_asset_view(&desk()?, &actor(), new).await?;
    Ok(())
}

/// An asset by its number, or by the serial number on its back.
#[server(prefix = "/fn", endpoint = "read_asset")]
pub async fn read_asset(number: String) -> Result<AssetPage> {
    let (desk, actor) = (desk()?, actor());
    let id = queries::resolve_number(&desk, &actor, &number).await?;
    let page = queries::asset_page(&desk, &actor, id).await?;
    // It has one address.
    if crate::session::is_page() && page.asset.asset_number.as_str() != number {
        leptos_axum::redirect(&format!("/assets/{}", page.asset.asset_number));
    }
    Ok(page)
}

/// What the editor shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetEditor {
    /// None for a new one.
    pub asset: Option<Asset>,
    /// Those that assets have, to choose from.
    pub categories: Vec<String>,
    /// What is declared, of every category.
    pub fields: Vec<AssetField>,
}

#[server(prefix = "/fn", endpoint = "read_asset_editor")]
pub async fn read_asset_editor(number: Option<String>) -> Result<AssetEditor> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::AssetWrite)?;
    let asset = match number {
        Some(number) => {
            let id = queries::resolve_number(&desk, &actor, &number).await?;
            Some(queries::asset(&desk, &actor, id).await?)
        }
        None => None,
    };
    let fields = queries::list_asset_fields(&desk, &actor).await?;
    Ok(AssetEditor { asset, categories: queries::asset_categories(&desk, &actor).await?, fields })
}

/// An asset's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssetFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub kind: String,
    pub category: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub serial_number: Option<String>,
    pub status: String,
    /// An e-mail address.
    pub owner: String,
    pub location: Option<String>,
    pub building: Option<String>,
    pub floor: Option<String>,
    pub room: Option<String>,
    pub purchase_date: Option<String>,
    pub purchase_price: Option<String>,
    pub warranty_expiry: Option<String>,
    pub seats: String,
    pub notes: Option<String>,
    /// Each declared field that was shown.
    pub own: BTreeMap<String, OwnField>,
    /// A line each: `Memory: 16 GB`.
    pub facts: String,
}

/// A declared field with what was written into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnField {
    pub name: String,
    pub value: String,
}

#[server(prefix = "/fn", endpoint = "save_asset")]
pub async fn save_asset(asset: AssetFields) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::AssetWrite)?;
    let changes = asset.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, asset.version));
    let before = match changes {
        Some((id, _)) => Some(queries::asset(&desk, &actor, id).await?),
        None => None,
    };
    let declared = queries::list_asset_fields(&desk, &actor).await?;
    let own = asset.own.into_values().map(|own| (own.name, own.value));
    let seats = asset.seats.trim();
    let seats = (!seats.is_empty()).then(|| seats.parse::<i32>()).transpose();
    let form = AssetForm {
        kind: Some(asset.kind.parse().map_err(|error| AppError::from(rename(error, "type")))?),
        status: Some(asset.status.parse().map_err(|error| AppError::from(rename(error, "status")))?),
        assigned_to_id: owner(&asset.owner, "owner").await?,
        seats: seats.map_err(|_| Error::invalid("seats", "A whole number, please."))?,
        custom_fields: facts_sent(&asset.facts, own, before.as_ref(), &declared)?,
        name: asset.name,
        category: asset.category,
        manufacturer: asset.manufacturer,
        model: asset.model,
        serial_number: asset.serial_number,
        location: asset.location,
        building: asset.building,
        floor: asset.floor,
        room: asset.room,
        purchase_date: asset.purchase_date,
        purchase_price: asset.purchase_price,
        warranty_expiry: asset.warranty_expiry,
        notes: asset.notes,
    };
    let id = commands::save_asset(&desk, &actor, changes, &form).await?;
    open(id).await
}

/// Goes to the asset's page.
#[cfg(feature = "ssr")]
async fn open(id: AssetId) -> Result<()> {
    let asset = queries::asset(&desk()?, &actor(), id).await?;
    leptos_axum::redirect(&format!("/assets/{}", asset.asset_number));
    Ok(())
}

/// Whose address it is.
#[cfg(feature = "ssr")]
async fn owner(email: &str, field: &str) -> Result<Option<UserId>> {
    if email.trim().is_empty() {
        return Ok(None);
    }
    let email = email.parse().map_err(|error| AppError::from(rename(error, field)))?;
    let found = queries::owner_by_email(&desk()?, &actor(), &email).await?;
    Ok(Some(found.ok_or_else(|| Error::invalid(field, "Nobody here has this address."))?))
}

/// Changes the chosen ones together; what is empty stays.
#[server(prefix = "/fn", endpoint = "change_assets")]
pub async fn change_assets(
    ids: Option<Vec<String>>,
    status: Option<String>,
    category: Option<String>,
    location: Option<String>,
) -> Result<()> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let status = given(status).map(|status| status.parse().map_err(|error| AppError::from(rename(error, "status"))));
    let patch = AssetPatch { status: status.transpose()?, category: given(category), location: given(location) };
    let ids = ids.unwrap_or_default().iter().map(|id| id.parse()).collect::<oxdesk::Result<Vec<AssetId>>>()?;
    commands::change_assets(&desk()?, &actor(), &ids, &patch).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "hand_over_asset")]
pub async fn hand_over_asset(id: String, to: String, note: Option<String>) -> Result<()> {
    actor().require(Permission::AssetWrite)?;
    let to = owner(&to, "to").await?;
    Ok(commands::hand_over(&desk()?, &actor(), id.parse()?, to, note.as_deref()).await?)
}

#[server(prefix = "/fn", endpoint = "delete_asset")]
pub async fn delete_asset(id: String) -> Result<()> {
    commands::delete_asset(&desk()?, &actor(), id.parse()?).await?;
    leptos_axum::redirect("/assets");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "restore_asset")]
pub async fn restore_asset(id: String) -> Result<()> {
    let id = id.parse()?;
    commands::restore_asset(&desk()?, &actor(), id).await?;
    open(id).await
}

/// The asset that a form names by its number.
#[cfg(feature = "ssr")]
async fn named(number: &str, field: &str) -> Result<AssetId> {
    actor().signed_in()?;
    let missing = || Error::invalid(field, "There is no such asset, or you may not see it.");
    Ok(queries::resolve_number(&desk()?, &actor(), number).await.map_err(|_| missing())?)
}

/// `kind` is a kind of relation, with a `-` before it where the other asset is its source.
#[server(prefix = "/fn", endpoint = "relate_assets")]
pub async fn relate_assets(id: String, kind: String, other: String, description: Option<String>) -> Result<()> {
    actor().require(Permission::AssetWrite)?;
    let (id, other) = (id.parse()?, named(&other, "other").await?);
    let is_target = kind.starts_with('-');
    let kind = kind.trim_start_matches('-').parse().map_err(|error| AppError::from(rename(error, "kind")))?;
    let (source, target) = if is_target { (other, id) } else { (id, other) };
    commands::relate_assets(&desk()?, &actor(), source, kind, target, description.as_deref())
        .await
        .map_err(|error| AppError::from(rename(error, "other")))?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "unrelate_assets")]
pub async fn unrelate_assets(id: String, relation: String) -> Result<()> {
    Ok(commands::unrelate_assets(&desk()?, &actor(), id.parse()?, relation.parse()?).await?)
}

/// What stands around an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    pub asset: Asset,
    pub graph: Graph,
    pub affected: Impact,
    pub needed: Impact,
}

/// `kinds` are those of relations that are followed, all without any.
#[server(prefix = "/fn", endpoint = "read_around")]
pub async fn read_around(number: String, steps: u32, kinds: Option<Vec<String>>) -> Result<Around> {
    let (desk, actor) = (desk()?, actor());
    let id = queries::resolve_number(&desk, &actor, &number).await?;
    let kinds: Vec<_> = kinds.unwrap_or_default().iter().filter_map(|kind| kind.parse().ok()).collect();
    Ok(Around {
        asset: queries::asset(&desk, &actor, id).await?,
        graph: queries::graph(&desk, &actor, id, steps, &kinds).await?,
        affected: queries::impact(&desk, &actor, id, Way::Affected).await?,
        needed: queries::impact(&desk, &actor, id, Way::Needed).await?,
    })
}

/// Says that a ticket is about an asset.
#[server(prefix = "/fn", endpoint = "link_asset")]
pub async fn link_asset(id: String, asset: String, relation: Option<String>) -> Result<()> {
    let relation = relation.unwrap_or_else(|| "AFFECTED_BY".to_owned());
    let relation = relation.parse().map_err(|error| AppError::from(rename(error, "relation")))?;
    let asset = named(&asset, "asset").await?;
    Ok(commands::link_asset(&desk()?, &actor(), id.parse()?, asset, relation).await?)
}

#[server(prefix = "/fn", endpoint = "unlink_asset")]
pub async fn unlink_asset(id: String, asset: String) -> Result<()> {
    Ok(commands::unlink_asset(&desk()?, &actor(), id.parse()?, asset.parse()?).await?)
}
