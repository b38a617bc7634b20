//! Changing settings.

use super::{SEARCH_LANGUAGE, Setting, find};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::search::commands::set_language;
use crate::{Actor, Error, Permission, Result};
use sqlx::PgConnection;

/// Stores a value; it counts on every node within a second.
pub async fn set_setting(desk: &Desk, actor: &Actor, key: &str, value: &str) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let setting = find(key).ok_or_else(|| Error::invalid("key", "There is no such setting."))?;
    let value = value.trim().replace("\r\n", "\n");
    // Which one is said, too: without a script, the page shows it at every form that changes a setting.
    setting.check(&value).map_err(|message| Error::invalid("value", format!("{}: {message}", setting.name)))?;
    let mut tx = desk.db.begin().await?;
    let before = kept(&mut tx, key).await?;
    sqlx::query!(
        "INSERT INTO system_settings (key, value, type, category, description, updated_by_id) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_by_id = EXCLUDED.updated_by_id",
        key,
        value,
        setting.kind().as_str(),
        setting.category.as_str(),
        setting.description,
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    follow(&mut tx, actor, setting, before.as_deref(), &value).await?;
    tx.commit().await?;
    desk.settings.forget();
    Ok(())
}

/// Puts a setting back to what is declared.
pub async fn reset_setting(desk: &Desk, actor: &Actor, key: &str) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let setting = find(key).ok_or(Error::NotFound)?;
    let mut tx = desk.db.begin().await?;
    let Some(before) = kept(&mut tx, key).await? else { return Ok(()) };
    sqlx::query!("DELETE FROM system_settings WHERE key = $1", key).execute(&mut *tx).await?;
    follow(&mut tx, actor, setting, Some(&before), setting.default).await?;
    tx.commit().await?;
    desk.settings.forget();
    Ok(())
}

async fn kept(tx: &mut PgConnection, key: &str) -> Result<Option<String>> {
    let kept = sqlx::query_scalar!("SELECT value FROM system_settings WHERE key = $1 FOR UPDATE", key);
    Ok(kept.fetch_optional(tx).await?)
}

/// What follows from a change, and who made it.
async fn follow(
    tx: &mut PgConnection,
    actor: &Actor,
    setting: &Setting,
    before: Option<&str>,
    after: &str,
) -> Result<()> {
    let before = before.unwrap_or(setting.default);
    if setting.key == SEARCH_LANGUAGE && before != after {
        set_language(&mut *tx, after).await?;
    }
    let changes = serde_json::json!({ "before": before, "after": after });
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "SETTING").entity(setting.key).changes(changes)).await
}
