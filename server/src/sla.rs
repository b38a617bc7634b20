//! Deadlines at the command line: pure arithmetic over a calendar in a file, without a database.

use anyhow::{Context, Result, bail};
use clap::Args;
use oxdesk::sla::rules::OpenHours;
use oxdesk::sla::{Calendar, Segment, Span};
use oxdesk::{Error, Timestamp};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The longest calendar that is read.
const CALENDAR_MAX: u64 = 4 * 1024 * 1024;

#[derive(Args)]
pub struct Due {
    /// A calendar: {"time_zone": "Europe/Berlin", "hours": {"mon": [["09:00","17:00"]]}, "holidays": ["2026-12-25"]}
    #[arg(long)]
    calendar: PathBuf,
    /// When the clock begins, RFC 3339
    #[arg(long)]
    start: Timestamp,
    /// Working minutes until it is due
    #[arg(long)]
    minutes: u32,
    /// A stretch in which the clock stands still: START/END, RFC 3339; as often as it did
    #[arg(long = "pause", value_parser = read_pause)]
    pauses: Vec<Span>,
}

#[derive(Args)]
pub struct Elapsed {
    /// A calendar, as for `sla due`
    #[arg(long)]
    calendar: PathBuf,
    /// RFC 3339
    #[arg(long)]
    from: Timestamp,
    /// RFC 3339
    #[arg(long)]
    to: Timestamp,
    /// A stretch in which the clock stands still: START/END, RFC 3339; as often as it did
    #[arg(long = "pause", value_parser = read_pause)]
    pauses: Vec<Span>,
}

#[derive(Serialize)]
struct Deadline {
    due: Timestamp,
    segments: Vec<Segment>,
}

/// Prints when so much work is done, and why then.
pub fn due(asked: &Due) -> Result<()> {
    let hours = read_calendar(&asked.calendar)?;
    let due = hours.add(asked.start, i64::from(asked.minutes) * 60, &asked.pauses);
    let due = due.context("--minutes: it is not due within 120 years")?;
    let segments = hours.explain(asked.start, due, &asked.pauses);
    println!("{}", serde_json::to_string(&Deadline { due, segments })?);
    Ok(())
}

/// Prints how much was worked: whole minutes as whole numbers.
pub fn elapsed(asked: &Elapsed) -> Result<()> {
    let hours = read_calendar(&asked.calendar)?;
    let micros = hours.between(asked.from, asked.to, &asked.pauses);
    let minutes = match micros % 60_000_000 {
        0 => serde_json::json!(micros / 60_000_000),
        _ => serde_json::json!(micros as f64 / 60_000_000.0),
    };
    println!("{}", serde_json::json!({ "working_minutes": minutes }));
    Ok(())
}

fn read_calendar(path: &Path) -> Result<OpenHours> {
    let size = std::fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?.len();
    if size > CALENDAR_MAX {
        bail!("{} is too long for a calendar", path.display());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let calendar: Calendar =
        serde_json::from_str(&text).with_context(|| format!("{} is no calendar", path.display()))?;
    let hours = OpenHours::of(&calendar).map_err(|error| match error {
        Error::Invalid(fields) => {
            let lines: Vec<_> = fields.iter().map(|(field, message)| format!("{field}: {message}")).collect();
            anyhow::anyhow!(lines.join("\n"))
        }
        other => anyhow::anyhow!(other),
    })?;
    hours.notes().iter().for_each(|note| eprintln!("{note}"));
    Ok(hours)
}

/// `2026-11-26T09:00:00Z/2026-11-26T10:00:00Z`; an end without a beginning before it is refused.
fn read_pause(text: &str) -> Result<Span, String> {
    let (from, to) = text.split_once('/').ok_or("a pause looks like START/END")?;
    let read = |text: &str| text.parse::<Timestamp>().map_err(|error| error.to_string());
    let pause = Span { from: read(from)?, to: read(to)? };
    if pause.from > pause.to { Err("a pause ends after it begins".to_owned()) } else { Ok(pause) }
}
