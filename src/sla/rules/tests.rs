//! Working time against an oracle that looks at every single minute.

use super::OpenHours;
use crate::sla::{Calendar, Holiday, HoursFrom, SegmentKind, Span};
use crate::{Error, Timestamp};
use jiff::tz::TimeZone;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTE: i64 = 60_000_000;
/// How far an oracle looks: 20 days.
const HORIZON: usize = 20 * 1440;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(from: &str, to: &str) -> Span {
    Span { from: at(from), to: at(to) }
}

fn calendar(zone: &str, days: &[&str], shifts: &[(&str, &str)]) -> Calendar {
    let shifts: Vec<_> = shifts.iter().map(|(from, to)| [from.to_string(), to.to_string()]).collect();
    let hours = days.iter().map(|day| (day.to_string(), shifts.clone())).collect();
    Calendar { time_zone: zone.to_owned(), hours, ..Calendar::default() }
}

fn weekdays(zone: &str) -> Calendar {
    calendar(zone, &NAMES[..5], &[("09:00", "17:00")])
}

fn day_off(date: &str) -> Holiday {
    Holiday { date: date.to_owned(), ..Holiday::default() }
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// What a random calendar means, said the plainest way: a minute is open when a clock on the wall shows it.
struct Oracle {
    zone: TimeZone,
    /// Day of the week, from, to; `to` at or before `from` is over midnight.
    shifts: Vec<(i64, i64, i64)>,
    /// Days that are closed, from and to in minutes.
    closed: Vec<(jiff::civil::Date, i64, i64)>,
}

impl Oracle {
    fn is_open(&self, minute: Timestamp) -> bool {
        let local = self.zone.to_datetime(minute.0);
        let now = i64::from(local.hour()) * 60 + i64::from(local.minute());
        if self.closed.iter().any(|(day, from, to)| *day == local.date() && (*from..*to).contains(&now)) {
            return false;
        }
        let today = i64::from(local.weekday().to_monday_zero_offset());
        self.shifts.iter().any(|&(day, from, to)| {
            let over_midnight = to <= from;
            (day == today && now >= from && (over_midnight || now < to))
                || (over_midnight && (day + 1) % 7 == today && now < to)
        })
    }
}

/// A calendar of a random place around one of its changes of the clock, the same for the oracle, and the instant from
/// which it is looked at.
fn random_calendar(random: &mut StdRng) -> (Calendar, Oracle, Timestamp) {
    const ZONES: [&str; 11] = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "America/St_Johns",
        "Pacific/Auckland",
        "America/Sao_Paulo",
        "Etc/UTC",
        "Africa/Casablanca",
    ];
    let name = ZONES[random.random_range(0..ZONES.len())];
    let zone = TimeZone::get(name).unwrap();
    let somewhere = jiff::Timestamp::from_second(random.random_range(1_300_000_000..1_900_000_000)).unwrap();
    let near = zone.following(somewhere).next().map_or(somewhere, |change| change.timestamp());
    let start = near.as_second() / 60 * 60 - random.random_range(0..6 * 1440) * 60;
    let start = Timestamp::from_microsecond(start * 1_000_000).unwrap();
    let mut hours = BTreeMap::<String, Vec<[String; 2]>>::new();
    let mut shifts = Vec::new();
    for _ in 0..random.random_range(1..12) {
        let day = random.random_range(0..7_i64);
        let from = random.random_range(0..1440_i64);
        let to = random.random_range(0..=1440_i64);
        if from != to {
            hours.entry(NAMES[day as usize].to_owned()).or_default().push([clock(from), clock(to)]);
            shifts.push((day, from, to));
        }
    }
    if shifts.is_empty() {
        hours.insert("wed".to_owned(), vec![["08:00".to_owned(), "24:00".to_owned()]]);
        shifts.push((2, 480, 1440));
    }
    let (mut holidays, mut closed) = (Vec::new(), Vec::new());
    for kind in 0..random.random_range(0..6) {
        let day = zone
            .to_datetime(start.0)
            .date()
            .checked_add(jiff::SignedDuration::from_hours(24 * random.random_range(0..20)))
            .unwrap();
        let part =
            if kind % 3 == 2 { (random.random_range(0..700), random.random_range(701..=1440)) } else { (0, 1440) };
        let date = if kind % 3 == 1 { day.strftime("%m-%d").to_string() } else { day.to_string() };
        let half = (kind % 3 == 2).then(|| [clock(part.0), clock(part.1)]);
        holidays.push(Holiday { date, name: None, closed: half });
        closed.push((day, part.0, part.1));
    }
    let calendar = Calendar { time_zone: name.to_owned(), hours, holidays, changes: Vec::new() };
    (calendar, Oracle { zone, shifts, closed }, start)
}

