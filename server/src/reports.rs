//! Reports as tables to take along.

use app::AppError;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header;
use oxdesk::Actor;
use oxdesk::desk::Desk;
use oxdesk::reports::{Days, TicketReport, commands, queries, rules};
use serde::Deserialize;

/// Which days, and broken down by what; the last thirty, by queue, where nothing is said.
#[derive(Deserialize)]
pub struct Asked {
    from: Option<String>,
    to: Option<String>,
    by: Option<String>,
}

/// `GET /reports/tickets.csv`: the figures of each queue, person, category …
pub async fn tickets_csv(desk: State<Desk>, actor: Extension<Actor>, asked: Query<Asked>) -> Response {
    answer(desk, actor, asked, "tickets.csv", rules::lines_csv).await
}

/// `GET /reports/days.csv`: what came and went each day.
pub async fn days_csv(desk: State<Desk>, actor: Extension<Actor>, asked: Query<Asked>) -> Response {
    answer(desk, actor, asked, "days.csv", rules::days_csv).await
}

async fn answer(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
    name: &'static str,
    written: impl Fn(&TicketReport) -> Vec<u8>,
) -> Response {
    match report(&desk, &actor, &asked, name).await {
        Ok(report) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, written(&report)).into_response()
        }
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}

async fn report(desk: &Desk, actor: &Actor, asked: &Asked, name: &str) -> oxdesk::Result<TicketReport> {
    let last = rules::last_days(30, &queries::time_zone(desk).await?);
    let (from, to) = (asked.from.as_ref().unwrap_or(&last.from), asked.to.as_ref().unwrap_or(&last.to));
    let (days, by) = (Days::parse(from, to)?, rules::dimension(asked.by.as_deref())?);
    let report = queries::ticket_report(desk, actor, days, by).await?;
    let said = serde_json::json!({ "from": report.days.from, "to": report.days.to, "by": by });
    commands::record_export(desk, actor, name, said).await?;
    Ok(report)
}
