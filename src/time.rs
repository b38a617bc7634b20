//! Instants. Always UTC inside; a person's time zone is applied where they look at it.

use crate::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An instant, to the microsecond, as PostgreSQL's `timestamptz` keeps it. Serialised as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub jiff::Timestamp);

impl Timestamp {
    #[cfg(feature = "ssr")]
    pub fn now() -> Self {
        let now = jiff::Timestamp::now();
        // What is finer than the database's is not ours to keep.
        Self::from_microsecond(now.as_microsecond()).unwrap_or(Self(now))
    }

    pub fn as_microsecond(self) -> i64 {
        self.0.as_microsecond()
    }

    pub fn from_microsecond(microseconds: i64) -> Option<Self> {
        jiff::Timestamp::from_microsecond(microseconds).ok().map(Self)
    }

    /// Whole seconds from `self` to `later`; negative when `later` is earlier.
    /// So many seconds later, earlier where negative; the end of all time beyond it.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let at = self.as_microsecond().saturating_add(seconds.saturating_mul(1_000_000));
        Self::from_microsecond(at).unwrap_or(self)
    }

    pub fn seconds_until(self, later: Timestamp) -> i64 {
        later.0.as_second() - self.0.as_second()
    }

    /// How many seconds east of UTC `zone` (an IANA name) is at this instant; 0 for an unknown zone.
    #[cfg(feature = "ssr")]
    pub fn utc_offset_seconds(self, zone: &str) -> i32 {
        jiff::tz::TimeZone::get(zone).map(|zone| zone.to_offset(self.0).seconds()).unwrap_or(0)
    }

    /// The day in `zone` (an IANA name; UTC for an unknown one), as `2026-11-22`.
    #[cfg(feature = "ssr")]
    pub fn day(self, zone: &str) -> String {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        zone.to_datetime(self.0).date().to_string()
    }

    /// The day so many days ago, in UTC.
    #[cfg(feature = "ssr")]
    pub fn day_before(self, days: i64) -> String {
        let earlier = self.0.checked_sub(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(self.0);
        Self(earlier).day("UTC")
    }

    /// Eight in the morning in `zone`, `days` days later.
    #[cfg(feature = "ssr")]
    pub fn morning_after(self, days: i32, zone: &str) -> Self {
        use jiff::ToSpan;
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let day = zone.to_datetime(self.0).date().saturating_add(days.days());
        day.at(8, 0, 0, 0).to_zoned(zone).map_or(self, |morning| Self(morning.timestamp()))
    }

    /// Eight in the morning in `zone`, on the next Monday.
    #[cfg(feature = "ssr")]
    pub fn next_monday(self, zone: &str) -> Self {
        let here = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let weekday = here.to_datetime(self.0).date().weekday().to_monday_zero_offset();
        self.morning_after(7 - i32::from(weekday), zone)
    }

    /// Date and time in `zone`, as a form sends them: `2026-11-24T09:00`. In a gap of the clock, the later time.
    #[cfg(feature = "ssr")]
    pub fn from_local(field: &str, text: &str, zone: &str) -> Result<Self> {
        let wrong = || Error::invalid(field, "Please choose a date and a time.");
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let time: jiff::civil::DateTime = text.trim().parse().map_err(|_| wrong())?;
        zone.to_ambiguous_zoned(time).later().map(|zoned| Self(zoned.timestamp())).map_err(|_| wrong())
    }

    /// When the day `days` after `day` begins in `zone`; a day as in `2026-11-24`.
    #[cfg(feature = "ssr")]
    pub fn start_of_day(field: &str, day: &str, days: i64, zone: &str) -> Result<Self> {
        let wrong = || Error::invalid(field, "A day looks like 2026-11-24.");
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let day: jiff::civil::Date = parse_day(field, day)?.parse().map_err(|_| wrong())?;
        let day = day.checked_add(jiff::Span::new().days(days)).map_err(|_| wrong())?;
        day.to_zoned(zone).map(|begins| Self(begins.timestamp())).map_err(|_| wrong())
    }

    /// Date and time `utc_offset_seconds` east of UTC, as `2026-11-22 09:04`.
    pub fn local(self, utc_offset_seconds: i32) -> String {
        let (year, month, day, second) = civil(self.0.as_second() + i64::from(utc_offset_seconds));
        format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", second / 3600, second / 60 % 60)
    }

    /// The day `utc_offset_seconds` east of UTC, as `2026-11-22`.
    pub fn date(self, utc_offset_seconds: i32) -> String {
        let (year, month, day, _) = civil(self.0.as_second() + i64::from(utc_offset_seconds));
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// RFC 3339, as in `2026-11-24T09:00:00Z`. The browser reads only what the server writes, in UTC.
    fn from_str(text: &str) -> Result<Self> {
        #[cfg(feature = "ssr")]
        let instant = text.trim().parse().ok().map(Self);
        #[cfg(not(feature = "ssr"))]
        let instant = read_utc(text);
        instant.ok_or_else(|| Error::invalid("", "A point in time looks like 2026-11-24T09:00:00Z."))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

// By hand, as is what stands below: the library that knows everything about time would be a tenth of what a browser
// fetches.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read_utc(&text).ok_or_else(|| serde::de::Error::custom("not a point in time"))
    }
}

const DAY: i64 = 86_400;

/// Year, month, day and second of the day, of a second since 1970 in the proleptic Gregorian calendar.
fn civil(second: i64) -> (i64, i64, i64, i64) {
    // Years that begin in March, so that the leap day is the last.
    let day = second.div_euclid(DAY) + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_month, second.rem_euclid(DAY))
}

