//! What is planned, day by day, in the reader's time zone.

use super::conflicts::conflicting;
use super::{ROW, ROW_JOINS, Row, local, push_seen, window_text};
use crate::changes::{Blackout, BlackoutId, CalendarChange, CalendarDay, ChangeCalendar};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, Timestamp, parse_day};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use sqlx::{Postgres, QueryBuilder};

/// More are not drawn: a shorter time shows them.
const SHOWN: i64 = 500;
pub const DAYS_MAX: i64 = 62;

/// `days` days from `from` on (`2026-11-28`), in the actor's time zone. Drafts and what was rejected are no plans.
pub async fn calendar(desk: &Desk, actor: &Actor, from: &str, days: i64) -> Result<ChangeCalendar> {
    actor.require(Permission::ChangeCreate)?;
    let zone = TimeZone::get(&actor.time_zone).unwrap_or(TimeZone::UTC);
    let wrong = || Error::invalid("from", "A day looks like 2026-11-24.");
    let first: Date = parse_day("from", from)?.parse().map_err(|_| wrong())?;
    let days = days.clamp(1, DAYS_MAX);
    let midnight = |day: Date| day.to_zoned(zone.clone()).map(|at| Timestamp(at.timestamp())).map_err(|_| wrong());
    let day = |at: i64| first.checked_add(Span::new().days(at)).map_err(|_| wrong());
    let window = (midnight(first)?, midnight(day(days)?)?);
    let (changes, blackouts) = (changes(desk, actor, window).await?, blackouts(desk, actor, window).await?);
    let mut shown = Vec::new();
    for at in 0..days {
        let (date, next) = (day(at)?, day(at + 1)?);
        let (begins, ends) = (midnight(date)?, midnight(next)?);
        let on = |start: Option<Timestamp>, end: Option<Timestamp>| {
            start.zip(end).is_some_and(|(start, end)| start < ends && end > begins)
        };
        shown.push(CalendarDay {
            day: date.to_string(),
            changes: (0..changes.len())
                .filter(|at| on(changes[*at].row.planned_start_date, changes[*at].row.planned_end_date))
                .collect(),
            blackouts: (0..blackouts.len())
                .filter(|at| on(Some(blackouts[*at].starts), Some(blackouts[*at].ends)))
                .collect(),
        });
    }
    Ok(ChangeCalendar { days: shown, changes, blackouts, today: Timestamp::now().day(&actor.time_zone) })
}

/// A sheet of a calendar: a month in whole weeks, from a Monday on, or one week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// `2026-11`, or a week's Monday, `2026-11-23`.
    pub name: String,
    pub before: String,
    pub after: String,
    /// The month that a week begins in, the week that a month begins with or, of this month, today's.
    pub other: String,
    pub first_day: String,
    pub days: i64,
}

/// `text` is `2026-11`; this month, in the actor's time zone, without it.
pub fn month(actor: &Actor, text: Option<&str>) -> Result<Sheet> {
    let wrong = || Error::invalid("month", "A month looks like 2026-11.");
    let today = Timestamp::now().day(&actor.time_zone);
    let text = text.filter(|text| !text.is_empty()).unwrap_or(&today[..7]);
    let day = parse_day("month", &format!("{text}-01")).map_err(|_| wrong())?;
    let first: Date = day.parse().map_err(|_| wrong())?;
    let (begins, ends) = (monday(first), monday(first.last_of_month()).saturating_add(6.days()));
    let named = |day: Date| day.to_string()[..7].to_owned();
    let name = named(first);
    let this_week = today.parse().ok().filter(|_| today.starts_with(&name)).map(monday);
    Ok(Sheet {
        before: named(first.saturating_sub(1.day())),
        after: named(first.last_of_month().saturating_add(1.day())),
        other: this_week.unwrap_or(begins).to_string(),
        first_day: begins.to_string(),
        days: i64::from(begins.until(ends).map_err(|_| wrong())?.get_days()) + 1,
        name,
    })
}

/// The week that a day (`2026-11-28`) is in.
pub fn week(text: &str) -> Result<Sheet> {
    let wrong = || Error::invalid("week", "A week is named by one of its days, such as 2026-11-23.");
    let day = parse_day("week", text).map_err(|_| wrong())?;
    let begins = monday(day.parse().map_err(|_| wrong())?);
    Ok(Sheet {
        name: begins.to_string(),
        before: begins.saturating_sub(7.days()).to_string(),
        after: begins.saturating_add(7.days()).to_string(),
        other: begins.to_string()[..7].to_owned(),
        first_day: begins.to_string(),
        days: 7,
    })
}

fn monday(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}

async fn changes(desk: &Desk, actor: &Actor, window: (Timestamp, Timestamp)) -> Result<Vec<CalendarChange>> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query
        .push(" FROM change_requests c")
        .push(ROW_JOINS)
        .push(" WHERE c.deleted_at IS NULL AND c.status NOT IN ('DRAFT', 'REJECTED') AND c.planned && tstzrange(");
    query.push_bind(window.0).push(", ").push_bind(window.1).push(", '[)') AND ");
    push_seen(&mut query, actor);
    query.push(" ORDER BY c.planned_start_date, c.id LIMIT ").push_bind(SHOWN);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    let conflicting = conflicting(desk, window).await?;
    let shown = |row: Row| CalendarChange {
        conflicts: conflicting.contains(&row.id),
        from: row.planned_start_date.map(|at| local(at, &actor.time_zone)[11..].to_owned()).unwrap_or_default(),
        row: row.shown(&actor.time_zone),
    };
    Ok(rows.into_iter().map(shown).collect())
}

async fn blackouts(desk: &Desk, actor: &Actor, window: (Timestamp, Timestamp)) -> Result<Vec<Blackout>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: BlackoutId", name, starts AS "starts: Timestamp", ends AS "ends: Timestamp" FROM change_blackouts
           WHERE during && tstzrange($1, $2, '[)') ORDER BY starts, id LIMIT $3"#,
        window.0 as _,
        window.1 as _,
        SHOWN
    )
    .fetch_all(&desk.db)
    .await?;
    let shown = rows.into_iter().map(|row| Blackout {
        window: window_text(row.starts, row.ends, &actor.time_zone),
        id: row.id,
        name: row.name,
        starts: row.starts,
        ends: row.ends,
    });
    Ok(shown.collect())
}
