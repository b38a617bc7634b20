//! Reading policies and calendars, and why a ticket is due when it is.

mod taken;

use super::rules::{OpenHours, Terms};
use super::{
    Calendar, CalendarId, Deadline, Deadlines, Goal, Moment, NamedCalendar, SlaPolicy, SlaPolicyId, SlaStep, SlaStepId,
    SlaTarget, Span, StepAction,
};
use crate::desk::Desk;
use crate::people::OrganisationId;
use crate::tickets::{QueueId, TicketId, TicketPriority, TicketStatus, queries};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use taken::{Clocks, TimesTaken, policy_names};

/// Nobody has more.
const POLICIES_MAX: i64 = 1000;

/// The policies that are in use, in the order in which they are tried.
pub async fn list_policies(desk: &Desk, actor: &Actor) -> Result<Vec<SlaPolicy>> {
    actor.require(Permission::SlaManage)?;
    let all = read_policies(&desk.db).await?;
    Ok(all.into_iter().filter(|(_, is_deleted)| !is_deleted).map(|(policy, _)| policy).collect())
}

pub async fn list_calendars(desk: &Desk, actor: &Actor) -> Result<Vec<NamedCalendar>> {
    actor.require(Permission::SlaManage)?;
    read_calendars(&desk.db).await
}

