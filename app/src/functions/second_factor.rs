//! A second factor of one's own, and of others for those who manage people.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::people::SecondFactor;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::people::{commands, queries};

/// How one's own account is with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactorShown {
    pub factor: SecondFactor,
    /// By when a role wants one.
    pub due: Option<Timestamp>,
    /// That time is over: nothing else is theirs before.
    pub is_owed: bool,
    pub is_agent: bool,
}

#[server(prefix = "/fn", endpoint = "read_second_factor")]
pub async fn read_second_factor() -> Result<SecondFactorShown> {
    let (desk, actor) = (desk()?, actor());
    let factor = queries::second_factor(&desk, &actor).await?;
    let (is_owed, is_agent) = (actor.owes_second_factor(), actor.is_agent());
    Ok(SecondFactorShown { factor, due: actor.second_factor_due, is_owed, is_agent })
}

#[server(prefix = "/fn", endpoint = "prepare_second_factor")]
pub async fn prepare_second_factor(password: String) -> Result<()> {
    Ok(commands::prepare_second_factor(&desk()?, &actor(), &password).await?)
}

#[server(prefix = "/fn", endpoint = "confirm_second_factor")]
pub async fn confirm_second_factor(code: String) -> Result<()> {
    Ok(commands::confirm_second_factor(&desk()?, &actor(), &code).await?)
}

#[server(prefix = "/fn", endpoint = "renew_recovery_codes")]
pub async fn renew_recovery_codes(code: String) -> Result<()> {
    Ok(commands::renew_recovery_codes(&desk()?, &actor(), &code).await?)
}

#[server(prefix = "/fn", endpoint = "keep_recovery_codes")]
pub async fn keep_recovery_codes() -> Result<()> {
    Ok(commands::keep_recovery_codes(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "remove_second_factor")]
pub async fn remove_second_factor(code: String) -> Result<()> {
    Ok(commands::remove_second_factor(&desk()?, &actor(), &code).await?)
}

/// Somebody else's, who lost what makes the codes.
#[server(prefix = "/fn", endpoint = "reset_second_factor")]
pub async fn reset_second_factor(id: String) -> Result<()> {
    Ok(commands::reset_second_factor(&desk()?, &actor(), id.parse()?).await?)
}
