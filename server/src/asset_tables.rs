//! The doors of tables of assets: one comes in to be looked at, all that a bar asks for go out.

use crate::uploads::refuse;
use app::AppError;
use axum::Extension;
use axum::body::Body;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::{Stream, stream};
use http::{HeaderMap, header};
use oxdesk::assets::rules::{TABLE_MAX, asset_line, heading_line, require_asset_filter};
use oxdesk::assets::{Asset, AssetFilter, AssetId, ImportId, commands, queries};
use oxdesk::desk::Desk;
use oxdesk::{Actor, Error, Permission, Result};
use serde::Deserialize;

/// `POST /assets/import`: a table, kept to be looked at.
pub async fn receive(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    multipart: Multipart,
) -> Response {
    match keep(&desk, &actor, multipart).await {
        Ok(id) => Redirect::to(&format!("/assets/import/{id}")).into_response(),
        Err(error) => refuse(&headers, error),
    }
}

async fn keep(desk: &Desk, actor: &Actor, mut multipart: Multipart) -> Result<ImportId> {
    // Nothing is read for whoever may not bring anything in.
    actor.require(Permission::AssetWrite)?;
    let broken = |_: MultipartError| Error::invalid("file", "The upload was cut off. Please try again.");
    while let Some(mut field) = multipart.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().filter(|name| !name.is_empty()).map(str::to_owned) else { continue };
        let mut bytes = Vec::new();
        let mut is_too_large = false;
        // The rest is read and dropped, so that the browser sees our answer and not a broken connection.
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            is_too_large |= bytes.len() + chunk.len() > TABLE_MAX;
            if !is_too_large {
                bytes.extend_from_slice(&chunk);
            }
        }
        if is_too_large {
            return Err(Error::TooLarge { file_name: name, limit: TABLE_MAX as u64 });
        }
        return commands::begin_import(desk, actor, &name, bytes).await;
    }
    Err(Error::invalid("file", "Please choose a file."))
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /assets/export.csv`: what the bar asks for, as a table that can be brought in again.
pub async fn export_csv(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Response {
    let own: Vec<String> = match queries::list_asset_fields(&desk, &actor).await {
        Ok(fields) => fields.into_iter().map(|field| field.name).collect(),
        Err(error) => return AppError::from_core(error).status().into_response(),
    };
    let head = ("text/csv; charset=utf-8", "assets.csv");
    let begin = heading_line(&own);
    sent(desk, actor, &asked.q, head, begin, move |asset, _| asset_line(asset, &own), Vec::new()).await
}

/// `GET /assets/export.json`: the same as a list of objects.
pub async fn export_json(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Response {
    let line = |asset: &Asset, is_first: bool| {
        let mut line = if is_first { Vec::new() } else { b",\n".to_vec() };
        line.extend(serde_json::to_vec(asset).unwrap_or_default());
        line
    };
    let head = ("application/json", "assets.json");
    sent(desk, actor, &asked.q, head, b"[".to_vec(), line, b"]\n".to_vec()).await
}

async fn sent(
    desk: Desk,
    actor: Actor,
    bar: &str,
    (kind, name): (&'static str, &'static str),
    begin: Vec<u8>,
    line: impl Fn(&Asset, bool) -> Vec<u8> + Send + 'static,
    end: Vec<u8>,
) -> Response {
    // The first of them before anything is answered: who may not is told so, and what is no filter.
    let first = async {
        let filter = require_asset_filter(bar)?;
        let first = queries::export_assets(&desk, &actor, &filter, None).await?;
        commands::record_export(&desk, &actor, name, bar).await?;
        Ok((first, filter))
    };
    let (first, filter) = match first.await {
        Ok(first) => first,
        Err(error) => return AppError::from_core(error).status().into_response(),
    };
    let body = Body::from_stream(written(desk, actor, filter, first, begin, line, end));
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

/// Page by page, as the browser takes them.
fn written(
    desk: Desk,
    actor: Actor,
    filter: AssetFilter,
    first: Vec<Asset>,
    begin: Vec<u8>,
    line: impl Fn(&Asset, bool) -> Vec<u8> + Send + 'static,
    end: Vec<u8>,
) -> impl Stream<Item = Result<Vec<u8>>> {
    struct At {
        page: Option<Vec<Asset>>,
        begin: Option<Vec<u8>>,
        end: Option<Vec<u8>>,
        after: Option<AssetId>,
    }
    let at = At { page: Some(first), begin: Some(begin), end: Some(end), after: None };
    stream::try_unfold((at, desk, actor, filter, line), |(mut at, desk, actor, filter, line)| async move {
        let page = match (at.page.take(), at.after) {
            (Some(page), _) => page,
            (None, Some(after)) => queries::export_assets(&desk, &actor, &filter, Some(after)).await?,
            (None, None) => Vec::new(),
        };
        let is_first = at.begin.is_some();
        let mut bytes = at.begin.take().unwrap_or_default();
        for (place, asset) in page.iter().enumerate() {
            bytes.extend(line(asset, is_first && place == 0));
        }
        at.after = page.last().map(|asset| asset.id);
        if page.is_empty() {
            let Some(end) = at.end.take() else { return Ok(None) };
            bytes.extend(end);
        }
        Ok(Some((bytes, (at, desk, actor, filter, line))))
    })
}
