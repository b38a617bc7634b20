//! Reading settings: the stored value, or the declared default.

use super::find;
use crate::desk::Desk;
use crate::{Error, Result};

pub async fn text(desk: &Desk, key: &str) -> Result<String> {
    let setting = find(key).ok_or_else(|| Error::internal(format!("undeclared setting {key}")))?;
    let stored =
        sqlx::query_scalar!("SELECT value FROM system_settings WHERE key = $1", key).fetch_optional(&desk.db).await?;
    Ok(stored.filter(|value| setting.check(value).is_ok()).unwrap_or_else(|| setting.default.to_owned()))
}

pub async fn boolean(desk: &Desk, key: &str) -> Result<bool> {
    Ok(text(desk, key).await? == "true")
}

pub async fn number(desk: &Desk, key: &str) -> Result<u64> {
    text(desk, key).await?.parse().map_err(Error::internal)
}