/// A ticket's promises, each with its way to the target; `None` where nothing is promised. For those who work tickets.
pub async fn deadlines(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<Option<Deadlines>> {
    queries::ticket(desk, actor, ticket).await?;
    if !actor.is_agent() {
        return Err(Error::Forbidden);
    }
    deadlines_of(desk, ticket).await
}

/// The same, for a page whose reader was asked for already.
pub(crate) async fn deadlines_of(desk: &Desk, ticket: TicketId) -> Result<Option<Deadlines>> {
    let row = sqlx::query!(
        r#"SELECT p.name, p.first_response_time, p.resolution_time, p.update_time, p.pauses_in AS "pauses_in: Vec<TicketStatus>",
             c.name AS "calendar_name?", c.time_zone AS "time_zone?", c.hours AS "hours?: Json<serde_json::Value>",
             c.holidays AS "holidays?: Json<serde_json::Value>", c.changes AS "changes?: Json<serde_json::Value>",
             t.created_at AS "created_at: Timestamp", k.paused, k.update_since AS "update_since: Timestamp",
             k.first_response_target AS "first_target: Timestamp", k.first_response_actual AS "first_actual: Timestamp", k.first_response_breached,
             k.resolution_target AS "resolution_target: Timestamp", k.resolution_actual AS "resolution_actual: Timestamp", k.resolution_breached,
             k.update_target AS "update_target: Timestamp", k.update_breached, now() AS "now!: Timestamp"
           FROM sla_tracking k JOIN sla_policies p ON p.id = k.sla_policy_id LEFT JOIN calendars c ON c.id = p.calendar_id
           JOIN tickets t ON t.id = k.ticket_id WHERE k.ticket_id = $1 AND k.ended_at IS NULL"#,
        ticket as _
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let stretches = sqlx::query!(
        r#"SELECT status AS "status: TicketStatus", from_at AS "from: Timestamp", coalesce(to_at, now()) AS "to!: Timestamp"
           FROM sla_pauses WHERE ticket_id = $1 ORDER BY from_at, id"#,
        ticket as _
    )
    .fetch_all(&desk.db)
    .await?;
    let calendar = match (&row.time_zone, row.hours, row.holidays, row.changes) {
        (Some(zone), Some(hours), Some(holidays), Some(changes)) => Some(calendar(zone, hours, holidays, changes)?),
        _ => None,
    };
    let hours = calendar.as_ref().map_or_else(|| Ok(OpenHours::always()), OpenHours::of)?;
    let stops = |status: &TicketStatus| !status.is_open() || row.pauses_in.contains(status);
    let pauses: Vec<Span> = stretches
        .iter()
        .filter(|stretch| stops(&stretch.status))
        .map(|stretch| Span { from: stretch.from, to: stretch.to })
        .collect();
    let deadline = |promise: SlaTarget, goal: Goal, since: Timestamp, minutes: i32| {
        let to = goal.target.unwrap_or(row.now);
        // One that waits moves on with every minute: it is shown as if it went on now.
        let to = if row.paused && goal.actual.is_none() {
            hours.add(since, i64::from(minutes) * 60, &pauses).unwrap_or(to)
        } else {
            to
        };
        let goal = Goal { target: goal.target.map(|_| to), ..goal };
        Deadline { promise, goal, minutes, segments: hours.explain(since, to, &pauses) }
    };
    let mut deadlines = vec![deadline(
        SlaTarget::FirstResponse,
        Goal { target: row.first_target, actual: row.first_actual, breached: row.first_response_breached },
        row.created_at,
        row.first_response_time,
    )];
    if let (Some(since), Some(minutes)) = (row.update_since, row.update_time) {
        let goal = Goal { target: row.update_target, actual: None, breached: row.update_breached };
        deadlines.push(deadline(SlaTarget::Update, goal, since, minutes));
    }
    let goal = Goal { target: row.resolution_target, actual: row.resolution_actual, breached: row.resolution_breached };
    deadlines.push(deadline(SlaTarget::Resolution, goal, row.created_at, row.resolution_time));
    Ok(Some(Deadlines {
        policy: row.name,
        calendar: row.calendar_name,
        time_zone: row.time_zone.unwrap_or_else(|| "Etc/UTC".to_owned()),
        paused: row.paused,
        deadlines,
    }))
}

/// Those of the calendars that are open at `now`.
pub(crate) async fn open_calendars(
    tx: &mut PgConnection,
    calendars: &[CalendarId],
    now: Timestamp,
) -> Result<Vec<CalendarId>> {
    let all = read_calendars(tx).await?;
    let wanted = all.into_iter().filter(|calendar| calendars.contains(&calendar.id));
    let open = wanted.filter(|calendar| OpenHours::of(&calendar.calendar).is_ok_and(|hours| hours.is_open(now)));
    Ok(open.map(|calendar| calendar.id).collect())
}

/// What every plan is made with: policies in use, and those that were removed where they may still run.
pub(super) async fn read_terms(tx: &mut PgConnection) -> Result<Vec<Terms>> {
    let mut hours = HashMap::<Option<CalendarId>, Arc<OpenHours>>::from([(None, Arc::new(OpenHours::always()))]);
    for calendar in read_calendars(&mut *tx).await? {
        match OpenHours::of(&calendar.calendar) {
            Ok(open) => drop(hours.insert(Some(calendar.id), Arc::new(open))),
            // What was checked when it was written; a zone may be gone from a newer system.
            Err(error) => tracing::error!(%error, calendar = calendar.name, "a calendar cannot be read any more"),
        }
    }
    let terms = read_policies(tx).await?.into_iter().filter_map(|(policy, is_deleted)| {
        let hours = hours.get(&policy.calendar_id)?.clone();
        Some(Terms { is_removed: is_deleted || !policy.active, policy, hours })
    });
    Ok(terms.collect())
}

async fn read_policies(executor: impl PgExecutor<'_>) -> Result<Vec<(SlaPolicy, bool)>> {
    let rows = sqlx::query!(
        r#"SELECT p.id AS "id: SlaPolicyId", p.name, p.description, p.priority AS "priority: TicketPriority", p.first_response_time, p.update_time,
             p.resolution_time, p.calendar_id AS "calendar_id: CalendarId", p.queue_id AS "queue_id: QueueId", p.category,
             p.organisation_id AS "organisation_id: OrganisationId", p.tag, p.pauses_in AS "pauses_in: Vec<TicketStatus>", p.position, p.active,
             p.version, p.deleted_at IS NOT NULL AS "is_deleted!",
             (SELECT coalesce(json_agg(json_build_object('id', s.id, 'target', s.target, 'minutes', s.minutes, 'share', s.share, 'actions', s.actions)
               ORDER BY s.id), '[]') FROM sla_steps s WHERE s.sla_policy_id = p.id AND NOT s.retired) AS "steps!: Json<Vec<StepRow>>"
           FROM sla_policies p ORDER BY p.position, p.name, p.id LIMIT $1"#,
        POLICIES_MAX
    )
    .fetch_all(executor)
    .await?;
    let policy = |steps: Vec<StepRow>| steps.into_iter().filter_map(StepRow::step).collect::<Vec<_>>();
    Ok(rows
        .into_iter()
        .map(|row| {
            let made = SlaPolicy {
                id: row.id,
                name: row.name,
                description: row.description,
                priority: row.priority,
                first_response_time: row.first_response_time,
                update_time: row.update_time,
                resolution_time: row.resolution_time,
                calendar_id: row.calendar_id,
                queue_id: row.queue_id,
                category: row.category,
                organisation_id: row.organisation_id,
                tag: row.tag,
                pauses_in: row.pauses_in,
                position: row.position,
                active: row.active,
                version: row.version,
                steps: policy(row.steps.0),
            };
            (made, row.is_deleted)
        })
        .collect())
}

#[derive(Debug, serde::Deserialize)]
struct StepRow {
    id: SlaStepId,
    target: SlaTarget,
    minutes: Option<i32>,
    share: Option<i32>,
    actions: Vec<StepAction>,
}

impl StepRow {
    fn step(self) -> Option<SlaStep> {
        let moment = self.minutes.map(Moment::Minutes).or(self.share.map(Moment::Share))?;
        Some(SlaStep { id: self.id, target: self.target, moment, actions: self.actions })
    }
}

async fn read_calendars(executor: impl PgExecutor<'_>) -> Result<Vec<NamedCalendar>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: CalendarId", name, time_zone, version, hours AS "hours: Json<serde_json::Value>",
             holidays AS "holidays: Json<serde_json::Value>", changes AS "changes: Json<serde_json::Value>"
           FROM calendars ORDER BY name LIMIT $1"#,
        POLICIES_MAX
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter()
        .map(|row| {
            let calendar = calendar(&row.time_zone, row.hours, row.holidays, row.changes)?;
            Ok(NamedCalendar { id: row.id, name: row.name, calendar, version: row.version })
        })
        .collect()
}

fn calendar(
    zone: &str,
    hours: Json<serde_json::Value>,
    holidays: Json<serde_json::Value>,
    changes: Json<serde_json::Value>,
) -> Result<Calendar> {
    Ok(Calendar {
        time_zone: zone.to_owned(),
        hours: serde_json::from_value(hours.0).map_err(Error::internal)?,
        holidays: serde_json::from_value(holidays.0).map_err(Error::internal)?,
        changes: serde_json::from_value(changes.0).map_err(Error::internal)?,
    })
}
