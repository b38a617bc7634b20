//! A calendar, read: which stretches of the world's time the desk works.
//!
//! An instant is open when the clocks of the calendar's zone show a time within a shift of their day. So a change of the
//! clock needs no rule of its own: an hour that is skipped is nobody's, one that comes twice is worked twice. A shift
//! over midnight is the evening of its day and the morning of the next; a holiday closes its own day, and nothing else.

use crate::sla::{Calendar, Holiday, Shifts};
use crate::{Error, Result, Validation};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Microseconds in a second: instants are counted in them, as PostgreSQL keeps them.
pub(super) const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400;
/// How many holidays a calendar may have, and how many changes of its hours.
const HOLIDAYS_MAX: usize = 5000;
const CHANGES_MAX: usize = 200;
/// How many shifts a day may have.
const SHIFTS_MAX: usize = 48;
/// Changes of the clock are known from 1970 up to this year; after it, the zone stays as it is then.
const LAST_YEAR: i16 = 2200;
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Seconds of a day, from and to, in order, apart from each other.
pub(super) type DayHours = Vec<(i64, i64)>;
/// From Monday on.
type Week = [DayHours; 7];

/// When the desk works, ready to be counted over.
#[derive(Debug, Clone)]
pub struct OpenHours {
    /// Where the zone's distance from UTC changes: the microsecond since 1970, and the distance in seconds from then on.
    offsets: Vec<(i64, i64)>,
    /// Weekly hours, and the day since 1970 from which they hold.
    weeks: Vec<(i64, Week)>,
    /// Days with something closed, in order.
    closings: Vec<(i64, DayHours)>,
    /// Month and day → what is closed every year.
    yearly: BTreeMap<(i8, i8), DayHours>,
    notes: Vec<String>,
}

/// A stretch in which the zone keeps its distance from UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub from: i64,
    pub to: i64,
    /// Seconds east of UTC.
    pub offset: i64,
}

impl OpenHours {
    /// Reads a calendar. Invalid, with each place that is wrong: an unknown zone, a time that is none, a shift without
    /// length, a calendar that never opens.
    pub fn of(calendar: &Calendar) -> Result<Self> {
        let mut wrong = Validation::default();
        let mut notes = Vec::new();
        let offsets = wrong.take(offsets(&calendar.time_zone));
        let mut weeks = vec![(i64::MIN, wrong.take(week("hours", &calendar.hours, &mut notes)))];
        if calendar.changes.len() > CHANGES_MAX {
            wrong.take::<()>(Err(Error::invalid("changes", format!("At most {CHANGES_MAX} changes of the hours."))));
        }
        for (place, change) in calendar.changes.iter().take(CHANGES_MAX).enumerate() {
            let field = format!("changes[{place}]");
            let from = wrong.take(read_date(&format!("{field}.from"), &change.from));
            weeks.push((from, wrong.take(week(&format!("{field}.hours"), &change.hours, &mut notes))));
        }
        weeks.sort_by_key(|(from, _)| *from);
        let (closings, yearly) = wrong.take(closings(&calendar.holidays));
        wrong.finish()?;
        let hours = Self { offsets, weeks, closings, yearly, notes };
        if hours.never_opens() {
            return Err(Error::invalid("hours", "This calendar never opens: at least one day needs a shift."));
        }
        Ok(hours)
    }

