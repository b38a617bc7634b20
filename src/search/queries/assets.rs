//! Finding assets: by number or serial number, and by words that stand in their name, kind or place. Names and numbers mean
//! nothing to a model.

use super::Sought;
use crate::assets::{AssetFilter, AssetNumber, AssetRow, category_label, queries};
use crate::desk::Desk;
use crate::search::{Found, FoundKind, Why};
use crate::{Actor, Result};

/// What all of the words stand in is likely what was meant.
const HAS_ALL: f32 = 0.6;

pub(super) async fn find_assets(desk: &Desk, actor: &Actor, sought: &Sought<'_>) -> Result<Vec<Found>> {
    let text = sought.question.text.trim();
    // A number that was shortened is found in full.
    let number = text.parse::<AssetNumber>().ok();
    let words = number.as_ref().map_or(text, AssetNumber::as_str).to_owned();
    let filter = AssetFilter { words: Some(words), ..AssetFilter::default() };
    let list = queries::list_assets(desk, actor, &filter, None, sought.limit).await?;
    let is_meant = |row: &AssetRow| {
        let serial = row.serial_number.as_deref().is_some_and(|serial| serial.to_lowercase() == text.to_lowercase());
        serial || number.as_ref() == Some(&row.asset_number)
    };
    let found = list.rows.into_iter().map(|row| {
        let is_its_number = is_meant(&row);
        let category = row.category.as_deref().map(category_label);
        let says = [category.as_deref(), row.owner.as_deref(), row.location.as_deref(), row.serial_number.as_deref()];
        let says = says.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Found {
            kind: FoundKind::Asset,
            id: row.id.0,
            address: row.asset_number.to_string(),
            title: row.name,
            excerpt: vec![(says, false)],
            anchor: None,
            status: None,
            is_public: false,
            is_known_error: false,
            score: if is_its_number { 1.0 } else { HAS_ALL },
            why: Why { is_its_number, words: sought.question.words.clone(), has: HAS_ALL, meaning: None },
        }
    });
    Ok(found.collect())
}
