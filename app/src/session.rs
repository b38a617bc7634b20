//! What a request brings: the desk, who is asking, and the browser's session.

/// The session's keys.
pub const USER: &str = "user";
pub const ADDRESS: &str = "address";
pub const AGENT: &str = "agent";
/// The link from a mail that a guest came with.
pub const LINK: &str = "link";

/// Whose password was right, while a code is awaited.
pub const HALFWAY: &str = "halfway";

/// A new API token, sealed, while it is shown.
pub const NEW_TOKEN: &str = "new_token";

/// The hash under which the asking browser's session is stored.
#[derive(Debug, Clone)]
pub struct CurrentSession(pub Vec<u8>);

#[cfg(feature = "ssr")]
pub use request::*;

#[cfg(feature = "ssr")]
mod request {
    use super::{ADDRESS, AGENT, CurrentSession, HALFWAY, NEW_TOKEN, USER};
    use crate::error::{AppError, Result};
    use http::request::Parts;
    use http::{Method, StatusCode, header};
    use leptos::prelude::*;
    use leptos_axum::ResponseOptions;
    use oxdesk::desk::Desk;
    use oxdesk::people::UserId;
    use oxdesk::{Actor, Error, Timestamp};
    use serde::{Deserialize, Serialize};
    use tower_sessions::Session;

    pub fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
        use_context::<Parts>()?.extensions.get::<T>().cloned()
    }

    pub fn desk() -> Result<Desk> {
        use_context::<Desk>().ok_or(AppError::Core(Error::Internal))
    }

    /// Who is asking. Whoever could not be identified may do nothing.
    pub fn actor() -> Actor {
        extension::<Actor>().unwrap_or_else(|| Actor::anonymous(None))
    }

    pub fn current_session() -> Option<Vec<u8>> {
        extension::<CurrentSession>().map(|current| current.0)
    }

    fn internal(error: tower_sessions::session::Error) -> AppError {
        AppError::from(Error::internal(error))
    }

    fn session() -> Result<Session> {
        extension::<Session>().ok_or(AppError::Core(Error::Internal))
    }

    /// So long a code may take, after the password. Seconds.
    const CODE_WITHIN: i64 = 600;

    /// Whose password was right, until when their code is awaited, and where they wanted to go.
    #[derive(Serialize, Deserialize)]
    struct Halfway {
        user: UserId,
        until: Timestamp,
        next: String,
    }

    /// Keeps whose password was right, under a fresh session id. The browser is nobody's before the code.
    pub async fn begin_halfway(user: UserId, next: String) -> Result<()> {
        let session = session()?;
        session.cycle_id().await.map_err(internal)?;
        session.remove::<UserId>(USER).await.map_err(internal)?;
        let halfway = Halfway { user, until: Timestamp::now().plus_seconds(CODE_WITHIN), next };
        session.insert(HALFWAY, halfway).await.map_err(internal)
    }

    /// Whose code is awaited, and where they wanted to go.
    pub async fn halfway() -> Result<Option<(UserId, String)>> {
        let kept = session()?.get::<Halfway>(HALFWAY).await.map_err(internal)?;
        Ok(kept.filter(|halfway| Timestamp::now() < halfway.until).map(|halfway| (halfway.user, halfway.next)))
    }

    /// Signs the browser in, under a fresh session id: what was known before is worth nothing after.
    pub async fn begin(user: UserId) -> Result<()> {
        let session = session()?;
        let actor = actor();
        session.cycle_id().await.map_err(internal)?;
        session.remove::<Halfway>(HALFWAY).await.map_err(internal)?;
        session.insert(USER, user).await.map_err(internal)?;
        session.insert(ADDRESS, actor.address).await.map_err(internal)?;
        session.insert(AGENT, actor.user_agent).await.map_err(internal)?;
        Ok(())
    }

    /// So long a new token is shown to whoever made it. Seconds.
    const TOKEN_SHOWN: i64 = 600;

    /// Keeps a new token for its owner's next page, sealed: it is read once, and the page may come without a script.
    pub async fn show_token(desk: &Desk, token: &str) -> Result<()> {
        let until = Timestamp::now().plus_seconds(TOKEN_SHOWN);
        session()?.insert(NEW_TOKEN, (desk.secret.seal(token)?, until)).await.map_err(internal)
    }

    /// The new token that is to be copied.
    pub async fn shown_token(desk: &Desk) -> Result<Option<String>> {
        let kept = session()?.get::<(String, Timestamp)>(NEW_TOKEN).await.map_err(internal)?;
        let sealed = kept.filter(|(_, until)| Timestamp::now() < *until).map(|(sealed, _)| sealed);
        Ok(sealed.and_then(|sealed| desk.secret.unseal(&sealed)))
    }

    /// It was copied.
    pub async fn hide_token() -> Result<()> {
        session()?.remove::<(String, Timestamp)>(NEW_TOKEN).await.map_err(internal)?;
        Ok(())
    }

    /// Ends the browser's session.
    pub async fn end() -> Result<()> {
        session()?.flush().await.map_err(internal)
    }

    /// Whether a form was sent without a script: its answer is the next page.
    pub fn is_plain_form() -> bool {
        use_context::<Parts>().is_some_and(|parts| {
            let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
            parts.method == Method::POST && accept.is_some_and(|accept| accept.contains("text/html"))
        })
    }

    /// Whether a page is being made, and not a part of it asked for by a script.
    pub fn is_page() -> bool {
        use_context::<Parts>().is_some_and(|parts| !parts.uri.path().starts_with("/fn/"))
    }

    /// Sends a plain form on to its next page, and tells a script which one that is: a whole new page, because who
    /// one is may have changed.
    pub fn go_on(next: &str) -> Result<String> {
        if is_plain_form() {
            leptos_axum::redirect(next);
        }
        Ok(next.to_owned())
    }

    /// Sets the answer's status. A plain form's answer stays a redirect back to the form, which shows the error.
    pub fn set_status(status: StatusCode) {
        if let (Some(response), false) = (use_context::<ResponseOptions>(), is_plain_form()) {
            response.set_status(status);
        }
    }
}
