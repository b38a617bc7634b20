//! Reports.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::ratings::Satisfaction;
use oxdesk::reports::{Days, TicketReport, Wallboard};
use oxdesk::tickets::TimeSpent;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};

/// What the page of reports shows of a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    pub tickets: TicketReport,
    pub presets: Vec<Preset>,
    pub satisfaction: Satisfaction,
    pub time: Vec<TimeSpent>,
}

/// Days that people often ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    pub label: String,
    pub days: Days,
}

/// How the desk stands now, for a screen on the wall.
#[server(prefix = "/fn", endpoint = "read_wallboard")]
pub async fn read_wallboard() -> Result<Wallboard> {
    Ok(oxdesk::reports::queries::wallboard(&desk()?, &actor()).await?)
}

/// From one day to another, both included; the last thirty days when nothing is said. `by` is one of
/// [`oxdesk::reports::ReportDimension`].
#[server(prefix = "/fn", endpoint = "read_reports")]
pub async fn read_reports(from: Option<String>, to: Option<String>, by: Option<String>) -> Result<Reports> {
    use oxdesk::reports::{queries, rules};
    let (desk, actor) = (desk()?, actor());
    let zone = queries::time_zone(&desk).await?;
    let last = |count: i64| rules::last_days(count, &zone);
    let days = Days::parse(&from.unwrap_or_else(|| last(30).from), &to.unwrap_or_else(|| last(30).to))?;
    let by = rules::dimension(by.as_deref())?;
    let tickets = queries::ticket_report(&desk, &actor, days.clone(), by).await?;
    let satisfaction = oxdesk::ratings::queries::satisfaction(&desk, &actor, &days.from, &days.to).await?;
    let time = oxdesk::tickets::queries::time_report(&desk, &actor, &days.from, &days.to).await?;
    let presets = [7, 30, 90, 365].map(|count| Preset { label: format!("{count} days"), days: last(count) }).into();
    Ok(Reports { tickets, presets, satisfaction, time })
}
