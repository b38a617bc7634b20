//! Counting: what has changed since the last time, and the days that it concerns.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::settings::TIME_ZONE;
use crate::sla::queries::{Clocks, TimesTaken};
use crate::tickets::TicketId;
use crate::tickets::queries::{Reported, changed_tickets, deleted_tickets};
use crate::{Actor, Permission, Result, Timestamp, settings};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// So many tickets are read at once.
const TOGETHER: i64 = 1000;

/// Counts what has changed since the last time; all of it the first time, and after the desk's time zone was set. Idempotent,
/// and done by one node at a time.
pub async fn roll_up(desk: &Desk) -> Result<()> {
    let mut lock = desk.db.begin().await?;
    let state = sqlx::query!(
        r#"SELECT read_until AS "read_until: Timestamp", time_zone FROM report_state FOR UPDATE SKIP LOCKED"#
    )
    .fetch_optional(&mut *lock)
    .await?;
    // Somebody counts.
    let Some(state) = state else { return Ok(()) };
    let zone = settings::queries::text(desk, TIME_ZONE).await?;
    let since = state.read_until.filter(|_| state.time_zone == zone);
    let (until, next) = horizon(desk).await?;
    count_tickets(desk, &zone, since, until).await?;
    if let Some(since) = since {
        forget(desk, &deleted_tickets(&desk.db, since).await?).await?;
    }
    let mut tx = desk.db.begin().await?;
    sum_up(&mut tx).await?;
    tx.commit().await?;
    sqlx::query!(
        "UPDATE report_state SET read_until = $1, time_zone = $2, rolled_up_at = $3",
        next as _,
        zone,
        until as _
    )
    .execute(&mut *lock)
    .await?;
    lock.commit().await?;
    Ok(())
}

/// Has the next [`roll_up`] count everything anew.
pub async fn count_anew(desk: &Desk, actor: &Actor) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    sqlx::query!("UPDATE report_state SET read_until = NULL").execute(&mut *tx).await?;
    sqlx::query!("INSERT INTO report_stale_days SELECT DISTINCT day FROM report_days ON CONFLICT DO NOTHING")
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Notes who takes a report along, and which.
pub async fn record_export(desk: &Desk, actor: &Actor, form: &str, asked: serde_json::Value) -> Result<()> {
    actor.require(Permission::ReportRead)?;
    audit::record(&desk.db, actor, AuditEntry::new("EXPORT", "REPORT").describe(form).changes(asked)).await
}

/// The present moment, and the one that the next time begins at: a transaction that is under way writes the time of its
/// beginning, and is seen only later.
async fn horizon(desk: &Desk) -> Result<(Timestamp, Timestamp)> {
    let row = sqlx::query!(
        r#"SELECT clock_timestamp() AS "now!: Timestamp", least(clock_timestamp(), (SELECT min(xact_start) FROM pg_stat_activity
             WHERE datname = current_database() AND backend_type = 'client backend')) AS "oldest!: Timestamp""#
    )
    .fetch_one(&desk.db)
    .await?;
    Ok((row.now, row.oldest))
}

/// A row of `report_tickets`.
#[derive(Serialize)]
struct Counted {
    ticket_id: TicketId,
    created_on: String,
    solved_on: Option<String>,
    queue_id: Option<Uuid>,
    assigned_to_id: Option<Uuid>,
    organisation_id: Option<Uuid>,
    sla_policy_id: Option<Uuid>,
    category: Option<String>,
    source: String,
    priority: String,
    response_minutes: Option<i64>,
    response_in_time: Option<bool>,
    resolution_minutes: Option<i64>,
    resolution_in_time: Option<bool>,
    reopened: bool,
}

async fn count_tickets(desk: &Desk, zone: &str, since: Option<Timestamp>, until: Timestamp) -> Result<()> {
    let Some(beginning) = Timestamp::from_microsecond(0) else { return Ok(()) };
    let mut after = (since.unwrap_or(beginning), TicketId(Uuid::nil()));
    let clocks = Clocks::read(&desk.db).await?;
    loop {
        let page = changed_tickets(&desk.db, after, until, TOGETHER).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.updated_at, last.id);
        let ids: Vec<_> = page.iter().map(|ticket| ticket.id).collect();
        let mut taken = clocks.times_taken(&desk.db, &ids).await?;
        let counted = page.into_iter().map(|ticket| {
            let times = taken.remove(&ticket.id).unwrap_or_default();
            counted(ticket, &times, zone)
        });
        keep(desk, counted.collect()).await?;
    }
}

