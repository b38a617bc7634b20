//! Notifications: the list, the bell, how one wants to be told.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::notifications::{NotificationList, Preferences, Unread};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::notifications::rules::parse_minute;
#[cfg(feature = "ssr")]
use oxdesk::notifications::{Channels, NotificationType, QuietHours, commands, queries};

/// How many lines a page shows.
#[cfg(feature = "ssr")]
const LINES: i64 = 50;

#[server(prefix = "/fn", endpoint = "read_unread")]
pub async fn read_unread() -> Result<Unread> {
    Ok(queries::unread(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "list_notifications")]
pub async fn list_notifications(unread: bool, kind: Option<String>, after: Option<String>) -> Result<NotificationList> {
    let kind = kind.filter(|kind| !kind.is_empty()).map(|kind| kind.parse()).transpose()?;
    let after = after.map(|after| after.parse()).transpose()?;
    Ok(queries::list_notifications(&desk()?, &actor(), unread, kind, after, LINES).await?)
}

#[server(prefix = "/fn", endpoint = "mark_notification_read")]
pub async fn mark_notification_read(id: String) -> Result<()> {
    Ok(commands::mark_read(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "mark_all_read")]
pub async fn mark_all_read() -> Result<()> {
    Ok(commands::mark_all_read(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "my_preferences")]
pub async fn my_preferences() -> Result<Preferences> {
    Ok(queries::preferences(&desk()?, &actor()).await?)
}

/// A form: the types that are ticked, in the app and by mail.
#[server(prefix = "/fn", endpoint = "save_preferences")]
pub async fn save_preferences(
    in_app: Option<Vec<String>>,
    by_mail: Option<Vec<String>>,
    digest: String,
    quiet_from: Option<String>,
    quiet_to: Option<String>,
    time_zone: String,
) -> Result<()> {
    let channels = NotificationType::ALL.iter().map(|kind| {
        let ticked = |list: &Option<Vec<String>>| list.iter().flatten().any(|word| word == kind.as_str());
        (*kind, Channels { in_app: ticked(&in_app), by_mail: ticked(&by_mail) })
    });
    let chosen = Preferences {
        channels: channels.collect(),
        digest: digest.parse().map_err(AppError::from_core)?,
        quiet: quiet_hours(quiet_from, quiet_to)?,
        time_zone: time_zone.trim().to_owned(),
    };
    Ok(commands::save_preferences(&desk()?, &actor(), &chosen).await?)
}

#[cfg(feature = "ssr")]
fn quiet_hours(from: Option<String>, to: Option<String>) -> Result<Option<QuietHours>> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (from, to) = (given(from), given(to));
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let from = parse_minute("quiet_from", &from.unwrap_or_default())?;
    Ok(Some(QuietHours { from, to: parse_minute("quiet_to", &to.unwrap_or_default())? }))
}
