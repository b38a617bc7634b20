//! Reading reports: sums of sums.

use super::rules::minutes_of_class;
use super::{DayFigures, Days, Figures, Percentiles, ReportDimension, ReportLine, TicketReport, Wallboard};
use crate::desk::Desk;
use crate::settings::TIME_ZONE;
use crate::tickets::{TicketFilter, TicketPriority, TicketSort, TicketSource, TicketStatus};
use crate::{Actor, Permission, Result, Timestamp, people, presence, settings, sla, tickets};
use std::collections::HashMap;
use uuid::Uuid;

/// A report shows so many lines.
const LINES_MAX: usize = 500;

/// The desk's time zone: its days are those of reports.
pub async fn time_zone(desk: &Desk) -> Result<String> {
    settings::queries::text(desk, TIME_ZONE).await
}

/// How tickets did in some days, compared with as many before, broken down.
pub async fn ticket_report(desk: &Desk, actor: &Actor, days: Days, by: ReportDimension) -> Result<TicketReport> {
    actor.require(Permission::ReportRead)?;
    let earlier_days = days.before();
    let state = sqlx::query!(r#"SELECT time_zone, rolled_up_at AS "rolled_up_at: Timestamp" FROM report_state"#)
        .fetch_one(&desk.db)
        .await?;
    let all = |lines: Vec<(String, Figures)>| lines.into_iter().next().map(|(_, figures)| figures).unwrap_or_default();
    let figures = all(sums(desk, ALL, &days).await?);
    let earlier = all(sums(desk, ALL, &earlier_days).await?);
    let mut lines = sums(desk, by.as_str(), &days).await?;
    let more = lines.len() > LINES_MAX;
    lines.truncate(LINES_MAX);
    let lines = named(desk, by, lines).await?;
    let daily = daily(desk, &days).await?;
    Ok(TicketReport {
        days,
        time_zone: state.time_zone,
        counted_at: state.rolled_up_at,
        figures,
        earlier_days,
        earlier,
        daily,
        by,
        lines,
        more,
    })
}

/// How the desk stands now.
pub async fn wallboard(desk: &Desk, actor: &Actor) -> Result<Wallboard> {
    actor.require(Permission::ReportRead)?;
    let (zone, now) = (time_zone(desk).await?, Timestamp::now());
    let day = now.day(&zone);
    let filter =
        TicketFilter { status: TicketStatus::OPEN.to_vec(), sort: Some(TicketSort::Due), ..TicketFilter::default() };
    let due = tickets::queries::list_tickets(desk, actor, &filter, None, DUE_SHOWN).await?.rows;
    let today = daily(desk, &Days { from: day.clone(), to: day.clone() }).await?.into_iter().next();
    Ok(Wallboard {
        queues: tickets::queries::queue_counts(desk, actor).await?,
        due: due.into_iter().filter(|row| row.due_at.is_some()).collect(),
        at_work: presence::queries::at_work(desk, actor).await?,
        today: today.unwrap_or(DayFigures { day, created: 0, solved: 0, open: 0 }),
        now,
        clock: now.local(now.utc_offset_seconds(&zone))[11..].to_owned(),
    })
}

/// So many deadlines are read from three metres.
const DUE_SHOWN: i64 = 8;

const ALL: &str = "ALL";

/// Figures of each value of a dimension, those with the most tickets first; one more than are shown.
async fn sums(desk: &Desk, dimension: &str, days: &Days) -> Result<Vec<(String, Figures)>> {
    let rows = sqlx::query!(
        r#"SELECT value, sum(created) AS "created!", sum(solved) AS "solved!", sum(reopened) AS "reopened!",
             sum(responses_in_time) AS "responses_in_time!", sum(responses_late) AS "responses_late!",
             sum(resolutions_in_time) AS "resolutions_in_time!", sum(resolutions_late) AS "resolutions_late!"
           FROM report_days WHERE dimension = $1 AND day BETWEEN $2::text::date AND $3::text::date
           GROUP BY value ORDER BY sum(created) + sum(solved) DESC, value LIMIT $4"#,
        dimension,
        days.from,
        days.to,
        i64::try_from(LINES_MAX + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(&desk.db)
    .await?;
    let mut times = percentiles(desk, dimension, days).await?;
    let mut of = |measure: &str, value: &str| times.remove(&(measure.to_owned(), value.to_owned())).unwrap_or_default();
    let lines = rows.into_iter().map(|row| {
        let figures = Figures {
            created: row.created,
            solved: row.solved,
            reopened: row.reopened,
            responses_in_time: row.responses_in_time,
            responses_late: row.responses_late,
            resolutions_in_time: row.resolutions_in_time,
            resolutions_late: row.resolutions_late,
            response: of("RESPONSE", &row.value),
            resolution: of("RESOLUTION", &row.value),
        };
        (row.value, figures)
    });
    Ok(lines.collect())
}

/// By measure and value: the classes that half of all, and nine of ten, are not beyond.
async fn percentiles(desk: &Desk, dimension: &str, days: &Days) -> Result<HashMap<(String, String), Percentiles>> {
    let months = days.whole_months();
    let rows = sqlx::query!(
        r#"WITH counts AS (
             SELECT measure, value, class, sum(tickets) AS tickets FROM (
               SELECT measure, value, class, tickets FROM report_times
               WHERE dimension = $1 AND day >= $2::text::date AND day < $4::text::date
               UNION ALL
               SELECT measure, value, class, tickets FROM report_times
               WHERE dimension = $1 AND day >= $5::text::date AND day <= $3::text::date
               UNION ALL
               SELECT measure, value, class, tickets FROM report_month_times
               WHERE dimension = $1 AND month >= $4::text::date AND month < $5::text::date) AS parts
             GROUP BY measure, value, class),
           ranks AS (
             SELECT measure, value, class, sum(tickets) OVER (PARTITION BY measure, value ORDER BY class) AS up_to,
               sum(tickets) OVER (PARTITION BY measure, value) AS total FROM counts)
           SELECT measure AS "measure!", value AS "value!", min(class) FILTER (WHERE up_to >= total * 0.5) AS p50, min(class) FILTER (WHERE up_to >= total * 0.9) AS p90
           FROM ranks GROUP BY measure, value"#,
        dimension,
        days.from,
        days.to,
        months.from,
        months.to,
    )
    .fetch_all(&desk.db)
    .await?;
    let times = rows.into_iter().map(|row| {
        let minutes = |class: Option<i16>| class.map(minutes_of_class);
        ((row.measure, row.value), Percentiles { p50: minutes(row.p50), p90: minutes(row.p90) })
    });
    Ok(times.collect())
}

/// Every day, with what was not solved when it was over.
async fn daily(desk: &Desk, days: &Days) -> Result<Vec<DayFigures>> {
    let rows = sqlx::query!(
        r#"SELECT CASE WHEN day >= $1::text::date THEN day::text END AS day, sum(created) AS "created!", sum(solved) AS "solved!"
           FROM report_days WHERE dimension = 'ALL' AND day <= $2::text::date GROUP BY 1"#,
        days.from,
        days.to,
    )
    .fetch_all(&desk.db)
    .await?;
    let mut open = 0;
    let mut counts = HashMap::new();
    for row in rows {
        match row.day {
            Some(day) => drop(counts.insert(day, (row.created, row.solved))),
            None => open = row.created - row.solved,
        }
    }
    let day = |day: String| {
        let (created, solved) = counts.get(&day).copied().unwrap_or_default();
        open += created - solved;
        DayFigures { day, created, solved, open }
    };
    Ok(days.each().map(day).collect())
}

/// Gives lines the names of what they are about.
async fn named(desk: &Desk, by: ReportDimension, lines: Vec<(String, Figures)>) -> Result<Vec<ReportLine>> {
    let ids: Vec<Uuid> = lines.iter().filter_map(|(value, _)| value.parse().ok()).collect();
    let db = &desk.db;
    let names = match by {
        ReportDimension::Queue => tickets::queries::queue_names(db, &ids).await?,
        ReportDimension::Assignee => people::queries::people_names(db, &ids).await?,
        ReportDimension::Organisation => people::queries::organisation_names(db, &ids).await?,
        ReportDimension::Policy => sla::queries::policy_names(db, &ids).await?,
        ReportDimension::Priority => words(TicketPriority::ALL, TicketPriority::label),
        ReportDimension::Source => words(TicketSource::ALL, TicketSource::label),
        ReportDimension::Category => HashMap::new(),
    };
    let is_named = by == ReportDimension::Category;
    let lines = lines.into_iter().map(|(value, figures)| {
        let name = match names.get(&value) {
            Some(name) => name.clone(),
            None if value.is_empty() => by.none().to_owned(),
            None if is_named => value.clone(),
            None => "No longer there".to_owned(),
        };
        ReportLine { value: Some(value).filter(|value| !value.is_empty()), name, figures }
    });
    Ok(lines.collect())
}

fn words<T: Copy + ToString>(all: &[T], label: impl Fn(T) -> &'static str) -> HashMap<String, String> {
    all.iter().map(|word| (word.to_string(), label(*word).to_owned())).collect()
}
