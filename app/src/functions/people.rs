//! Signing in and out, accounts, sessions.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::people::SessionView;
use oxdesk::views::Audiences;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, begin, begin_halfway, current_session, desk, end, go_on, halfway};
#[cfg(feature = "ssr")]
use oxdesk::Permission;
#[cfg(feature = "ssr")]
use oxdesk::people::{commands, commands::SignedIn, sessions};

/// Who is looking, as far as the pages need to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub name: String,
    pub email: String,
    pub is_agent: bool,
    pub is_admin: bool,
    pub may_report: bool,
    pub may_write_assets: bool,
    /// Sees all of them, not only their own.
    pub may_read_assets: bool,
    pub is_away: bool,
    /// For whom they may save views.
    pub audiences: Audiences,
    /// East of UTC, now.
    pub utc_offset_seconds: i32,
    /// By when their roles want a second factor that they have not.
    pub second_factor_due: Option<Timestamp>,
    /// When the page was made: what happened since is not on it.
    pub made_at: Timestamp,
}

/// Known as soon as the request is, so that no page has to wait for it; the browser is told with the page. Whoever
/// signs in or out gets a whole new page.
pub fn provide_viewer() {
    provide_context(SharedValue::<Option<Viewer>>::new(current_viewer).into_inner());
}

/// The signed-in viewer, if there is one.
pub fn use_viewer() -> Option<Viewer> {
    expect_context()
}

#[cfg(feature = "ssr")]
fn current_viewer() -> Option<Viewer> {
    let actor = actor();
    actor.user_id.map(|_| Viewer {
        is_agent: actor.is_agent(),
        is_admin: actor.can(Permission::SettingsManage),
        is_away: actor.is_away,
        may_report: actor.can(Permission::ReportRead),
        may_write_assets: actor.can(Permission::AssetWrite),
        may_read_assets: actor.can(Permission::AssetRead) || actor.can(Permission::AssetWrite),
        audiences: Audiences::of(&actor),
        second_factor_due: actor.second_factor_due,
        made_at: Timestamp::now(),
        utc_offset_seconds: Timestamp::now().utc_offset_seconds(&actor.time_zone),
        email: actor.email.map(|email| email.to_string()).unwrap_or_default(),
        name: actor.name,
    })
}

#[cfg(not(feature = "ssr"))]
fn current_viewer() -> Option<Viewer> {
    None
}

#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<String> {
    let desk = desk()?;
    match commands::sign_in(&desk, &actor(), &email, &password).await? {
        SignedIn::Whole(user) => {
            begin(user).await?;
            go_on(&own_path(next))
        }
        SignedIn::WantsCode(user) => {
            begin_halfway(user, own_path(next)).await?;
            go_on("/login/code")
        }
    }
}

/// The second step: a code of one's app, or a recovery code.
#[server(prefix = "/fn", endpoint = "enter_code")]
pub async fn enter_code(code: String) -> Result<String> {
    let late = || oxdesk::Error::invalid("code", "That took too long. Please begin again with your password.");
    let (user, next) = halfway().await?.ok_or_else(late)?;
    commands::enter_code(&desk()?, &actor(), user, &code).await?;
    begin(user).await?;
    go_on(&next)
}

/// Only a path of our own: a link to the sign-in page must not lead elsewhere after it. Browsers read a backslash as a slash, and
/// leave tabs and line breaks out, wherever they stand (URL standard, 4.4).
#[cfg(feature = "ssr")]
fn own_path(next: Option<String>) -> String {
    let leads_away = |next: &str| next.starts_with("//") || next.contains(|c: char| c == '\\' || c.is_control());
    next.filter(|next| next.starts_with('/') && !leads_away(next)).unwrap_or_else(|| "/".to_owned())
}

#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<String> {
    commands::sign_out(&desk()?, &actor()).await?;
    end().await?;
    go_on("/login")
}

#[server(prefix = "/fn", endpoint = "register")]
pub async fn register(name: String, email: String, password: String) -> Result<String> {
    let form = commands::Registration { name, email, password };
    commands::register(&desk()?, &actor(), form).await?;
    go_on("/register?sent=1")
}

#[server(prefix = "/fn", endpoint = "verify_email")]
pub async fn verify_email(token: String) -> Result<String> {
    commands::verify_email(&desk()?, &token).await?;
    go_on("/login?verified=1")
}

#[server(prefix = "/fn", endpoint = "request_password_reset")]
pub async fn request_password_reset(email: String) -> Result<String> {
    commands::request_password_reset(&desk()?, &actor(), &email).await?;
    go_on("/forgot?sent=1")
}

#[server(prefix = "/fn", endpoint = "reset_password")]
pub async fn reset_password(token: String, password: String) -> Result<String> {
    commands::reset_password(&desk()?, &actor(), &token, password).await?;
    go_on("/login?reset=1")
}

#[server(prefix = "/fn", endpoint = "my_sessions")]
pub async fn my_sessions() -> Result<Vec<SessionView>> {
    Ok(sessions::list_sessions(&desk()?, &actor(), current_session().as_deref()).await?)
}

#[server(prefix = "/fn", endpoint = "end_session")]
pub async fn end_session(id: String) -> Result<()> {
    let id = id.parse().map_err(crate::AppError::from_core)?;
    Ok(sessions::end_session(&desk()?, &actor(), id).await?)
}

/// What stands below one's own answers by mail.
#[server(prefix = "/fn", endpoint = "my_signature")]
pub async fn my_signature() -> Result<Option<String>> {
    Ok(oxdesk::people::queries::signature(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "save_signature")]
pub async fn save_signature(signature: Option<String>) -> Result<()> {
    Ok(commands::set_signature(&desk()?, &actor(), &signature.unwrap_or_default()).await?)
}
