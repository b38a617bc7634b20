//! Reading settings: the stored value, or the declared default.

use super::colour::{Colour, brand_styles};
use super::table::{BRAND_NAME, BRAND_PRIMARY, BRAND_SECONDARY, BRAND_WELCOME};
use super::{Brand, SETTINGS, SettingValue, find};
use crate::desk::Desk;
use crate::secret::bytes_hash;
use crate::{Actor, Error, Permission, Result, Timestamp};

pub async fn text(desk: &Desk, key: &str) -> Result<String> {
    let setting = find(key).ok_or_else(|| Error::internal(format!("undeclared setting {key}")))?;
    let values = desk.settings.values(&desk.db).await?;
    let stored = values.get(key).filter(|value| setting.check(value).is_ok());
    Ok(stored.cloned().unwrap_or_else(|| setting.default.to_owned()))
}

pub async fn boolean(desk: &Desk, key: &str) -> Result<bool> {
    Ok(text(desk, key).await? == "true")
}

pub async fn number(desk: &Desk, key: &str) -> Result<u64> {
    text(desk, key).await?.parse().map_err(Error::internal)
}

/// Every setting, with who changed it and when.
pub async fn list_settings(desk: &Desk, actor: &Actor) -> Result<Vec<SettingValue>> {
    actor.require(Permission::SettingsManage)?;
    let rows = sqlx::query!(
        r#"SELECT s.key, s.value, s.updated_at AS "at: Timestamp",
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS by
           FROM system_settings s LEFT JOIN users u ON u.id = s.updated_by_id"#
    )
    .fetch_all(&desk.db)
    .await?;
    let value = |setting: &super::Setting| {
        let row = rows.iter().find(|row| row.key == setting.key && setting.check(&row.value).is_ok());
        SettingValue {
            key: setting.key.to_owned(),
            value: row.map_or_else(|| setting.default.to_owned(), |row| row.value.clone()),
            changed_at: row.map(|row| row.at),
            changed_by: row.and_then(|row| row.by.clone()),
        }
    };
    Ok(SETTINGS.iter().map(value).collect())
}

/// One of them, as [`list_settings`] has it.
pub async fn setting(desk: &Desk, actor: &Actor, key: &str) -> Result<SettingValue> {
    let all = list_settings(desk, actor).await?;
    all.into_iter().find(|value| value.key == key).ok_or(Error::NotFound)
}

/// How the desk shows itself; for everyone.
pub async fn brand(desk: &Desk) -> Result<Brand> {
    let (name, welcome) = (text(desk, BRAND_NAME).await?, text(desk, BRAND_WELCOME).await?);
    let name = if name.trim().is_empty() { Brand::default().name } else { name };
    let styles = styles(desk).await?;
    let colours = (!styles.is_empty()).then(|| data_encoding::HEXLOWER.encode(&bytes_hash(styles.as_bytes())[..8]));
    Ok(Brand { name, welcome: Some(welcome).filter(|welcome| !welcome.trim().is_empty()), colours })
}

/// The styles of its colours; nothing where they are ours.
pub async fn styles(desk: &Desk) -> Result<String> {
    let colour = async |key: &str| Ok::<_, Error>(text(desk, key).await?.parse::<Colour>().ok());
    Ok(brand_styles(colour(BRAND_PRIMARY).await?, colour(BRAND_SECONDARY).await?))
}
