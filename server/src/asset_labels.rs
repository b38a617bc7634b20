//! A sheet of labels for print: a QR code with the asset's address, its number and its name.

use app::AppError;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use oxdesk::assets::rules::require_asset_filter;
use oxdesk::assets::{AssetRow, queries};
use oxdesk::desk::Desk;
use oxdesk::markdown::escape;
use oxdesk::{Actor, Result};
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
    Query(asked): Query<Asked>,
) -> Response {
    let rows = match found(&desk, &actor, &asked.q).await {
        Ok(rows) => rows,
        Err(error) => return AppError::from_core(error).status().into_response(),
    };
    let style = "default-src 'none'; style-src 'unsafe-inline'";
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(style))], Html(drawn(&desk.base_url, &rows)))
        .into_response()
}

async fn found(desk: &Desk, actor: &Actor, bar: &str) -> Result<Vec<AssetRow>> {
    let filter = require_asset_filter(bar)?;
    Ok(queries::list_assets(desk, actor, &filter, None, queries::PAGE_MAX).await?.rows)
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
        let serial = row.serial_number.as_deref().map(|serial| format!("<br>{}", escape(serial))).unwrap_or_default();
        let (number, name) = (escape(row.asset_number.as_str()), escape(&row.name));
        let _ = write!(page, "<li>{svg}<span><b>{number}</b>{name}{serial}</span></li>");
    }
    page.push_str("</ul></html>");
    page
}
