//! `Idempotency-Key` on POST: the same request sent again gets the first answer again, and nothing is done twice.

use super::problem::Problem;
use crate::host::AppState;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use oxdesk::Actor;
use oxdesk::idempotency::{self, Claim, Keep};

/// JSON bodies are at most this long, in bytes.
const BODY_MAX: usize = 1024 * 1024;

pub async fn replay(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let key = request.headers().get("idempotency-key").cloned();
    let (Some(key), true) = (key, request.method() == Method::POST) else { return next.run(request).await };
    let Some(actor) = request.extensions().get::<Actor>().cloned() else { return next.run(request).await };
    let Some(key) = key.to_str().ok().filter(|key| (1..=255).contains(&key.len())) else {
        return Problem::new(StatusCode::BAD_REQUEST, "Idempotency-Key must be 1 to 255 visible characters")
            .into_response();
    };
    let (request, fingerprint) = match fingerprint(request).await {
        Ok(parts) => parts,
        Err(problem) => return problem.into_response(),
    };
    match idempotency::claim(&state.desk, &actor, key, &fingerprint).await {
        Ok(Claim::Fresh) => {}
        Ok(Claim::Answered { status, body }) => return answered(status, body),
        Ok(Claim::Other) => {
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "This Idempotency-Key was used for another request")
                .into_response();
        }
        Ok(Claim::InProgress) => {
            return Problem::new(
                StatusCode::CONFLICT,
                "The first request with this Idempotency-Key is still in progress",
            )
            .into_response();
        }
        Err(error) => return Problem::from(error).into_response(),
    }
    let (parts, body) = next.run(request).await.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    // What failed on our side, or was refused for its rate, may be tried again under the same key.
    let worth_keeping = !parts.status.is_server_error() && parts.status != StatusCode::TOO_MANY_REQUESTS;
    let keep = if worth_keeping {
        Keep::Answer { status: parts.status.as_u16(), body: String::from_utf8_lossy(&bytes).into_owned() }
    } else {
        Keep::Nothing
    };
    if let Err(error) = idempotency::settle(&state.desk, &actor, key, keep).await {
        tracing::error!(%error, "an answer could not be kept for its Idempotency-Key");
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// What makes the request this request: method, path and JSON body; of an upload, its length.
async fn fingerprint(request: Request) -> Result<(Request, Vec<u8>), Problem> {
    let (parts, body) = request.into_parts();
    let json = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.contains("json"));
    let length = parts.headers.get(header::CONTENT_LENGTH).cloned().unwrap_or(HeaderValue::from_static("?"));
    let (body, bytes) = if json {
        let too_long = |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too long");
        let bytes = to_bytes(body, BODY_MAX).await.map_err(too_long)?;
        (Body::from(bytes.clone()), bytes)
    } else {
        (body, Bytes::copy_from_slice(length.as_bytes()))
    };
    let mut text = format!("{} {}\n", parts.method, parts.uri.path()).into_bytes();
    text.extend_from_slice(&bytes);
    Ok((Request::from_parts(parts, body), text))
}

fn answered(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let headers = [(header::CONTENT_TYPE.as_str(), kind), ("idempotent-replayed", "true")];
    (status, headers, body).into_response()
}
