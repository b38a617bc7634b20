//! Deadlines of others, counted by us. Skipped where the corpora are not there.

use crate::corpora::cases;
use oxdesk::Timestamp;
use oxdesk::sla::rules::OpenHours;
use oxdesk::sla::{Calendar, Holiday, SegmentKind, Shifts, Span};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case {
    id: String,
    tz: String,
    hours: BTreeMap<String, Shifts>,
    #[serde(default)]
    holidays: Vec<Holiday>,
    /// A day → parts of it that are closed.
    #[serde(default)]
    breaks: BTreeMap<String, Shifts>,
    #[serde(default)]
    pauses: Vec<(Timestamp, Timestamp)>,
    start: Timestamp,
    #[serde(flatten)]
    asked: Asked,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    Due { minutes: i64, due: Timestamp },
    Elapsed { end: Timestamp, working_minutes: i64 },
}

#[test]
fn every_deadline_of_the_corpora_is_right_and_explains_itself() {
    let mut counted = 0;
    for file in ["due", "elapsed", "generated"] {
        let Some((_, cases)) = cases::<Vec<Case>>(&format!("sla/{file}_cases.json")) else { return };
        for case in cases {
            counted += 1;
            judge(case);
        }
    }
    println!("sla: {counted} of {counted}");
    assert!(counted > 100);
}

fn judge(case: Case) {
    let mut holidays = case.holidays;
    for (date, closed) in case.breaks {
        holidays.extend(closed.into_iter().map(|part| Holiday { date: date.clone(), name: None, closed: Some(part) }));
    }
    let calendar = Calendar { time_zone: case.tz, hours: case.hours, holidays, changes: Vec::new() };
    let hours = OpenHours::of(&calendar).unwrap();
    let pauses: Vec<_> = case.pauses.into_iter().map(|(from, to)| Span { from, to }).collect();
    match case.asked {
        Asked::Due { minutes, due } => {
            assert_eq!(hours.add(case.start, minutes * 60, &pauses), Some(due), "{}", case.id);
            let worked: i64 = hours
                .explain(case.start, due, &pauses)
                .into_iter()
                .filter(|segment| segment.kind == SegmentKind::Work)
                .map(|segment| segment.to.as_microsecond() - segment.from.as_microsecond())
                .sum();
            assert_eq!(worked, minutes * 60_000_000, "{}", case.id);
        }
        Asked::Elapsed { end, working_minutes } => {
            assert_eq!(hours.between(case.start, end, &pauses), working_minutes * 60_000_000, "{}", case.id);
        }
    }
}

/// A block of the manual, by its name.
fn block(name: &str) -> serde_json::Value {
    let manual = include_str!("../../docs/sla.md");
    let (_, rest) = manual.split_once(&format!("```json {name}\n")).unwrap();
    serde_json::from_str(rest.split_once("```").unwrap().0).unwrap()
}

#[test]
fn the_worked_example_of_the_manual_is_what_the_program_says() {
    let hours = OpenHours::of(&serde_json::from_value(block("calendar")).unwrap()).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (start, pause) =
        (at("2026-12-23T14:30:00Z"), Span { from: at("2026-12-23T15:00:00Z"), to: at("2026-12-23T15:30:00Z") });
    let due = hours.add(start, 480 * 60, &[pause]).unwrap();
    let answer = serde_json::json!({ "due": due, "segments": hours.explain(start, due, &[pause]) });
    assert_eq!(answer, block("answer"));
}
