//! The audit log as files, for browsers and at the command line.

use crate::explain;
use anyhow::{Result, bail};
use app::AppError;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use http::header;
use oxdesk::Actor;
use oxdesk::audit::rules::{csv_heading, csv_line, json_line};
use oxdesk::audit::{AuditAnchor, AuditFilter, AuditLogId, Verified, commands, queries};
use oxdesk::desk::Desk;
use std::io::Write;

/// `GET /admin/audit/export.csv`: what the page shows, the newest first, as a table.
pub async fn export_csv(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<AuditFilter>,
) -> Response {
    let filter = asked.without_empty();
    let first = async {
        let first = queries::export_entries(&desk, &actor, &filter, None).await?;
        commands::record_export(&desk, &actor, "CSV", &filter).await?;
        Ok::<_, oxdesk::Error>(first)
    };
    match first.await {
        Ok(first) => {
            let lines = stream::once(async { Ok(csv_heading()) });
            let pages = stream::try_unfold((Some(first), None), move |(ready, after)| {
                let (desk, actor, filter) = (desk.clone(), actor.clone(), filter.clone());
                async move {
                    let page = match (ready, after) {
                        (Some(page), _) => page,
                        (None, after) => queries::export_entries(&desk, &actor, &filter, after).await?,
                    };
                    let last: Option<AuditLogId> = page.last().map(|entry| entry.id);
                    let lines: Vec<u8> = page.iter().flat_map(csv_line).collect();
                    Ok::<_, oxdesk::Error>(last.map(|last| (lines, (None, Some(last)))))
                }
            });
            file("text/csv; charset=utf-8", "audit.csv", stream::StreamExt::chain(lines, pages))
        }
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}

/// `GET /admin/audit/export.jsonl`: the chain as it is checked, the oldest first, a line for each entry.
pub async fn export_json_lines(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<AuditFilter>,
) -> Response {
    let filter = asked.without_empty();
    let first = async {
        let first = queries::export_links(&desk, &actor, &filter, 0).await?;
        commands::record_export(&desk, &actor, "JSON lines", &filter).await?;
        Ok::<_, oxdesk::Error>(first)
    };
    match first.await {
        Ok(first) => {
            let pages = stream::try_unfold((Some(first), 0), move |(ready, after)| {
                let (desk, actor, filter) = (desk.clone(), actor.clone(), filter.clone());
                async move {
                    let page = match ready {
                        Some(page) => page,
                        None => queries::export_links(&desk, &actor, &filter, after).await?,
                    };
                    let last = page.last().map(|link| link.position);
                    let lines: Vec<u8> = page.iter().flat_map(|link| json_line(link).into_bytes()).collect();
                    Ok::<_, oxdesk::Error>(last.map(|last| (lines, (None, last))))
                }
            });
            file("application/jsonl", "audit.jsonl", pages)
        }
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}

fn file(
    kind: &'static str,
    name: &'static str,
    lines: impl Stream<Item = oxdesk::Result<Vec<u8>>> + Send + 'static,
) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(lines)).into_response()
}

/// `oxdesk audit verify`: prints `ok N`, or the first place where the log is not as it was written, and fails.
pub async fn verify(desk: &Desk, anchors: &[String]) -> Result<()> {
    let anchors = anchors.iter().map(|text| text.parse()).collect::<oxdesk::Result<Vec<AuditAnchor>>>();
    let actor = Actor::system("oxdesk audit verify");
    match queries::verify_chain(desk, &actor, &anchors.map_err(explain)?).await.map_err(explain)? {
        Verified::Whole { entries, last } => {
            println!("ok {entries}");
            if let Some(last) = last {
                eprintln!("anchor {last}");
            }
            Ok(())
        }
        Verified::Broken { position, audit_log_id, why } => {
            let position = position.map(|position| format!(" at {position}")).unwrap_or_default();
            let entry = audit_log_id.map(|id| format!(", entry {id}")).unwrap_or_default();
            println!("broken{position}{entry}: {why}");
            bail!("the audit log is not as it was written")
        }
    }
}

/// `oxdesk audit export`: the whole chain as JSON lines.
pub async fn export(desk: &Desk) -> Result<()> {
    let (actor, filter) = (Actor::system("oxdesk audit export"), AuditFilter::default());
    commands::record_export(desk, &actor, "JSON lines", &filter).await.map_err(explain)?;
    let (mut out, mut after) = (std::io::stdout().lock(), 0);
    loop {
        let page = queries::export_links(desk, &actor, &filter, after).await.map_err(explain)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.position;
        for link in &page {
            out.write_all(json_line(link).as_bytes())?;
        }
    }
}
