//! One's own API tokens.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::people::ApiToken;
use oxdesk::{Permission, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[cfg(feature = "ssr")]
use crate::session::{actor, desk, hide_token, show_token, shown_token};
#[cfg(feature = "ssr")]
use oxdesk::people::{NewToken, commands, queries};
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;

/// The list, and what a new one may be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokensShown {
    pub tokens: Vec<ApiToken>,
    /// The one that was just made, to be copied.
    pub new: Option<String>,
    pub may: BTreeSet<Permission>,
    pub now: Timestamp,
}

#[server(prefix = "/fn", endpoint = "read_tokens")]
pub async fn read_tokens() -> Result<TokensShown> {
    let (desk, actor) = (desk()?, actor());
    let tokens = queries::list_tokens(&desk, &actor).await?;
    Ok(TokensShown { tokens, new: shown_token(&desk).await?, may: actor.permissions, now: Timestamp::now() })
}

/// The form of a new token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenFields {
    pub name: String,
    /// Days; empty for one that never expires.
    pub expires: Option<String>,
    /// Only what is ticked, instead of everything.
    pub is_narrow: Option<String>,
    pub scopes: Vec<String>,
}

#[server(prefix = "/fn", endpoint = "create_token")]
pub async fn create_token(token: TokenFields) -> Result<()> {
    let desk = desk()?;
    let days = token.expires.filter(|days| !days.is_empty()).map(|days| days.parse()).transpose();
    let expires_in_days = days.map_err(|_| oxdesk::Error::invalid("expires", "A whole number of days, please."))?;
    let scopes = token.scopes.iter().map(|word| word.parse()).collect::<oxdesk::Result<_>>();
    let scopes = scopes.map_err(|error| rename(error, "scopes"))?;
    let scopes = token.is_narrow.is_some_and(|narrow| narrow == "true").then_some(scopes);
    let made = commands::create_token(&desk, &actor(), &NewToken { name: token.name, expires_in_days, scopes }).await?;
    show_token(&desk, &made).await
}

#[server(prefix = "/fn", endpoint = "hide_new_token")]
pub async fn hide_new_token() -> Result<()> {
    actor().signed_in()?;
    hide_token().await
}

#[server(prefix = "/fn", endpoint = "revoke_token")]
pub async fn revoke_token(id: String) -> Result<()> {
    Ok(commands::revoke_token(&desk()?, &actor(), id.parse()?).await?)
}