#[test]
fn a_hundred_thousand_deadlines_are_those_of_someone_who_looks_at_every_minute() {
    let mut random = StdRng::seed_from_u64(20_261_126);
    let (mut cases, mut reached) = (0, 0);
    for _ in 0..100 {
        let (calendar, oracle, start) = random_calendar(&mut random);
        let hours = OpenHours::of(&calendar).unwrap();
        let minute =
            |place: usize| Timestamp::from_microsecond(start.as_microsecond() + place as i64 * MINUTE).unwrap();
        let wall: Vec<bool> = (0..HORIZON).map(|place| oracle.is_open(minute(place))).collect();
        for _ in 0..1000 {
            cases += 1;
            let begin = random.random_range(0..4 * 1440);
            let mut open = wall.clone();
            let mut pauses = Vec::new();
            for _ in 0..random.random_range(0..4) {
                let from = random.random_range(0..7 * 1440);
                let to = from + random.random_range(0..2000);
                open[from..to].fill(false);
                pauses.push(Span { from: minute(from), to: minute(to) });
            }
            let work = random.random_range(1..1500);
            let mut left = work;
            let due = (begin..HORIZON).find(|place| {
                left -= usize::from(open[*place]);
                left == 0
            });
            if let Some(due) = due {
                reached += 1;
                let due = due + 1;
                let seconds = work as i64 * 60;
                let what = || format!("{calendar:?} from {} for {work} minutes, pauses {pauses:?}", minute(begin));
                assert_eq!(hours.add(minute(begin), seconds, &pauses), Some(minute(due)), "{}", what());
                assert_eq!(hours.between(minute(begin), minute(due), &pauses), work as i64 * MINUTE, "{}", what());
                // Back from the deadline: the latest beginning that leaves all of it.
                let latest = (begin..due).find(|place| open[*place]).unwrap();
                assert_eq!(hours.subtract(minute(due), seconds, &pauses), Some(minute(latest)), "{}", what());
                let segments = hours.explain(minute(begin), minute(due), &pauses);
                assert!(
                    segments.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].kind != pair[1].kind),
                    "{}",
                    what()
                );
                for segment in &segments {
                    let from = ((segment.from.as_microsecond() - start.as_microsecond()) / MINUTE) as usize;
                    let to = ((segment.to.as_microsecond() - start.as_microsecond()) / MINUTE) as usize;
                    let works = segment.kind == SegmentKind::Work;
                    assert!(open[from..to].iter().all(|open| *open == works), "{segment:?} of {}", what());
                }
                assert_eq!(segments.first().map(|first| first.from), Some(minute(begin)));
                assert_eq!(segments.last().map(|last| last.to), Some(minute(due)));
            }
            let next = (begin..HORIZON).find(|place| wall[*place]).map(minute);
            if next.is_some() {
                assert_eq!(hours.next_opening(minute(begin)), next, "{calendar:?} from {}", minute(begin));
            }
            assert_eq!(hours.is_open(minute(begin)), wall[begin]);
        }
    }
    assert_eq!(cases, 100_000);
    assert!(reached > 80_000, "too few deadlines were within what was looked at: {reached}");
}

#[test]
fn it_is_exact_to_the_second_and_below() {
    let hours = OpenHours::of(&weekdays("Europe/Berlin")).unwrap();
    // A Friday, 16:59:30 in Berlin: half a minute is left of it.
    let start = at("2026-11-27T15:59:30.25Z");
    assert_eq!(hours.add(start, 60, &[]), Some(at("2026-11-30T08:00:30.25Z")));
    assert_eq!(hours.between(start, at("2026-11-30T08:00:30.25Z"), &[]), 60_000_000);
    assert_eq!(hours.subtract(at("2026-11-30T08:00:30.25Z"), 60, &[]), Some(start));
    assert_eq!(hours.add(start, 0, &[]), Some(start));
    // It ends with the shift, not with the next one's beginning.
    assert_eq!(hours.add(at("2026-11-27T08:00:00Z"), 8 * 3600, &[]), Some(at("2026-11-27T16:00:00Z")));
    // One hour before Monday, 9:30, is Friday, 16:30.
    assert_eq!(hours.subtract(at("2026-11-30T08:30:00Z"), 3600, &[]), Some(at("2026-11-27T15:30:00Z")));
}

