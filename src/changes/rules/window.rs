//! When a change is done, and what else is done then.

use crate::{Error, Result, Timestamp};

/// A change takes so long at most, in seconds.
pub const WINDOW_MAX: i64 = 31 * 86_400;

/// A window has both ends or none, ends after it begins, and does not begin in the past.
///
/// # Errors
/// [`Error::Invalid`] naming `planned_start_date` or `planned_end_date`.
pub fn check_window(
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    now: Timestamp,
    before: Option<Timestamp>,
) -> Result<()> {
    let wrong = |field: &str, said: &str| Err(Error::invalid(field, said));
    let (start, end) = match (start, end) {
        (None, None) => return Ok(()),
        (Some(start), Some(end)) => (start, end),
        (Some(_), None) => return wrong("planned_end_date", "Say until when, too."),
        (None, Some(_)) => return wrong("planned_start_date", "Say from when, too."),
    };
    if end <= start {
        return wrong("planned_end_date", "It ends after it begins, please.");
    }
    if start.seconds_until(end) > WINDOW_MAX {
        return wrong("planned_end_date", "At most 31 days, please: make several changes of it.");
    }
    // What was planned before may have begun by now.
    if start < now && before != Some(start) {
        return wrong("planned_start_date", "This time is over.");
    }
    Ok(())
}

/// `[start, end)`: two that touch do not overlap.
pub fn overlap(one: (Timestamp, Timestamp), two: (Timestamp, Timestamp)) -> bool {
    one.0 < two.1 && two.0 < one.1
}
