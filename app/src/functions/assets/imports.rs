//! Tables of assets that are brought in.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::assets::{Import, ImportProgress, ImportReport};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::Error;
#[cfg(feature = "ssr")]
use oxdesk::assets::{commands, queries};

/// The latest imports, and when they were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportsShown {
    pub imports: Vec<Import>,
    pub now: oxdesk::Timestamp,
}

#[server(prefix = "/fn", endpoint = "read_asset_imports")]
pub async fn read_asset_imports() -> Result<ImportsShown> {
    let imports = queries::list_imports(&desk()?, &actor()).await?;
    Ok(ImportsShown { imports, now: oxdesk::Timestamp::now() })
}

/// A table that was sent, with what would come of it as long as it is not brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportShown {
    pub import: Import,
    pub report: Option<ImportReport>,
}

#[server(prefix = "/fn", endpoint = "read_asset_import")]
pub async fn read_asset_import(id: String) -> Result<ImportShown> {
    let (desk, actor) = (desk()?, actor());
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let import = queries::import(&desk, &actor, id).await?;
    let report = match import.done_at {
        None => Some(commands::check_import(&desk, &actor, id, None).await?),
        Some(_) => None,
    };
    Ok(ImportShown { import, report })
}

/// Says which field each column is, in their order.
#[server(prefix = "/fn", endpoint = "map_asset_import")]
pub async fn map_asset_import(id: String, fields: Option<Vec<String>>) -> Result<()> {
    let fields = fields.unwrap_or_default();
    commands::check_import(&desk()?, &actor(), id.parse()?, Some(&fields)).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "run_asset_import")]
pub async fn run_asset_import(id: String) -> Result<()> {
    let report = commands::run_import(&desk()?, &actor(), id.parse()?).await?;
    if report.wrong > 0 {
        return Err(Error::invalid("", "Nothing was brought in: some rows are wrong.").into());
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "undo_asset_import")]
pub async fn undo_asset_import(id: String) -> Result<()> {
    commands::undo_import(&desk()?, &actor(), id.parse()?).await?;
    Ok(())
}

/// How far an import is that is on its way.
#[server(prefix = "/fn", endpoint = "read_import_progress")]
pub async fn read_import_progress(id: String) -> Result<ImportProgress> {
    Ok(queries::import_progress(&desk()?, &actor(), id.parse()?).await?)
}
