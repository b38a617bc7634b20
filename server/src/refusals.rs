//! Who is signed in and was refused something, for the audit log.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use oxdesk::desk::Desk;
use oxdesk::{Actor, audit};

/// Tells of pages, functions and files that were refused.
pub async fn tell(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let known = request.extensions().get::<Actor>().filter(|actor| actor.user_id.is_some()).cloned();
    let Some(actor) = known else { return next.run(request).await };
    let door = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    tell_refusal(&desk, &actor, &door, response.status()).await;
    response
}

/// Tells that `door` was shut, if it was.
pub async fn tell_refusal(desk: &Desk, actor: &Actor, door: &str, status: StatusCode) {
    if status != StatusCode::FORBIDDEN {
        return;
    }
    if let Err(error) = audit::commands::record_refusal(desk, actor, door).await {
        tracing::error!(%error, "a refusal could not be recorded");
    }
}
