//! Days, classes of time, and a report as a table.

use super::{DayFigures, Days, Figures, ReportDimension, TicketReport};
use crate::text::guard_cell;
use crate::{Error, Result, Timestamp, parse_day};
use jiff::Span;
use jiff::civil::Date;

/// The longest time that a report looks at, in days: ten years.
pub const DAYS_MAX: i64 = 3653;

/// What a report is broken down by; by queue where nothing is said. Errors: what is none of them.
pub fn dimension(text: Option<&str>) -> Result<ReportDimension> {
    let wrong = |_| Error::invalid("by", "One of QUEUE, ASSIGNEE, CATEGORY, PRIORITY, SOURCE, ORGANISATION, POLICY.");
    text.filter(|text| !text.is_empty()).map_or(Ok(ReportDimension::Queue), |text| text.parse().map_err(wrong))
}

/// The last so many days, today included.
pub fn last_days(count: i64, zone: &str) -> Days {
    let to = Timestamp::now().day(zone);
    let from = moved(&to, 1 - count).unwrap_or_else(|| to.clone());
    Days { from, to }
}

impl Days {
    /// Errors: what is no day, an end before its beginning, more than [`DAYS_MAX`].
    pub fn parse(from: &str, to: &str) -> Result<Self> {
        let days = Self { from: parse_day("from", from)?, to: parse_day("to", to)? };
        match days.count() {
            1..=DAYS_MAX => Ok(days),
            count if count < 1 => Err(Error::invalid("to", "The last day comes before the first.")),
            _ => Err(Error::invalid("from", format!("At most {DAYS_MAX} days, please."))),
        }
    }

    pub fn count(&self) -> i64 {
        match (date(&self.from), date(&self.to)) {
            (Some(from), Some(to)) => i64::from((to - from).get_days()) + 1,
            _ => 0,
        }
    }

    /// As many days, just before.
    pub fn before(&self) -> Self {
        let count = self.count();
        let earlier = |day: &str| moved(day, -count).unwrap_or_else(|| day.to_owned());
        Self { from: earlier(&self.from), to: earlier(&self.to) }
    }

    /// The whole months among them: the first day of the first, and the day after the last. The same day twice where there is none.
    pub(super) fn whole_months(&self) -> Self {
        let nothing = || Self { from: self.from.clone(), to: self.from.clone() };
        let (Some(from), Some(to)) = (date(&self.from), date(&self.to)) else { return nothing() };
        let begins = |day: Date| day.first_of_month();
        let first =
            if from == begins(from) { Some(from) } else { begins(from).checked_add(Span::new().months(1)).ok() };
        let after = to.tomorrow().map(begins).ok();
        match first.zip(after) {
            Some((first, after)) if first < after => Self { from: first.to_string(), to: after.to_string() },
            _ => nothing(),
        }
    }

    pub fn each(&self) -> impl Iterator<Item = String> + use<> {
        let from = self.from.clone();
        (0..self.count()).filter_map(move |count| moved(&from, count))
    }
}

fn date(day: &str) -> Option<Date> {
    day.parse().ok()
}

fn moved(day: &str, days: i64) -> Option<String> {
    Some(date(day)?.checked_add(Span::new().days(days)).ok()?.to_string())
}

/// The middle of a class of times, in minutes; see the table `report_times`.
pub fn minutes_of_class(class: i16) -> i64 {
    // Whole minutes: a class's are few, or many.
    #[allow(clippy::cast_possible_truncation)]
    let minutes = (1.05_f64.powf(f64::from(class) - 0.5) - 1.0).round() as i64;
    if class == 0 { 0 } else { minutes }
}

/// A report's lines as CSV (RFC 4180), under their heading.
pub fn lines_csv(report: &TicketReport) -> Vec<u8> {
    let heading = [report.by.label()].into_iter().chain(COLUMNS).map(str::to_owned).collect();
    let line = |name: &str, figures: &Figures| [name.to_owned()].into_iter().chain(cells(figures)).collect();
    let lines = report.lines.iter().map(|each| line(&each.name, &each.figures));
    table([heading].into_iter().chain(lines).chain([line("Together", &report.figures)]))
}

/// A report's days as CSV.
pub fn days_csv(report: &TicketReport) -> Vec<u8> {
    let heading = ["Day", "Created", "Solved", "Open"].map(str::to_owned).to_vec();
    let line =
        |day: &DayFigures| vec![day.day.clone(), day.created.to_string(), day.solved.to_string(), day.open.to_string()];
    table([heading].into_iter().chain(report.daily.iter().map(line)))
}

const COLUMNS: [&str; 11] = [
    "Created",
    "Solved",
    "Reopened",
    "First response p50 (minutes)",
    "First response p90 (minutes)",
    "First responses in time",
    "First responses late",
    "Resolution p50 (minutes)",
    "Resolution p90 (minutes)",
    "Resolutions in time",
    "Resolutions late",
];

fn cells(figures: &Figures) -> [String; 11] {
    let maybe = |minutes: Option<i64>| minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
    [
        figures.created.to_string(),
        figures.solved.to_string(),
        figures.reopened.to_string(),
        maybe(figures.response.p50),
        maybe(figures.response.p90),
        figures.responses_in_time.to_string(),
        figures.responses_late.to_string(),
        maybe(figures.resolution.p50),
        maybe(figures.resolution.p90),
        figures.resolutions_in_time.to_string(),
        figures.resolutions_late.to_string(),
    ]
}

fn table(lines: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for line in lines {
        // Into memory: nothing that could fail.
        let _ = writer.write_record(line.iter().map(|cell| guard_cell(cell)));
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_with_both_ends_and_compared_with_as_many_before() {
        let days = Days::parse("2026-03-01", "2026-03-31").unwrap();
        assert_eq!(days.count(), 31);
        assert_eq!(days.before(), Days { from: "2026-01-29".into(), to: "2026-02-28".into() });
        assert_eq!(days.each().last().unwrap(), "2026-03-31");
        assert_eq!(days.each().count(), 31);
        assert!(Days::parse("2026-03-02", "2026-03-01").is_err());
        assert!(Days::parse("2026-02-30", "2026-03-01").is_err());
        assert!(Days::parse("1990-01-01", "2026-03-01").is_err());
    }

    #[test]
    fn whole_months_are_those_that_begin_and_end_among_the_days() {
        for (from, to, first, after) in [
            ("2026-01-01", "2026-12-31", "2026-01-01", "2027-01-01"),
            ("2025-11-29", "2026-11-28", "2025-12-01", "2026-11-01"),
            ("2026-02-01", "2026-02-28", "2026-02-01", "2026-03-01"),
            ("2026-02-02", "2026-03-30", "2026-02-02", "2026-02-02"),
            ("2026-02-02", "2026-02-02", "2026-02-02", "2026-02-02"),
            ("2026-01-31", "2026-03-01", "2026-02-01", "2026-03-01"),
        ] {
            let whole = Days::parse(from, to).unwrap().whole_months();
            assert_eq!((whole.from.as_str(), whole.to.as_str()), (first, after), "{from} to {to}");
        }
    }

    #[test]
    fn what_a_class_stands_for_is_within_a_fortieth_of_all_that_is_in_it() {
        for minutes in (0..3000).chain((1..=50).map(|step| step * 11_111)) {
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
            let class = ((minutes + 1) as f64).log(1.05).ceil() as i16;
            let off = (minutes_of_class(class) - minutes).abs();
            assert!(off <= 1 + minutes / 40, "{minutes} minutes are told as {}", minutes_of_class(class));
        }
    }
}
