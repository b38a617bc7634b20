//! How the desk shows itself: found before each page begins, and the styles of its colours.

use crate::host::AppState;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use oxdesk::desk::Desk;
use oxdesk::settings::{Brand, queries};

/// A page without its brand is better than none.
pub async fn brand_finds(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    let brand = queries::brand(&desk).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a page comes without its brand");
        Brand::default()
    });
    request.extensions_mut().insert(brand);
    next.run(request).await
}

/// `GET /brand.css`: its address changes with it.
pub async fn styles(State(state): State<AppState>) -> Response {
    match queries::styles(&state.desk).await {
        Ok(styles) => {
            let kept = HeaderValue::from_static("public, max-age=86400");
            let kind = HeaderValue::from_static("text/css; charset=utf-8");
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], styles).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
