//! Who is asking: the session layer's store on PostgreSQL, and the middleware that turns a request's session into an
//! [`Actor`].

use app::AppError;
use async_trait::async_trait;
use axum::Extension;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::{Method, StatusCode, header};
use oxdesk::desk::Desk;
use oxdesk::people::{UserId, queries, sessions};
use oxdesk::tickets::guest::{Opened, open_link};
use oxdesk::{Actor, Error, Timestamp};
use sqlx::PgPool;
use std::net::SocketAddr;
use tower_http::request_id::RequestId;
use tower_sessions::cookie::{SameSite, time::Duration};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// The session layer: two weeks from the last change, HttpOnly, SameSite=Lax (Strict would sign people out who come
/// from a mail).
pub fn layer(db: PgPool, secure: bool) -> SessionManagerLayer<PostgresStore> {
    SessionManagerLayer::new(PostgresStore { db })
        // Over TLS under a name that browsers hold to this host alone (RFC 6265bis, 4.1.3.2): no neighbour's page sets it.
        .with_name(if secure { "__Host-oxdesk" } else { "oxdesk" })
        .with_secure(secure)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::weeks(2)))
}

/// Sessions in PostgreSQL, under the hash of the cookie: a copy of the table opens none of them.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    db: PgPool,
}

fn key(id: &Id) -> Vec<u8> {
    oxdesk::secret::token_hash(&id.to_string())
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for PostgresStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 random bits do not collide.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let text = |name: &str| record.data.get(name).and_then(|value| value.as_str());
        let user = text(app::session::USER).and_then(|id| id.parse::<UserId>().ok());
        let micros = (record.expiry_date.unix_timestamp_nanos() / 1000) as i64;
        let stored = sessions::StoredSession {
            data: serde_json::to_value(&record.data).map_err(backend)?,
            expires_at: Timestamp::from_microsecond(micros).ok_or_else(|| backend("expiry out of range"))?,
        };
        let (address, agent) = (text(app::session::ADDRESS), text(app::session::AGENT));
        sessions::save(&self.db, &key(&record.id), user, address, agent, &stored).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(stored) = sessions::load(&self.db, &key(id)).await.map_err(backend)? else { return Ok(None) };
        let nanos = i128::from(stored.expires_at.as_microsecond()) * 1000;
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_value(stored.data).map_err(backend)?,
            expiry_date: time::OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(backend)?,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        sessions::delete(&self.db, &key(id)).await.map_err(backend)
    }
}

/// Puts the [`Actor`] behind the session, or an anonymous one, into the request's extensions.
pub async fn identify(State(desk): State<Desk>, session: Session, mut request: Request, next: Next) -> Response {
    let address = address_of(&request);
    let agent = agent_of(&request);
    // The session's row is read together with its person; the session layer itself reads it only to change it.
    let current = session.id().map(|id| app::session::CurrentSession(key(&id)));
    let known = match &current {
        Some(current) => match queries::actor_for_session(&desk, &current.0).await {
            Ok(actor) => actor,
            Err(error) => {
                tracing::error!(%error, "the actor could not be loaded");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
        None => None,
    };
    let actor = match known {
        Some(actor) => actor,
        None => guest(&desk, &session).await.unwrap_or_else(|| Actor::anonymous(None)),
    };
    let request_id = request_id(&request);
    if actor.owes_second_factor() && !opens_without_second_factor(request.uri().path()) {
        return match request.method() == Method::GET && !request.uri().path().starts_with("/fn/") {
            true => Redirect::to("/second-factor").into_response(),
            false => AppError::from_core(Error::Forbidden).status().into_response(),
        };
    }
    request.extensions_mut().insert(Actor { address, user_agent: agent, request_id, ..actor });
    if let Some(current) = current {
        request.extensions_mut().insert(current);
    }
    next.run(request).await
}

/// What is open to somebody who should have had a second factor by now: setting one up, and leaving.
fn opens_without_second_factor(path: &str) -> bool {
    const FUNCTIONS: [&str; 7] = [
        "/fn/read_second_factor",
        "/fn/prepare_second_factor",
        "/fn/confirm_second_factor",
        "/fn/remove_second_factor",
        "/fn/renew_recovery_codes",
        "/fn/keep_recovery_codes",
        "/fn/sign_out",
    ];
    const PAGES: [&str; 5] = ["/second-factor", "/second-factor.svg", "/login", "/brand.css", "/favicon.svg"];
    FUNCTIONS.contains(&path) || PAGES.contains(&path) || path.starts_with("/fonts/")
}

/// Who came with a link from a mail, while that link is good.
async fn guest(desk: &Desk, session: &Session) -> Option<Actor> {
    session.id()?;
    let token: String = session.get(app::session::LINK).await.ok().flatten()?;
    match open_link(desk, &token).await {
        Ok(Opened::Ticket { guest, .. }) => Some(*guest),
        _ => None,
    }
}

/// `GET /portal/link/{token}`: the browser holds the link from now on, and goes to its ticket. Whoever is signed in
/// stays who they are.
pub async fn follow_link(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(token): Path<String>,
) -> Response {
    match open_link(&desk, &token).await {
        Ok(Opened::Ticket { ticket_number, .. }) => {
            if actor.user_id.is_none()
                && (session.cycle_id().await.is_err() || session.insert(app::session::LINK, token).await.is_err())
            {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            Redirect::to(&format!("/portal/requests/{ticket_number}")).into_response()
        }
        Ok(Opened::Expired) => Redirect::to(&format!("/portal/expired/{token}")).into_response(),
        Err(Error::NotFound) => Redirect::to("/portal/expired/unknown").into_response(),
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}

/// What the browser or program calls itself, as far as it is kept.
pub fn agent_of(request: &Request) -> Option<String> {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.map(|agent| agent.chars().take(300).collect())
}

/// The id that the host gave this request.
pub fn request_id(request: &Request) -> Option<String> {
    let id = request.extensions().get::<RequestId>()?;
    id.header_value().to_str().ok().map(str::to_owned)
}

/// The peer's address. Behind a proxy, that is the proxy's: `X-Forwarded-For` can be forged by anyone else, so it is
/// believed only from loopback.
pub fn address_of(request: &Request) -> Option<String> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())?;
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = forwarded
        .and_then(|list| list.rsplit(',').next())
        .map(str::trim)
        .and_then(|ip| ip.parse::<std::net::IpAddr>().ok());
    Some(last.filter(|_| peer.is_loopback()).unwrap_or(peer).to_string())
}
