//! Changing settings.

use super::{SEARCH_LANGUAGE, find};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::search::commands::set_language;
use crate::{Actor, Error, Permission, Result};

/// Stores a value; it counts from the next request on, on every node.
pub async fn set_setting(desk: &Desk, actor: &Actor, key: &str, value: &str) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let setting = find(key).ok_or_else(|| Error::invalid("key", "There is no such setting."))?;
    setting.check(value).map_err(|message| Error::invalid("value", message))?;
    let mut tx = desk.db.begin().await?;
    let before = sqlx::query_scalar!("SELECT value FROM system_settings WHERE key = $1 FOR UPDATE", key)
        .fetch_optional(&mut *tx)
        .await?;
    sqlx::query!(
        "INSERT INTO system_settings (key, value, type, category, description, updated_by_id) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_by_id = EXCLUDED.updated_by_id",
        key,
        value,
        setting.kind.as_str(),
        setting.category,
        setting.description,
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    if key == SEARCH_LANGUAGE && before.as_deref().unwrap_or(setting.default) != value {
        set_language(&mut tx, value).await?;
    }
    let changes = serde_json::json!({ "before": before.as_deref().unwrap_or(setting.default), "after": value });
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "SETTING").entity(key).changes(changes)).await?;
    tx.commit().await?;
    Ok(())
}