fn counted(ticket: Reported, times: &TimesTaken, zone: &str) -> Counted {
    Counted {
        ticket_id: ticket.id,
        created_on: ticket.created_at.day(zone),
        solved_on: ticket.solved_at.map(|at| at.day(zone)),
        queue_id: ticket.queue_id.map(|id| id.0),
        assigned_to_id: ticket.assigned_to_id.map(|id| id.0),
        organisation_id: ticket.organisation_id.map(|id| id.0),
        sla_policy_id: times.policy.map(|id| id.0),
        category: ticket.category,
        source: ticket.source.to_string(),
        priority: ticket.priority.to_string(),
        response_minutes: times.response.map(|taken| taken.minutes),
        response_in_time: times.response.and_then(|taken| taken.in_time),
        resolution_minutes: times.resolution.map(|taken| taken.minutes),
        resolution_in_time: times.resolution.and_then(|taken| taken.in_time),
        reopened: ticket.reopened,
    }
}

/// Keeps what tickets come to, and notes the days that this changes: those they counted on, and those they count on now.
async fn keep(desk: &Desk, counted: Vec<Counted>) -> Result<()> {
    sqlx::query!(
        "WITH changed AS (
           SELECT g, r FROM jsonb_populate_recordset(NULL::report_tickets, $1) g LEFT JOIN report_tickets r ON r.ticket_id = g.ticket_id
           WHERE r IS DISTINCT FROM g),
         stale AS (
           INSERT INTO report_stale_days
           SELECT DISTINCT d.day FROM changed,
             LATERAL (VALUES ((r).created_on), ((r).solved_on), ((g).created_on), ((g).solved_on)) AS d (day) WHERE d.day IS NOT NULL
           ON CONFLICT DO NOTHING)
         INSERT INTO report_tickets AS t SELECT (g).* FROM changed
         ON CONFLICT (ticket_id) DO UPDATE SET
           (created_on, solved_on, queue_id, assigned_to_id, organisation_id, sla_policy_id, category, source, priority,
            response_minutes, response_in_time, resolution_minutes, resolution_in_time, reopened) =
           (EXCLUDED.created_on, EXCLUDED.solved_on, EXCLUDED.queue_id, EXCLUDED.assigned_to_id, EXCLUDED.organisation_id,
            EXCLUDED.sla_policy_id, EXCLUDED.category, EXCLUDED.source, EXCLUDED.priority, EXCLUDED.response_minutes,
            EXCLUDED.response_in_time, EXCLUDED.resolution_minutes, EXCLUDED.resolution_in_time, EXCLUDED.reopened)",
        Json(counted) as _
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}

/// Deleted tickets count nowhere.
async fn forget(desk: &Desk, tickets: &[TicketId]) -> Result<()> {
    sqlx::query!(
        "WITH gone AS (DELETE FROM report_tickets WHERE ticket_id = ANY($1) RETURNING created_on, solved_on)
         INSERT INTO report_stale_days
         SELECT created_on FROM gone UNION SELECT solved_on FROM gone WHERE solved_on IS NOT NULL
         ON CONFLICT DO NOTHING",
        tickets as _
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}

/// Makes the sums of stale days anew.
async fn sum_up(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("DELETE FROM report_days d USING report_stale_days s WHERE d.day = s.day").execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM report_times t USING report_stale_days s WHERE t.day = s.day").execute(&mut *tx).await?;
    sqlx::query!(
        "INSERT INTO report_days (dimension, day, value, created, solved, reopened,
           responses_in_time, responses_late, resolutions_in_time, resolutions_late)
         SELECT p.dimension, p.day, p.value, sum(p.created), sum(p.solved), sum(p.reopened),
           count(*) FILTER (WHERE p.response_in_time), count(*) FILTER (WHERE NOT p.response_in_time),
           count(*) FILTER (WHERE p.resolution_in_time), count(*) FILTER (WHERE NOT p.resolution_in_time)
         FROM report_stale_days s JOIN report_parts p ON p.day = s.day GROUP BY p.dimension, p.day, p.value"
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO report_times (dimension, day, measure, value, class, tickets)
         SELECT p.dimension, p.day, m.measure, p.value, ceil(ln(m.minutes + 1) / ln(1.05::float8)), count(*)
         FROM report_stale_days s JOIN report_parts p ON p.day = s.day
         CROSS JOIN LATERAL (VALUES ('RESPONSE', p.response), ('RESOLUTION', p.resolution)) AS m (measure, minutes)
         WHERE m.minutes IS NOT NULL GROUP BY 1, 2, 3, 4, 5"
    )
    .execute(&mut *tx)
    .await?;
    sum_up_months(&mut *tx).await?;
    sqlx::query!("DELETE FROM report_stale_days").execute(tx).await?;
    Ok(())
}

/// From the sums of days, for the months that stale days are in.
async fn sum_up_months(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "DELETE FROM report_month_times WHERE month IN (SELECT date_trunc('month', day)::date FROM report_stale_days)"
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO report_month_times (dimension, month, measure, value, class, tickets)
         SELECT t.dimension, m.month, t.measure, t.value, t.class, sum(t.tickets)
         FROM (SELECT DISTINCT date_trunc('month', day)::date AS month FROM report_stale_days) m
         JOIN report_times t ON t.day >= m.month AND t.day < m.month + interval '1 month' GROUP BY 1, 2, 3, 4, 5"
    )
    .execute(tx)
    .await?;
    Ok(())
}
