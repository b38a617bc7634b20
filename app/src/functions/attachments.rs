//! Files of assets and changes.

use crate::AppError;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::attachments::commands;
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;

/// `holder` is `asset` or `change`.
#[server(prefix = "/fn", endpoint = "remove_attachment")]
pub async fn remove_attachment(holder: String, id: String) -> Result<(), AppError> {
    actor().signed_in()?;
    let kind = holder.parse().map_err(|error| rename(error, "holder"))?;
    Ok(commands::remove_attachment(&desk()?, &actor(), kind, id.parse()?).await?)
}
