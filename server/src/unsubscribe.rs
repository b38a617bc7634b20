//! Ending a kind of mail: by the button on its page, or by the reader's mail program in one click (RFC 8058).

use crate::host::AppState;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use oxdesk::Error;
use oxdesk::notifications::commands::turn_off;

/// `POST /unsubscribe/{token}`. A mail program is no browser: it is answered without a page.
pub async fn unsubscribe(State(state): State<AppState>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let wants_page = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    match (turn_off(&state.desk, &token).await, wants_page) {
        (Ok(()), true) => Redirect::to("/unsubscribe/done").into_response(),
        (Ok(()), false) => StatusCode::OK.into_response(),
        (Err(Error::NotFound), true) => Redirect::to("/unsubscribe/unknown").into_response(),
        (Err(Error::NotFound), false) => StatusCode::NOT_FOUND.into_response(),
        (Err(_), _) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
