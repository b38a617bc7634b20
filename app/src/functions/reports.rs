//! Reports.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::ratings::Satisfaction;
use oxdesk::tickets::TimeSpent;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};

/// What the page of reports shows of a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    pub from: String,
    pub to: String,
    pub satisfaction: Satisfaction,
    pub time: Vec<TimeSpent>,
}

/// From one day to another, both included; the last thirty days when nothing is said.
#[server(prefix = "/fn", endpoint = "read_reports")]
pub async fn read_reports(from: Option<String>, to: Option<String>) -> Result<Reports> {
    let (desk, actor) = (desk()?, actor());
    let day = |ago: i64| oxdesk::Timestamp::now().day_before(ago);
    let (from, to) = (from.unwrap_or_else(|| day(29)), to.unwrap_or_else(|| day(0)));
    let satisfaction = oxdesk::ratings::queries::satisfaction(&desk, &actor, &from, &to).await?;
    let time = oxdesk::tickets::queries::time_report(&desk, &actor, &from, &to).await?;
    Ok(Reports { from, to, satisfaction, time })
}
