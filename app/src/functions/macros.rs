//! Macros: reading, using, saving, deleting; and what Markdown will look like.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::macros::{Applied, Macro};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::macros::{NewMacro, commands, queries};

#[server(prefix = "/fn", endpoint = "list_macros")]
pub async fn list_macros() -> Result<Vec<Macro>> {
    Ok(queries::list_macros(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "apply_macro")]
pub async fn apply_macro(id: String, use_macro: String) -> Result<Applied> {
    Ok(commands::apply_macro(&desk()?, &actor(), id.parse()?, use_macro.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "save_macro")]
pub async fn save_macro(
    name: String,
    body: Option<String>,
    status: Option<String>,
    priority: Option<String>,
    assign_to_me: Option<String>,
    tags: Option<String>,
    is_shared: Option<String>,
) -> Result<()> {
    let new = NewMacro {
        name,
        body: body.unwrap_or_default(),
        is_shared: is_shared.is_some(),
        status,
        priority,
        assign_to_me: assign_to_me.is_some(),
        tags: tags.unwrap_or_default().split(',').map(str::to_owned).collect(),
    };
    commands::save_macro(&desk()?, &actor(), new).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_macro")]
pub async fn delete_macro(id: String) -> Result<()> {
    Ok(commands::delete_macro(&desk()?, &actor(), id.parse()?).await?)
}

/// The HTML that a reply will be.
#[server(prefix = "/fn", endpoint = "preview_markdown")]
pub async fn preview_markdown(text: Option<String>) -> Result<String> {
    actor().signed_in()?;
    let text = oxdesk::optional("comment", text.as_deref(), oxdesk::tickets::COMMENT_MAX)?;
    Ok(oxdesk::markdown::render(&text.unwrap_or_default(), &[]))
}
