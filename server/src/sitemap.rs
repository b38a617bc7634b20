//! What machines that look for pages are told: where the articles are that everyone may read, and to leave the rest alone.

use crate::host::AppState;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use oxdesk::knowledge::queries::public_addresses;
use std::fmt::Write;

/// `GET /sitemap.xml` (sitemaps.org): articles for everyone, with the day of their last change.
pub async fn sitemap(State(state): State<AppState>) -> Response {
    let Ok(addresses) = public_addresses(&state.desk).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let base = &state.desk.base_url;
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for (slug, day) in addresses {
        // A slug has letters, digits and hyphens alone.
        let _ = writeln!(text, "<url><loc>{base}/portal/kb/{slug}</loc><lastmod>{day}</lastmod></url>");
    }
    text.push_str("</urlset>\n");
    ([(header::CONTENT_TYPE, "application/xml"), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}

/// `GET /robots.txt` (RFC 9309).
pub async fn robots(State(state): State<AppState>) -> Response {
    let text = format!(
        "User-agent: *\nAllow: /portal/kb\nAllow: /pkg/\nAllow: /fonts/\nDisallow: /\n\nSitemap: {}/sitemap.xml\n",
        state.desk.base_url
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], text)
        .into_response()
}
