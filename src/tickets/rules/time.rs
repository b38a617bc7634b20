//! Spans of time as people write them.

use crate::{Error, Result};

/// Reads `45`, `45m`, `2h`, `1h 30m`, `1.5h` or `1:30` as minutes: at least one, at most a day.
pub fn parse_minutes(text: &str) -> Result<i32> {
    let wrong = || Error::invalid("time", "Say how long, as in 45m, 1h 30m or 1:30.");
    let text = text.trim().to_lowercase().replace(',', ".");
    let minutes = if let Some((hours, minutes)) = text.split_once(':') {
        whole(hours).zip(whole(minutes).filter(|minutes| *minutes < 60)).map(|(h, m)| h * 60 + m)
    } else if let Some((hours, rest)) = text.split_once('h') {
        let hours = hours.trim().parse::<f64>().ok().filter(|hours| (0.0..=24.0).contains(hours));
        let rest = rest.trim().trim_end_matches("min").trim_end_matches('m').trim();
        let minutes = if rest.is_empty() { Some(0) } else { whole(rest) };
        hours.zip(minutes).map(|(h, m)| (h * 60.0).round() as i32 + m)
    } else {
        whole(text.trim_end_matches("min").trim_end_matches('m').trim())
    };
    match minutes.ok_or_else(wrong)? {
        minutes @ 1..=1440 => Ok(minutes),
        0 => Err(wrong()),
        _ => Err(Error::invalid("time", "At most a day in one entry, please.")),
    }
}

/// Minutes as people read them: `1 h 30 min`.
pub fn show_minutes(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn whole(text: &str) -> Option<i32> {
    text.trim().parse().ok().filter(|number| (0..=100_000).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_read_as_people_write_it() {
        for (text, minutes) in [
            ("45", 45),
            ("45m", 45),
            (" 45 min ", 45),
            ("2h", 120),
            ("1h 30m", 90),
            ("1h30", 90),
            ("1.5h", 90),
            ("0,5 h", 30),
            ("1:30", 90),
            ("24h", 1440),
        ] {
            assert_eq!(parse_minutes(text), Ok(minutes), "{text}");
        }
        for wrong in
            ["", "0", "soon", "-5", "1:75", "25h", "1441", "h", "1e3h", "NaNh", "999999999999999999999", "1h 2h"]
        {
            assert!(parse_minutes(wrong).is_err(), "{wrong}");
        }
        assert_eq!(show_minutes(0), "0 min");
        assert_eq!(show_minutes(90), "1 h 30 min");
        assert_eq!(show_minutes(120), "2 h");
    }
}
