//! Holidays from an iCalendar file (RFC 5545), as governments and calendar programs give them out.

use super::Holiday;
use crate::{Error, Result};
use jiff::civil::Date;

/// One event lasts so many days at most: what is longer is no holiday.
const DAYS_MAX: i32 = 366;

/// Whether a text is such a file.
pub(super) fn is_calendar(text: &str) -> bool {
    text.trim_start().get(..15).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
}

/// The days of its events: whole days, parts of one where an event has times, every year where it repeats so. Invalid, with
/// the event's name, where it repeats in another way or its times are those of another zone.
pub(super) fn parse_calendar(field: &str, text: &str) -> Result<Vec<Holiday>> {
    let mut holidays = Vec::new();
    let mut event: Option<Event> = None;
    for line in unfold(text).lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        // Parameters tell the zone, which is the calendar's own, and that a day is a day.
        let name = name.split(';').next().unwrap_or(name);
        match (name.to_ascii_uppercase().as_str(), &mut event) {
            ("BEGIN", _) if value.eq_ignore_ascii_case("VEVENT") => event = Some(Event::default()),
            ("END", Some(_)) if value.eq_ignore_ascii_case("VEVENT") => {
                if let Some(event) = event.take() {
                    holidays.extend(event.holidays().map_err(|why| {
                        let name = event.name.as_deref().unwrap_or("An event without a name");
                        Error::invalid(field, format!("“{name}”: {why}"))
                    })?);
                }
            }
            ("SUMMARY", Some(event)) => event.name = Some(unescape(value)).filter(|name| !name.is_empty()),
            ("DTSTART", Some(event)) => event.start = Some(value.trim().to_owned()),
            ("DTEND", Some(event)) => event.end = Some(value.trim().to_owned()),
            ("RRULE", Some(event)) => event.repeats = Some(value.trim().to_ascii_uppercase()),
            ("STATUS", Some(event)) => event.is_cancelled = value.trim().eq_ignore_ascii_case("CANCELLED"),
            _ => {}
        }
    }
    if holidays.is_empty() {
        return Err(Error::invalid(field, "There is no day in this calendar file."));
    }
    Ok(holidays)
}

#[derive(Default)]
struct Event {
    name: Option<String>,
    start: Option<String>,
    end: Option<String>,
    repeats: Option<String>,
    is_cancelled: bool,
}

impl Event {
    fn holidays(&self) -> Result<Vec<Holiday>, String> {
        if self.is_cancelled {
            return Ok(Vec::new());
        }
        let start = self.start.as_deref().ok_or("it begins at no time")?;
        let yearly = self.is_yearly()?;
        let (first, begins) = instant(start)?;
        let (last, ends) = match self.end.as_deref() {
            Some(end) => instant(end)?,
            None => (first.tomorrow().map_err(|_| "its day is none")?, None),
        };
        let name = self.name.as_ref().map(|name| name.chars().take(100).collect());
        let holiday = |day: Date, closed| {
            let date = if yearly { format!("{:02}-{:02}", day.month(), day.day()) } else { day.to_string() };
            Holiday { date, name: name.clone(), closed }
        };
        if let (Some(begins), Some(ends)) = (begins, ends) {
            // Midnight of the next day is the end of this one.
            let ends =
                if last == first.tomorrow().unwrap_or(last) && ends == "00:00" { "24:00".to_owned() } else { ends };
            let is_one_day = last == first || ends == "24:00";
            return match is_one_day && begins < ends {
                true => Ok(vec![holiday(first, Some([begins, ends]))]),
                false => Err("its times are not those of one day".to_owned()),
            };
        }
        let days = first.until(last).map_err(|_| "it ends at no time")?.get_days();
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(format!("it lasts {days} days"));
        }
        Ok(first
            .series(jiff::Span::new().days(1))
            .take_while(|day| *day < last)
            .map(|day| holiday(day, None))
            .collect())
    }

    /// Every year on the same date, and in no other way.
    fn is_yearly(&self) -> Result<bool, String> {
        let Some(rule) = &self.repeats else { return Ok(false) };
        let mut yearly = false;
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("FREQ", "YEARLY")) => yearly = true,
                Some(("INTERVAL", "1") | ("BYMONTH" | "BYMONTHDAY" | "WKST", _)) => {}
                _ => return Err(format!("it repeats as {rule}, and not on a date of every year")),
            }
        }
        if yearly { Ok(true) } else { Err(format!("it repeats as {rule}")) }
    }
}

