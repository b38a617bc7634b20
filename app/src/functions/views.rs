//! Views: the rail, saving, deleting.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::views::Rail;

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::views::{NewView, commands, queries};

#[server(prefix = "/fn", endpoint = "read_rail")]
pub async fn read_rail() -> Result<Rail> {
    Ok(queries::rail(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "save_view")]
pub async fn save_view(
    name: String,
    bar: Option<String>,
    sort: Option<String>,
    columns: Option<String>,
    group_by: Option<String>,
    audience: Option<String>,
) -> Result<()> {
    let new =
        NewView { name, bar: bar.unwrap_or_default(), sort, columns, group_by, audience: audience.unwrap_or_default() };
    commands::save_view(&desk()?, &actor(), new).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_view")]
pub async fn delete_view(id: String) -> Result<()> {
    let id = id.parse().map_err(crate::AppError::from_core)?;
    Ok(commands::delete_view(&desk()?, &actor(), id).await?)
}
