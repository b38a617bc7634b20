//! Notifications: what you were told, and how you want to be.

use super::extract::{Json, Path, Query, page_size};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, id};
use super::tickets::find;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::notifications::rules::parse_minute;
use oxdesk::notifications::{self, Channels, NotificationId, NotificationType, QuietHours, commands, queries};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What happened last on a ticket, and how much more.
#[derive(Serialize, ToSchema)]
pub struct Notification {
    id: Uuid,
    /// MENTION, TICKET_ASSIGNED, COMMENT_ADDED, NOTE_ADDED, TICKET_RETURNED, TICKET_UPDATED or TICKET_CREATED.
    r#type: String,
    title: String,
    message: String,
    /// A path of this desk.
    link: Option<String>,
    read: bool,
    /// How many others of the same ticket stand behind it.
    more: i64,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct NotificationPage {
    data: Vec<Notification>,
    next: Option<String>,
    /// Tickets with something unread, up to 100.
    unread: i64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotificationParams {
    #[serde(default)]
    unread: bool,
    r#type: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    after: Option<Uuid>,
}

/// Your notifications, newest first; those of one ticket are one.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(NotificationParams), responses((status = 200, body = NotificationPage), ReadRefused))]
pub async fn list_notifications(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(params): Query<NotificationParams>,
) -> Answer<NotificationPage> {
    let limit = page_size(params.limit)?;
    let kind = params.r#type.map(|kind| kind.parse()).transpose().map_err(|error| named("type", error))?;
    let after = params.after.map(NotificationId);
    let list = queries::list_notifications(&state.desk, &actor, params.unread, kind, after, limit).await?;
    let unread = queries::unread(&state.desk, &actor).await?.count;
    let one = |row: notifications::Notification| Notification {
        id: row.id.0,
        r#type: row.kind.to_string(),
        title: row.title,
        message: row.message,
        link: row.link,
        read: row.read,
        more: row.more,
        created_at: row.created_at.to_string(),
    };
    let next = list.next.map(|next| next.to_string());
    Ok(axum::Json(NotificationPage { data: list.rows.into_iter().map(one).collect(), next, unread }))
}

/// Marks a notification as read, and what else was told of its ticket.
#[utoipa::path(post, path = "/notifications/{notification_id}/read", tag = "notifications", params(("notification_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn mark_read(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(notification): Path<String>,
) -> Result<StatusCode> {
    commands::mark_read(&state.desk, &actor, id(&notification)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks everything as read.
#[utoipa::path(post, path = "/notifications/read", tag = "notifications", responses((status = 204), WriteRefused))]
pub async fn mark_all_read(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Result<StatusCode> {
    commands::mark_all_read(&state.desk, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where you are told of a type.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelsBody {
    in_app: bool,
    by_mail: bool,
}

/// How you want to be told. Types that are not named stay as they are.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// A type of notification → where.
    #[serde(default)]
    types: BTreeMap<String, ChannelsBody>,
    /// NONE (at once), HOURLY or DAILY.
    digest: String,
    /// No mails from this time of the day on, as 22:00.
    quiet_from: Option<String>,
    /// Until this one.
    quiet_to: Option<String>,
    /// An IANA time zone.
    time_zone: String,
}

/// How you are told.
#[utoipa::path(get, path = "/notification-preferences", tag = "notifications", responses((status = 200, body = Preferences), ReadRefused))]
pub async fn preferences(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<Preferences> {
    let chosen = queries::preferences(&state.desk, &actor).await?;
    let minute = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
    let (quiet_from, quiet_to) = chosen.quiet.map(|quiet| (minute(quiet.from), minute(quiet.to))).unzip();
    let types = chosen
        .channels
        .into_iter()
        .map(|(kind, Channels { in_app, by_mail })| (kind.to_string(), ChannelsBody { in_app, by_mail }));
    Ok(axum::Json(Preferences {
        types: types.collect(),
        digest: chosen.digest.to_string(),
        quiet_from,
        quiet_to,
        time_zone: chosen.time_zone,
    }))
}

/// Changes how you are told.
#[utoipa::path(put, path = "/notification-preferences", tag = "notifications", request_body = Preferences, responses((status = 204), WriteRefused))]
pub async fn save_preferences(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<Preferences>,
) -> Result<StatusCode> {
    let mut chosen = queries::preferences(&state.desk, &actor).await?;
    for (kind, channels) in input.types {
        let kind: NotificationType = kind.parse().map_err(|error| named("types", error))?;
        if let Some(known) = chosen.channels.iter_mut().find(|(known, _)| *known == kind) {
            known.1 = Channels { in_app: channels.in_app, by_mail: channels.by_mail };
        }
    }
    chosen.digest = input.digest.parse().map_err(|error| named("digest", error))?;
    chosen.time_zone = input.time_zone;
    chosen.quiet = match (input.quiet_from, input.quiet_to) {
        (None, None) => None,
        (from, to) => Some(QuietHours {
            from: parse_minute("quiet_from", &from.unwrap_or_default())?,
            to: parse_minute("quiet_to", &to.unwrap_or_default())?,
        }),
    };
    commands::save_preferences(&state.desk, &actor, &chosen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hears of a ticket only when you are mentioned.
#[utoipa::path(put, path = "/tickets/{id}/mute", tag = "notifications", params(("id" = String, Path)), responses((status = 204), WriteRefused))]
pub async fn mute(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
) -> Result<StatusCode> {
    let ticket = find(&state, &actor, &ticket).await?;
    commands::mute_ticket(&state.desk, &actor, ticket, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hears of everything on a ticket again.
#[utoipa::path(delete, path = "/tickets/{id}/mute", tag = "notifications", params(("id" = String, Path)), responses((status = 204), WriteRefused))]
pub async fn unmute(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
) -> Result<StatusCode> {
    let ticket = find(&state, &actor, &ticket).await?;
    commands::mute_ticket(&state.desk, &actor, ticket, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The error, at the field that it is about.
fn named(field: &str, error: Error) -> Error {
    match error {
        Error::Invalid(fields) => Error::invalid(field, fields.into_values().collect::<Vec<_>>().join(" ")),
        other => other,
    }
}
