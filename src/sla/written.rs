//! Shifts and holidays as people write them into a form, and back.

use super::{Holiday, Shifts, ical};
use crate::{Error, Result};

/// `09:00-12:00, 13:00-17:00`; nothing is a closed day.
pub fn parse_shifts(field: &str, text: &str) -> Result<Shifts> {
    let shifts = text.split([',', ';']).map(str::trim).filter(|shift| !shift.is_empty());
    shifts.map(|shift| parse_part(field, shift)).collect()
}

pub fn write_shifts(shifts: &Shifts) -> String {
    shifts.iter().map(|[from, to]| format!("{from}-{to}")).collect::<Vec<_>>().join(", ")
}

/// An iCalendar file (RFC 5545), or one a line: `2026-12-25 Christmas`, `12-25` for every year, `2026-12-24 12:00-24:00 Half a day`.
pub fn parse_holidays(field: &str, text: &str) -> Result<Vec<Holiday>> {
    if ical::is_calendar(text) {
        return ical::parse_calendar(field, text);
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| parse_holiday(field, line)).collect()
}

fn parse_holiday(field: &str, line: &str) -> Result<Holiday> {
    let (date, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let (first, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let is_part = first.contains(':') && first.contains(['-', '–']);
    let closed = if is_part { Some(parse_part(field, first)?) } else { None };
    let name = if is_part { name.trim() } else { rest };
    Ok(Holiday { date: date.to_owned(), name: Some(name.to_owned()).filter(|name| !name.is_empty()), closed })
}

pub fn write_holidays(holidays: &[Holiday]) -> String {
    let line = |holiday: &Holiday| {
        let closed = holiday.closed.as_ref().map(|[from, to]| format!(" {from}-{to}")).unwrap_or_default();
        let name = holiday.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{}{closed}{name}", holiday.date)
    };
    holidays.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn parse_part(field: &str, text: &str) -> Result<[String; 2]> {
    let (from, to) = text
        .split_once(['-', '–'])
        .ok_or_else(|| Error::invalid(field, format!("“{text}” is no shift: one looks like 09:00-17:00.")))?;
    Ok([from.trim().to_owned(), to.trim().to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let shifts = parse_shifts("hours.mon", " 09:00-12:00, 13:00 – 17:00 ").unwrap();
        assert_eq!(write_shifts(&shifts), "09:00-12:00, 13:00-17:00");
        assert_eq!(parse_shifts("hours.mon", " ").unwrap(), Shifts::new());
        assert!(parse_shifts("hours.mon", "nine to five").is_err());
        let text = "12-25 Christmas\n2026-12-24 12:00-24:00 Half a day\n2026-05-01";
        let holidays = parse_holidays("holidays", text).unwrap();
        assert_eq!(write_holidays(&holidays), text);
        assert_eq!(holidays[1].closed, Some(["12:00".to_owned(), "24:00".to_owned()]));
        assert_eq!(holidays[0].name.as_deref(), Some("Christmas"));
    }
}
