//! Settings.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::settings::SettingValue;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::settings::{commands, queries};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsShown {
    pub values: Vec<SettingValue>,
    pub now: Timestamp,
}

#[server(prefix = "/fn", endpoint = "read_settings")]
pub async fn read_settings() -> Result<SettingsShown> {
    let values = queries::list_settings(&desk()?, &actor()).await?;
    Ok(SettingsShown { values, now: Timestamp::now() })
}

#[server(prefix = "/fn", endpoint = "set_setting")]
pub async fn set_setting(key: String, value: Option<String>) -> Result<()> {
    Ok(commands::set_setting(&desk()?, &actor(), &key, &value.unwrap_or_default()).await?)
}

#[server(prefix = "/fn", endpoint = "reset_setting")]
pub async fn reset_setting(key: String) -> Result<()> {
    Ok(commands::reset_setting(&desk()?, &actor(), &key).await?)
}
