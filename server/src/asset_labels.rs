//! A sheet of labels for print: a QR code with the asset's address, its number and its name.

use app::AppError;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use oxdesk::Actor;
use oxdesk::assets::rules::parse_asset_filter;
use oxdesk::assets::{AssetRow, queries};
use oxdesk::desk::Desk;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;
use std::fmt::Write;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /assets/labels`: the first 200 of what the bar asks for, an asset's number included.
pub async fn sheet(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let (filter, _) = parse_asset_filter(&asked.q);
    let rows = match queries::list_assets(&desk, &actor, &filter, None, queries::PAGE_MAX).await {
        Ok(list) => list.rows,
        Err(error) => return AppError::from_core(error).status().into_response(),
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = headers.get("x-forwarded-proto").and_then(|scheme| scheme.to_str().ok()).unwrap_or("http");
    let origin = if scheme == "https" { format!("https://{host}") } else { format!("http://{host}") };
    let style = "default-src 'none'; style-src 'unsafe-inline'";
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(style))], Html(drawn(&origin, &rows))).into_response()
}

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Labels</title><style>
body{font:12px/1.35 system-ui,sans-serif;color:#000;background:#fff;margin:16px}ul{list-style:none;padding:0;margin:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(62mm,1fr));gap:4mm}li{display:grid;grid-template-columns:24mm 1fr;gap:3mm;align-items:center;border:1px dashed #999;border-radius:2mm;padding:2mm;break-inside:avoid;overflow:hidden}svg{width:24mm;height:24mm;display:block}b{display:block;font-size:13px;font-variant-numeric:tabular-nums}p{margin:0 0 12px}@media print{p{display:none}body{margin:0}}
</style><p>Print this page; each code leads to its asset.</p><ul>";

fn drawn(origin: &str, rows: &[AssetRow]) -> String {
    let mut page = String::from(HEAD);
    for row in rows {
        let address = format!("{origin}/assets/{}", row.asset_number);
        let Ok(code) = QrCode::with_error_correction_level(&address, EcLevel::M) else { continue };
        let svg = code.render::<svg::Color>().quiet_zone(true).build();
        // Without the XML's own first line.
        let svg = svg.find("<svg").map_or("", |at| &svg[at..]);
        let serial = row.serial_number.as_deref().map(|serial| format!("<br>{}", escaped(serial))).unwrap_or_default();
        let (number, name) = (escaped(row.asset_number.as_str()), escaped(&row.name));
        let _ = write!(page, "<li>{svg}<span><b>{number}</b>{name}{serial}</span></li>");
    }
    page.push_str("</ul></html>");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