/// The day since 1970, if there is such a day.
fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let number =
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * from_march + 2) / 5 + day - 1 - 719_468;
    let (y, m, d, _) = civil(number * DAY);
    ((y, m, d) == (year, month, day)).then_some(number)
}

/// Digits alone, as a number.
fn digits(text: &str) -> Option<i64> {
    let fits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn read_day(text: &str) -> Option<i64> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    day_number(digits(year)?, digits(month)?, digits(day)?)
}

/// What [`Timestamp`]'s `Display` writes.
fn read_utc(text: &str) -> Option<Timestamp> {
    let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let parts: Vec<i64> = time.split(':').filter(|part| part.len() == 2).filter_map(digits).collect();
    let [hour @ 0..24, minute @ 0..60, second @ 0..60] = parts[..] else { return None };
    let micros = digits(&format!("{fraction:0<6}")[..6]).filter(|_| digits(fraction).is_some())?;
    let second = read_day(day)? * DAY + hour * 3600 + minute * 60 + second;
    Timestamp::from_microsecond(second * 1_000_000 + micros)
}

/// A day as in `2026-11-24`, checked.
pub fn parse_day(field: &str, text: &str) -> Result<String> {
    let wrong = || Error::invalid(field, "A day looks like 2026-11-24.");
    let text = text.trim();
    let year = digits(text.split('-').next().unwrap_or_default()).ok_or_else(wrong)?;
    if read_day(text).is_some() && (1970..=2200).contains(&year) { Ok(text.to_owned()) } else { Err(wrong()) }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the microsecond, as in `2026-11-24T09:00:00.5Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.as_microsecond();
        let (year, month, day, second) = civil(micros.div_euclid(1_000_000));
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match micros.rem_euclid(1_000_000) {
            0 => f.write_str("Z"),
            fraction => write!(f, ".{}Z", format!("{fraction:06}").trim_end_matches('0')),
        }
    }
}

#[cfg(feature = "ssr")]
mod postgres {
    use super::Timestamp;
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
    use sqlx::{Decode, Encode, Postgres, Type};
    use std::result::Result;

    /// Microseconds from the Unix epoch to PostgreSQL's, 2000-01-01.
    const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

    impl Type<Postgres> for Timestamp {
        fn type_info() -> PgTypeInfo {
            PgTypeInfo::with_name("timestamptz")
        }
    }

    impl PgHasArrayType for Timestamp {
        fn array_type_info() -> PgTypeInfo {
            PgTypeInfo::with_name("_timestamptz")
        }
    }

    impl Encode<'_, Postgres> for Timestamp {
        fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
            Encode::<Postgres>::encode(self.as_microsecond() - POSTGRES_EPOCH, buf)
        }

        fn size_hint(&self) -> usize {
            8
        }
    }

    impl<'r> Decode<'r, Postgres> for Timestamp {
        fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
            match value.format() {
                PgValueFormat::Binary => {
                    let microseconds: i64 = Decode::<Postgres>::decode(value)?;
                    let unix = microseconds.checked_add(POSTGRES_EPOCH).ok_or("timestamp out of range")?;
                    Timestamp::from_microsecond(unix).ok_or_else(|| "timestamp out of range".into())
                }
                PgValueFormat::Text => Ok(Timestamp(value.as_str()?.parse()?)),
            }
        }
    }
}

#[cfg(feature = "ssr")]
#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_and_read_by_hand_is_what_the_library_says() {
        use rand::{RngExt, SeedableRng};
        let mut random = rand::rngs::StdRng::seed_from_u64(7);
        for round in 0..20_000 {
            // From the year 1 to 9998, whole seconds among them.
            let micros: i64 = random.random_range(-62_135_596_800_000_000..253_370_764_800_000_000);
            let micros = if round % 3 == 0 { micros.div_euclid(1_000_000) * 1_000_000 } else { micros };
            let ours = Timestamp::from_microsecond(micros).unwrap();
            let theirs = ours.0.to_string();
            assert_eq!(ours.to_string(), theirs);
            assert_eq!(read_utc(&theirs), Some(ours), "{theirs}");
            let day = theirs[..10].parse::<jiff::civil::Date>().unwrap();
            assert_eq!(day_number(day.year().into(), day.month().into(), day.day().into()), Some(civil_day(&theirs)));
            assert_eq!(
                ours.local(3600)[..4],
                ours.0.to_zoned(jiff::tz::Offset::from_hours(1).unwrap().to_time_zone()).strftime("%Y").to_string()
            );
        }
        assert_eq!(at("2026-02-28T23:30:00Z").local(3600), "2026-03-01 00:30");
        assert_eq!(serde_json::to_string(&at("2026-02-28T23:30:00.250Z")).unwrap(), "\"2026-02-28T23:30:00.25Z\"");
    }

    fn civil_day(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_second().div_euclid(DAY)
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for wrong in [
            "",
            "Z",
            "T",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00",
            "2026-1-1T00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1x3456Z",
            "2026-01-01T0é:00:00Z",
            "-026-01-01T00:00:00Z",
        ] {
            assert_eq!(read_utc(wrong), None, "{wrong}");
        }
        for wrong in [
            "2026-02-29",
            "2026-1-1",
            "1969-12-31",
            "2201-01-01",
            "20260101",
            "2026-01-01T",
            "é026-01-01",
            "2026-01-0é",
        ] {
            assert!(parse_day("day", wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_day("day", "2028-02-29").unwrap(), "2028-02-29");
    }

    #[test]
    fn mornings_are_those_of_the_place() {
        // A Tuesday, late: in Berlin it is Wednesday already. The clocks go back on Sunday the 25th.
        let late = at("2026-10-20T23:30:00Z");
        assert_eq!(late.morning_after(1, "Europe/Berlin"), at("2026-10-22T06:00:00Z"));
        assert_eq!(late.morning_after(1, "UTC"), at("2026-10-21T08:00:00Z"));
        assert_eq!(late.next_monday("Europe/Berlin"), at("2026-10-26T07:00:00Z"));
        assert_eq!(at("2026-10-26T06:00:00Z").next_monday("UTC"), at("2026-11-02T08:00:00Z"));
        assert_eq!(late.day("Europe/Berlin"), "2026-10-21");
    }

    #[test]
    fn a_forms_time_is_read_where_the_person_is() {
        let read = |text| Timestamp::from_local("at", text, "Europe/Berlin");
        assert_eq!(read("2026-11-24T09:00"), Ok(at("2026-11-24T08:00:00Z")));
        assert_eq!(read("2026-03-29T02:30"), Ok(at("2026-03-29T01:30:00Z")), "the clock has no such time");
        for wrong in ["", "tomorrow", "2026-13-01T09:00"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(parse_day("day", "2026-02-30").is_err());
        assert_eq!(parse_day("day", " 2026-02-28 ").unwrap(), "2026-02-28");
    }
}