    /// Around the clock, every day.
    pub fn always() -> Self {
        let week: Week = std::array::from_fn(|_| vec![(0, DAY)]);
        Self {
            offsets: vec![(i64::MIN, 0)],
            weeks: vec![(i64::MIN, week)],
            closings: Vec::new(),
            yearly: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// What was understood otherwise than written: shifts that overlap and count once.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A week without any shift in the last hours that hold means that nothing after it is ever due; so does a year whose
    /// every working day is a yearly holiday.
    fn never_opens(&self) -> bool {
        let last_from = self.weeks.last().map_or(0, |(from, _)| *from).max(0);
        let known = self.closings.last().map_or(0, |(day, _)| day + 1);
        // From a day on that nothing but the week and the yearly holidays say anything of: a cycle of leap years.
        let first = last_from.max(known);
        (first..first + 8 * 366).all(|day| self.on(day).is_empty())
    }

    /// The open seconds of a day since 1970, by its own clocks.
    pub(super) fn on(&self, day: i64) -> Cow<'_, [(i64, i64)]> {
        let week = self.weeks.partition_point(|(from, _)| *from <= day);
        let base = &self.weeks[week.saturating_sub(1)].1[weekday(day)];
        let single = self.closings_on(day);
        let yearly = self.yearly_on(day);
        if base.is_empty() || (single.is_none() && yearly.is_none()) {
            return Cow::Borrowed(base);
        }
        let closed = merge(single.into_iter().chain(yearly).flatten().copied().collect());
        Cow::Owned(subtract(base, &closed))
    }

    /// Whether all of a day is closed by a holiday.
    pub(super) fn is_holiday(&self, day: i64) -> bool {
        let whole = |closed: &DayHours| closed.contains(&(0, DAY));
        self.closings_on(day).is_some_and(whole) || self.yearly_on(day).is_some_and(whole)
    }

    fn closings_on(&self, day: i64) -> Option<&DayHours> {
        let place = self.closings.binary_search_by_key(&day, |(day, _)| *day).ok()?;
        Some(&self.closings[place].1)
    }

    fn yearly_on(&self, day: i64) -> Option<&DayHours> {
        if self.yearly.is_empty() {
            return None;
        }
        let date = Date::new(1970, 1, 1).ok()?.checked_add(jiff::SignedDuration::from_hours(24 * day)).ok()?;
        self.yearly.get(&(date.month(), date.day()))
    }

    /// The stretch with this instant in it (microseconds since 1970).
    pub(super) fn stretch_at(&self, at: i64) -> Stretch {
        let next = self.offsets.partition_point(|(from, _)| *from <= at).max(1);
        let (from, offset) = self.offsets[next - 1];
        let to = self.offsets.get(next).map_or(i64::MAX, |(from, _)| *from);
        Stretch { from, to, offset }
    }
}

/// Monday is 0. The first of January 1970 was a Thursday.
fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default()
}

/// The changes of a zone's clock; the first stretch reaches back for ever.
fn offsets(name: &str) -> Result<Vec<(i64, i64)>> {
    let unknown = || Error::invalid("time_zone", format!("“{name}” is no time zone: one looks like Europe/Berlin."));
    // What the system calls its own is another zone on another machine.
    if name.is_empty() || name.eq_ignore_ascii_case("localtime") || name.starts_with(['/', ':']) {
        return Err(unknown());
    }
    let zone = TimeZone::get(name).map_err(|_| unknown())?;
    let start = jiff::Timestamp::UNIX_EPOCH;
    let mut offsets = vec![(i64::MIN, i64::from(zone.to_offset(start).seconds()))];
    for change in zone.following(start) {
        if change.timestamp().to_zoned(TimeZone::UTC).year() > LAST_YEAR {
            break;
        }
        let offset = i64::from(change.offset().seconds());
        if offsets.last().is_some_and(|(_, last)| *last != offset) {
            offsets.push((change.timestamp().as_microsecond(), offset));
        }
    }
    Ok(offsets)
}

fn week(field: &str, hours: &BTreeMap<String, Shifts>, notes: &mut Vec<String>) -> Result<Week> {
    let mut wrong = Validation::default();
    let mut days: [DayHours; 7] = Default::default();
    for (name, shifts) in hours {
        let Some(day) = NAMES.iter().position(|known| known == name) else {
            let message = format!("“{name}” is no day: they are mon, tue, wed, thu, fri, sat and sun.");
            wrong.take::<()>(Err(Error::invalid(field, message)));
            continue;
        };
        let field = format!("{field}.{name}");
        if shifts.len() > SHIFTS_MAX {
            wrong.take::<()>(Err(Error::invalid(&field, format!("A day has at most {SHIFTS_MAX} shifts."))));
            continue;
        }
        for shift in shifts {
            let Some((from, to)) = wrong.try_take(read_shift(&field, shift)) else { continue };
            if from < to {
                days[day].push((from, to));
            } else {
                days[day].push((from, DAY));
                days[(day + 1) % 7].push((0, to));
            }
        }
    }
    wrong.finish()?;
    for (day, shifts) in days.iter_mut().enumerate() {
        shifts.retain(|(from, to)| from < to);
        let total: i64 = shifts.iter().map(|(from, to)| to - from).sum();
        *shifts = merge(std::mem::take(shifts));
        if shifts.iter().map(|(from, to)| to - from).sum::<i64>() != total {
            notes.push(format!("{field}.{}: shifts overlap; what they share counts once.", NAMES[day]));
        }
    }
    Ok(days)
}