/// `20261225`, or `20261224T120000` in the calendar's own zone: a day, and a time of it.
fn instant(text: &str) -> Result<(Date, Option<String>), String> {
    let wrong = || format!("“{text}” is no time");
    if text.ends_with(['Z', 'z']) {
        return Err("its times are in UTC: here they would be others".to_owned());
    }
    let (day, time) = text.split_once(['T', 't']).map_or((text, None), |(day, time)| (day, Some(time)));
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i16>().ok()).ok_or_else(wrong);
    let part = |number: i16| i8::try_from(number).map_err(|_| wrong());
    let (year, month) = (number(day.get(..4))?, part(number(day.get(4..6))?)?);
    let date = Date::new(year, month, part(number(day.get(6..))?)?).map_err(|_| wrong())?;
    let time = match time {
        Some(time) => {
            let (hour, minute) = (number(time.get(..2))?, number(time.get(2..4))?);
            Some(format!("{hour:02}:{minute:02}"))
        }
        None => None,
    };
    Ok((date, time))
}

/// A line that begins with a space goes on with the one before it.
fn unfold(text: &str) -> String {
    text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
}

fn unescape(text: &str) -> String {
    let line =
        text.replace("\\n", " ").replace("\\N", " ").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Day = (String, Option<String>, Option<[String; 2]>);

    fn event(lines: &str) -> Result<Vec<Day>> {
        let text =
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        assert!(is_calendar(&text));
        let holidays = parse_calendar("holidays", &text)?;
        Ok(holidays.into_iter().map(|holiday| (holiday.date, holiday.name, holiday.closed)).collect())
    }

    #[test]
    fn days_and_parts_of_days_are_read_from_a_calendar_file() {
        let name = |text: &str| Some(text.to_owned());
        assert_eq!(
            event("SUMMARY:Whit\r\n  Monday\\, at last\r\nDTSTART;VALUE=DATE:20260525\r\nDTEND;VALUE=DATE:20260526")
                .unwrap(),
            [("2026-05-25".into(), name("Whit Monday, at last"), None)]
        );
        assert_eq!(
            event("SUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20251225\r\nDTEND;VALUE=DATE:20251227\r\nRRULE:FREQ=YEARLY")
                .unwrap(),
            [("12-25".into(), name("Christmas"), None), ("12-26".into(), name("Christmas"), None)]
        );
        assert_eq!(event("DTSTART:20260501").unwrap(), [("2026-05-01".into(), None, None)]);
        assert_eq!(
            event("DTSTART;TZID=Europe/Berlin:20261224T120000\r\nDTEND;TZID=Europe/Berlin:20261225T000000").unwrap(),
            [("2026-12-24".into(), None, Some(["12:00".into(), "24:00".into()]))]
        );
    }

    #[test]
    fn what_cannot_be_kept_as_it_is_meant_is_said_by_name() {
        for wrong in [
            "SUMMARY:Odd\r\nDTSTART:20260501\r\nRRULE:FREQ=WEEKLY",
            "SUMMARY:Odd\r\nDTSTART:20260501\r\nRRULE:FREQ=YEARLY;BYDAY=3MO",
            "SUMMARY:Odd\r\nDTSTART:20260501T080000Z\r\nDTEND:20260501T100000Z",
            "SUMMARY:Odd\r\nDTSTART:20260501T080000\r\nDTEND:20260503T100000",
            "SUMMARY:Odd\r\nDTSTART:20261301",
            "SUMMARY:Odd\r\nDTSTART:20260501\r\nDTEND:20360501",
            "SUMMARY:Odd",
        ] {
            let said = event(wrong).unwrap_err().to_string();
            assert!(said.contains("“Odd”"), "{said}");
        }
        assert!(event("SUMMARY:Off\r\nDTSTART:20260501\r\nSTATUS:CANCELLED").is_err(), "no day is left");
        for text in ["BEGIN:VCALENDAR", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:é", "BEGIN:VCALENDAR\nEND:VEVENT"] {
            assert!(parse_calendar("holidays", text).is_err());
        }
    }
}
