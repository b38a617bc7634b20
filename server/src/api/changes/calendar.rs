//! The calendar of changes, and who votes for someone who is away.

use super::arranged::ChangeBlackout;
use super::model::ChangeRow;
use crate::api::extract::{Json, Path, Query};
use crate::api::problem::{ReadRefused, Result, WriteRefused};
use crate::api::queues::{Answer, id};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::changes::{commands, queries};
use oxdesk::people::UserId;
use oxdesk::{Actor, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CalendarQuery {
    /// The first day, `2026-11-28`, in your time zone; today without it.
    #[param(format = Date)]
    from: Option<String>,
    /// How many days; 31 without it.
    #[param(minimum = 1, maximum = 62)]
    days: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct PlannedChange {
    change: ChangeRow,
    /// Touches what another one in the same time touches, or falls into a blackout.
    conflicts: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ChangeCalendar {
    changes: Vec<PlannedChange>,
    blackouts: Vec<ChangeBlackout>,
}

/// What is planned for some days: no drafts, and nothing that was rejected.
#[utoipa::path(get, path = "/change-calendar", tag = "changes", params(CalendarQuery), responses((status = 200, body = ChangeCalendar), ReadRefused))]
pub async fn read_change_calendar(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<CalendarQuery>,
) -> Answer<ChangeCalendar> {
    let days = query.days.unwrap_or(31);
    if !(1..=queries::DAYS_MAX).contains(&days) {
        let said = format!("From 1 to {} days, please.", queries::DAYS_MAX);
        return Err(oxdesk::Error::invalid("days", said).into());
    }
    let from = query.from.unwrap_or_else(|| Timestamp::now().day(&actor.time_zone));
    let calendar = queries::calendar(&state.desk, &actor, &from, days).await?;
    let planned =
        |one: oxdesk::changes::CalendarChange| PlannedChange { change: one.row.into(), conflicts: one.conflicts };
    Ok(axum::Json(ChangeCalendar {
        changes: calendar.changes.into_iter().map(planned).collect(),
        blackouts: calendar.blackouts.into_iter().map(Into::into).collect(),
    }))
}

#[derive(Serialize, ToSchema)]
pub struct ChangeDeputy {
    deputy_id: Uuid,
    name: String,
    from_day: String,
    until_day: String,
}

#[derive(Serialize, ToSchema)]
pub struct ChangeDeputyPage {
    data: Vec<ChangeDeputy>,
    next: Option<String>,
}

/// Who votes for you, now or later.
#[utoipa::path(get, path = "/change-deputies", tag = "changes", responses((status = 200, body = ChangeDeputyPage), ReadRefused))]
pub async fn list_change_deputies(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<ChangeDeputyPage> {
    let one = |one: oxdesk::changes::Deputy| ChangeDeputy {
        deputy_id: one.id.0,
        name: one.name,
        from_day: one.from_day,
        until_day: one.until_day,
    };
    let data = queries::list_deputies(&state.desk, &actor).await?.into_iter().map(one).collect();
    Ok(axum::Json(ChangeDeputyPage { data, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChangeDeputy {
    deputy_id: Uuid,
    /// Both days included, in your time zone.
    #[schema(format = Date)]
    from_day: String,
    #[schema(format = Date)]
    until_day: String,
}

/// Names who votes for you on some days.
#[utoipa::path(post, path = "/change-deputies", tag = "changes", request_body = NewChangeDeputy, responses((status = 204), WriteRefused))]
pub async fn name_change_deputy(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<NewChangeDeputy>,
) -> Result<StatusCode> {
    let deputy = UserId(input.deputy_id);
    commands::name_deputy(&state.desk, &actor, deputy, &input.from_day, &input.until_day).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// From now on they do not vote for you.
#[utoipa::path(delete, path = "/change-deputies/{user_id}", tag = "changes", params(("user_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn end_change_deputy(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(user): Path<String>,
) -> Result<StatusCode> {
    commands::end_deputy(&state.desk, &actor, id(&user)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