#[test]
fn what_a_clock_skips_is_nobodys_and_what_comes_twice_is_worked_twice() {
    // In Berlin two o'clock is three on 29 March 2026, and three is two once more on 25 October.
    let night = OpenHours::of(&calendar("Europe/Berlin", &["sat"], &[("22:00", "06:00")])).unwrap();
    assert_eq!(night.between(at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z"), &[]), 7 * 60 * MINUTE);
    assert_eq!(night.between(at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z"), &[]), 9 * 60 * MINUTE);
    let skipped = OpenHours::of(&calendar("Europe/Berlin", &["sun"], &[("02:00", "03:00")])).unwrap();
    assert_eq!(skipped.add(at("2026-03-28T12:00:00Z"), 60, &[]), Some(at("2026-04-05T00:01:00Z")));
    // Samoa had no 30 December 2011.
    let fridays = OpenHours::of(&calendar("Pacific/Apia", &["fri"], &[("00:00", "24:00")])).unwrap();
    assert_eq!(fridays.next_opening(at("2011-12-29T00:00:00-10:00")), Some(at("2012-01-06T00:00:00+14:00")));
}

#[test]
fn a_holiday_closes_its_own_day_a_half_day_its_part_and_new_hours_hold_from_their_day() {
    let mut year = weekdays("Europe/Berlin");
    year.holidays = vec![
        Holiday { date: "12-25".into(), name: Some("Christmas".into()), closed: None },
        Holiday { date: "2026-12-24".into(), name: None, closed: Some(["12:00".into(), "24:00".into()]) },
        day_off("02-29"),
    ];
    let monday = BTreeMap::from([("mon".to_owned(), vec![["10:00".to_owned(), "11:00".to_owned()]])]);
    year.changes = vec![HoursFrom { from: "2027-01-01".into(), hours: monday }];
    let hours = OpenHours::of(&year).unwrap();
    // Thursday until noon, Friday closed, then Monday.
    assert_eq!(hours.add(at("2026-12-24T08:00:00Z"), 4 * 3600, &[]), Some(at("2026-12-28T09:00:00Z")));
    let kinds: Vec<_> = hours
        .explain(at("2026-12-24T08:00:00Z"), at("2026-12-28T09:00:00Z"), &[])
        .iter()
        .map(|segment| segment.kind)
        .collect();
    use SegmentKind::{Closed, Holiday as Off, Work};
    assert_eq!(kinds, [Work, Closed, Off, Closed, Work]);
    assert_eq!(hours.next_opening(at("2026-12-31T20:00:00Z")), Some(at("2027-01-04T09:00:00Z")));
    // A night's shift is the evening of its day and the morning of the next.
    let mut nights = calendar("Etc/UTC", &["thu"], &[("22:00", "06:00")]);
    nights.holidays = vec![day_off("2026-12-25")];
    let nights = OpenHours::of(&nights).unwrap();
    assert_eq!(nights.between(at("2026-12-24T00:00:00Z"), at("2026-12-26T00:00:00Z"), &[]), 120 * MINUTE);
}

#[test]
fn what_makes_no_calendar_is_refused_where_it_stands() {
    let refused = |calendar: &Calendar| match OpenHours::of(calendar) {
        Err(Error::Invalid(fields)) => fields.into_iter().next().unwrap(),
        other => panic!("{other:?}"),
    };
    for zone in ["", "Europe/Atlantis", "localtime", "/etc/localtime", "../UTC", "CET+1"] {
        let (field, message) = refused(&weekdays(zone));
        assert_eq!(field, "time_zone", "{message}");
    }
    for shift in [("09:00", "09:00"), ("24:00", "06:00"), ("00:00", "00:00")] {
        let (field, message) = refused(&calendar("Etc/UTC", &["mon"], &[shift]));
        assert_eq!((field.as_str(), message.contains("length")), ("hours.mon", true), "{shift:?}: {message}");
    }
    for time in ["", "9:00", "25:00", "24:01", "09:60", "09-00", "٠٩:00", "+9:00"] {
        assert_eq!(refused(&calendar("Etc/UTC", &["mon"], &[(time, "17:00")])).0, "hours.mon", "{time}");
    }
    assert_eq!(refused(&calendar("Etc/UTC", &["monday"], &[("09:00", "17:00")])).0, "hours");
    let never = |calendar: &Calendar| assert!(refused(calendar).1.contains("never opens"));
    never(&Calendar { time_zone: "Etc/UTC".into(), ..Calendar::default() });
    never(&calendar("Etc/UTC", &["mon", "tue"], &[]));
    let mut closes = weekdays("Etc/UTC");
    closes.changes = vec![HoursFrom { from: "2027-01-01".into(), ..HoursFrom::default() }];
    never(&closes);
    let mut always_off = weekdays("Etc/UTC");
    let every_day = (1..=12).flat_map(|month| (1..=31).map(move |day| format!("{month:02}-{day:02}")));
    always_off.holidays = every_day
        .filter(|day| format!("2000-{day}").parse::<jiff::civil::Date>().is_ok())
        .map(|day| day_off(&day))
        .collect();
    never(&always_off);
    let mut wrong = weekdays("Etc/UTC");
    wrong.holidays = vec![day_off("2026-02-30"), day_off("02-30"), day_off("Easter")];
    assert!(matches!(OpenHours::of(&wrong), Err(Error::Invalid(fields)) if fields.len() == 3));
    wrong.holidays = vec![day_off("2026-01-01"); 6000];
    assert_eq!(refused(&wrong).0, "holidays");
}

#[test]
fn shifts_that_overlap_count_once_and_it_is_said() {
    let hours = OpenHours::of(&calendar("Etc/UTC", &["mon"], &[("09:00", "13:00"), ("12:00", "17:00")])).unwrap();
    assert_eq!(hours.between(at("2026-11-30T00:00:00Z"), at("2026-12-01T00:00:00Z"), &[]), 8 * 60 * MINUTE);
    assert_eq!(hours.notes(), ["hours.mon: shifts overlap; what they share counts once."]);
    let apart = OpenHours::of(&calendar("Etc/UTC", &["mon"], &[("09:00", "12:00"), ("12:00", "17:00")])).unwrap();
    assert!(apart.notes().is_empty(), "those that touch do not overlap");
}

#[test]
fn a_hundred_years_of_holidays_are_looked_at_in_no_time() {
    let mut busy = weekdays("Europe/Berlin");
    busy.holidays =
        (2000..2100).flat_map(|year| (1..=12).map(move |month| day_off(&format!("{year}-{month:02}-01")))).collect();
    let hours = OpenHours::of(&busy).unwrap();
    let started = std::time::Instant::now();
    let due = hours.add(at("2026-01-01T08:00:00Z"), 60 * 525_600, &[]);
    assert!(due.is_some() && started.elapsed().as_millis() < 100, "{:?}", started.elapsed());
    assert_eq!(hours.add(at("2026-01-01T08:00:00Z"), i64::MAX / 2_000_000, &[]), None, "not in 120 years");
    assert_eq!(hours.add(at("2026-01-01T08:00:00Z"), i64::MAX, &[]), None);
}

#[test]
fn a_pause_counts_once_however_often_it_is_told() {
    let hours = OpenHours::of(&weekdays("Etc/UTC")).unwrap();
    let pauses = [
        span("2026-11-30T10:00:00Z", "2026-11-30T11:00:00Z"),
        span("2026-11-30T10:30:00Z", "2026-11-30T11:30:00Z"),
        span("2026-11-30T12:00:00Z", "2026-11-30T12:00:00Z"),
        span("2026-11-30T16:00:00Z", "2026-11-30T15:00:00Z"),
    ];
    assert_eq!(hours.add(at("2026-11-30T09:00:00Z"), 2 * 3600, &pauses), Some(at("2026-11-30T12:30:00Z")));
}
