//! `/api/v1/reports/tickets`: how tickets did.

use super::extract::Query;
use super::problem::ReadRefused;
use super::queues::Answer;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use oxdesk::Actor;
use oxdesk::reports::{self, Days, queries, rules};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportParams {
    /// The first day in the desk's time zone, as in `2026-11-01`.
    #[param(format = Date)]
    from: String,
    /// The last day.
    #[param(format = Date)]
    to: String,
    /// QUEUE, ASSIGNEE, CATEGORY, PRIORITY, SOURCE, ORGANISATION or POLICY; QUEUE without it.
    by: Option<String>,
}

/// Minutes that half of all, and nine of ten, took at most; to within a fortieth.
#[derive(Serialize, ToSchema)]
pub struct TimePercentiles {
    p50: Option<i64>,
    p90: Option<i64>,
}

/// First answers are those of tickets made in the time, resolutions those of tickets solved in it.
#[derive(Serialize, ToSchema)]
pub struct TicketFigures {
    created: i64,
    solved: i64,
    /// Of those solved: had been done before, and came back.
    reopened: i64,
    responses_in_time: i64,
    responses_late: i64,
    resolutions_in_time: i64,
    resolutions_late: i64,
    /// Working time where something was promised, by the clock elsewhere.
    response: TimePercentiles,
    resolution: TimePercentiles,
}

#[derive(Serialize, ToSchema)]
pub struct TicketReportLine {
    /// An identifier, or a name; none where there is nothing.
    value: Option<String>,
    name: String,
    figures: TicketFigures,
}

#[derive(Serialize, ToSchema)]
pub struct TicketReportDay {
    day: String,
    created: i64,
    solved: i64,
    /// Not solved when the day was over.
    open: i64,
}

#[derive(Serialize, ToSchema)]
pub struct TicketReport {
    time_zone: String,
    counted_at: Option<String>,
    figures: TicketFigures,
    /// Of as many days, just before.
    earlier: TicketFigures,
    days: Vec<TicketReportDay>,
    /// Those with the most tickets first, at most five hundred.
    data: Vec<TicketReportLine>,
    next: Option<String>,
}

/// How tickets did from one day to another.
#[utoipa::path(get, path = "/reports/tickets", tag = "reports", params(ReportParams), responses((status = 200, body = TicketReport), ReadRefused))]
pub async fn ticket_report(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<ReportParams>,
) -> Answer<TicketReport> {
    let (days, by) = (Days::parse(&asked.from, &asked.to)?, rules::dimension(asked.by.as_deref())?);
    let report = queries::ticket_report(&state.desk, &actor, days, by).await?;
    let line = |line: reports::ReportLine| TicketReportLine {
        value: line.value,
        name: line.name,
        figures: line.figures.into(),
    };
    let day = |day: reports::DayFigures| TicketReportDay {
        day: day.day,
        created: day.created,
        solved: day.solved,
        open: day.open,
    };
    Ok(axum::Json(TicketReport {
        time_zone: report.time_zone,
        counted_at: report.counted_at.map(|at| at.to_string()),
        figures: report.figures.into(),
        earlier: report.earlier.into(),
        days: report.daily.into_iter().map(day).collect(),
        data: report.lines.into_iter().map(line).collect(),
        next: None,
    }))
}

impl From<reports::Figures> for TicketFigures {
    fn from(figures: reports::Figures) -> Self {
        let times = |times: reports::Percentiles| TimePercentiles { p50: times.p50, p90: times.p90 };
        Self {
            created: figures.created,
            solved: figures.solved,
            reopened: figures.reopened,
            responses_in_time: figures.responses_in_time,
            responses_late: figures.responses_late,
            resolutions_in_time: figures.resolutions_in_time,
            resolutions_late: figures.resolutions_late,
            response: times(figures.response),
            resolution: times(figures.resolution),
        }
    }
}
