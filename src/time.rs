//! Instants. Always UTC inside; a person's time zone is applied where they look at it.

use serde::{Deserialize, Serialize};
use std::fmt;

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

    /// Date and time `utc_offset_seconds` east of UTC, as `2026-11-22 09:04`.
    pub fn local(self, utc_offset_seconds: i32) -> String {
        let offset = jiff::tz::Offset::from_seconds(utc_offset_seconds).unwrap_or(jiff::tz::Offset::UTC);
        offset.to_datetime(self.0).strftime("%Y-%m-%d %H:%M").to_string()
    }
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
