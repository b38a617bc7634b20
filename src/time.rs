//! Instants. Always UTC inside; a person's time zone is applied where they look at it.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An instant, to the microsecond, as PostgreSQL's `timestamptz` keeps it. Serialised as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub jiff::Timestamp);

impl Timestamp {
    #[cfg(feature = "ssr")]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now())
    }

    pub fn as_microsecond(self) -> i64 {
        self.0.as_microsecond()
    }

    pub fn from_microsecond(microseconds: i64) -> Option<Self> {
        jiff::Timestamp::from_microsecond(microseconds).ok().map(Self)
    }

    /// Whole seconds from `self` to `later`; negative when `later` is earlier.
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

    /// Date and time `utc_offset_seconds` east of UTC, as `2026-11-22 09:04`.
    pub fn local(self, utc_offset_seconds: i32) -> String {
        let offset = jiff::tz::Offset::from_seconds(utc_offset_seconds).unwrap_or(jiff::tz::Offset::UTC);
        offset.to_datetime(self.0).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// RFC 3339, as in `2026-11-24T09:00:00Z`.
    fn from_str(text: &str) -> Result<Self> {
        let instant =
            text.trim().parse().map_err(|_| Error::invalid("", "A point in time looks like 2026-11-24T09:00:00Z."))?;
        Ok(Self(instant))
    }
}

/// A day as in `2026-11-24`, checked.
pub fn parse_day(field: &str, text: &str) -> Result<String> {
    let wrong = || Error::invalid(field, "A day looks like 2026-11-24.");
    let day: jiff::civil::Date = text.trim().parse().map_err(|_| wrong())?;
    if (1970..=2200).contains(&day.year()) { Ok(day.to_string()) } else { Err(wrong()) }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