/// From and to in seconds of the day; a shift from midnight to midnight is written `00:00`–`24:00`.
fn read_shift(field: &str, [from, to]: &[String; 2]) -> Result<(i64, i64)> {
    let read = |text: &str| {
        read_time(text)
            .ok_or_else(|| Error::invalid(field, format!("“{text}” is no time of day: one looks like 09:00.")))
    };
    let (from, to) = (read(from)?, read(to)?);
    if from == to || from == DAY {
        return Err(Error::invalid(field, "A shift needs a length: it ends after it begins."));
    }
    Ok((from, to))
}

/// `09:00` or `09:00:30`, up to `24:00`.
fn read_time(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    let number = |part: &&str| {
        let fits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<i64>().ok()).flatten()
    };
    let numbers: Vec<i64> = parts.iter().filter_map(number).collect();
    let second = match (parts.len(), numbers[..].as_ref()) {
        (2, [hour @ 0..=24, minute @ 0..60]) => hour * 3600 + minute * 60,
        (3, [hour @ 0..=24, minute @ 0..60, second @ 0..60]) => hour * 3600 + minute * 60 + second,
        _ => return None,
    };
    (second <= DAY).then_some(second)
}

type Closings = (Vec<(i64, DayHours)>, BTreeMap<(i8, i8), DayHours>);

fn closings(holidays: &[Holiday]) -> Result<Closings> {
    if holidays.len() > HOLIDAYS_MAX {
        return Err(Error::invalid(
            "holidays",
            format!("At most {HOLIDAYS_MAX} holidays: let those of each year be yearly ones (12-25)."),
        ));
    }
    let mut wrong = Validation::default();
    let (mut days, mut yearly) = (BTreeMap::<i64, DayHours>::new(), BTreeMap::<(i8, i8), DayHours>::new());
    for (place, holiday) in holidays.iter().enumerate() {
        let field = format!("holidays[{place}]");
        let closed = match &holiday.closed {
            None => (0, DAY),
            Some(part) => wrong.take(read_shift(&field, part).and_then(|(from, to)| {
                if from < to { Ok((from, to)) } else { Err(Error::invalid(&field, "A half day ends on its own day.")) }
            })),
        };
        if let Some(every_year) = read_month_day(&holiday.date) {
            yearly.entry(every_year).or_default().push(closed);
        } else {
            let day = wrong.take(read_date(&field, &holiday.date));
            days.entry(day).or_default().push(closed);
        }
    }
    wrong.finish()?;
    let merged = |closed| merge(closed);
    Ok((
        days.into_iter().map(|(day, closed)| (day, merged(closed))).collect(),
        yearly.into_iter().map(|(day, closed)| (day, merged(closed))).collect(),
    ))
}

/// `12-25`; the 29th of February is one.
fn read_month_day(text: &str) -> Option<(i8, i8)> {
    let text = text.trim();
    if text.len() != 5 {
        return None;
    }
    let date: Date = format!("2000-{text}").parse().ok()?;
    Some((date.month(), date.day()))
}

/// The day since 1970.
fn read_date(field: &str, text: &str) -> Result<i64> {
    let wrong =
        || Error::invalid(field, format!("“{text}” is no day: one looks like 2026-12-25, or 12-25 for every year."));
    let text = text.trim();
    let date: Date = text.parse().map_err(|_| wrong())?;
    if text.len() != 10 || !(1900..=LAST_YEAR).contains(&date.year()) {
        return Err(wrong());
    }
    let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp();
    Ok(midnight.as_second().div_euclid(DAY))
}

/// In order, what touches or overlaps as one.
fn merge(mut parts: DayHours) -> DayHours {
    parts.sort_unstable();
    let mut merged = DayHours::with_capacity(parts.len());
    for (from, to) in parts {
        match merged.last_mut() {
            Some((_, end)) if from <= *end => *end = (*end).max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// What of `parts` is not in `closed`; both in order and apart from each other.
fn subtract(parts: &DayHours, closed: &DayHours) -> DayHours {
    let mut left = DayHours::new();
    for &(from, to) in parts {
        let mut begin = from;
        for &(shut, open) in closed.iter().filter(|(shut, open)| *shut < to && *open > from) {
            if shut > begin {
                left.push((begin, shut));
            }
            begin = begin.max(open);
        }
        if begin < to {
            left.push((begin, to));
        }
    }
    left
}
