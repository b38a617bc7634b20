//! Why a ticket is due when it is: each promise as a bar of what the clock did, and in words.

use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::sla::{Deadline, Deadlines, Segment, SegmentKind};

/// More segments than this are told as their sums alone.
const LINES_MAX: usize = 12;

#[component]
pub fn WhyThen(deadlines: Deadlines, utc_offset_seconds: i32) -> impl IntoView {
    let Deadlines { policy, calendar, paused, deadlines, .. } = deadlines;
    let over = calendar.map_or_else(|| "around the clock".to_owned(), |calendar| format!("over {calendar}"));
    let rows =
        deadlines.into_iter().map(|deadline| view! { <Promise deadline paused utc_offset_seconds/> }).collect_view();
    view! {
        <section class="why" aria-label="Deadlines">
            <h2>"Deadlines"</h2>
            {rows}
            <p class="muted why__policy">{policy}", "{over}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Promise(deadline: Deadline, paused: bool, utc_offset_seconds: i32) -> impl IntoView {
    let Deadline { promise, goal, minutes, segments } = deadline;
    let at = |time: Timestamp| time.local(utc_offset_seconds);
    let (state, class) = match (goal.actual, goal.breached) {
        (Some(actual), false) => (format!("kept {}", at(actual)), "why__state why__state--kept"),
        (Some(actual), true) => (format!("late: {}", at(actual)), "why__state why__state--late"),
        (None, true) => ("overdue".to_owned(), "why__state why__state--late"),
        (None, false) if paused => ("stands still".to_owned(), "why__state"),
        (None, false) => ("runs".to_owned(), "why__state"),
    };
    let due = goal.target.map(|target| {
        if paused && goal.actual.is_none() { format!("{} if it went on now", at(target)) } else { at(target) }
    });
    let words = in_words(&segments, minutes, utc_offset_seconds);
    view! {
        <details class="why__promise">
            <summary><b>{promise.label()}</b><span class=class>{state}</span><span class="why__due num">{due}</span><Bar segments/></summary>
            <ul class="why__words">{words.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// The way to the target, each part as long as it took. A picture of the words.
#[component]
fn Bar(segments: Vec<Segment>) -> impl IntoView {
    let total: i64 = segments.iter().map(length).sum::<i64>().max(1);
    let mut from = 0.0;
    let parts = segments
        .iter()
        .map(|segment| {
            let width = length(segment) as f64 * 100.0 / total as f64;
            let part = view! { <rect x=format!("{from:.2}") y="0" width=format!("{width:.2}") height="6" class=format!("why__part why__part--{}", segment.kind)/> };
            from += width;
            part
        })
        .collect_view();
    view! { <svg class="why__bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{parts}</svg> }
        .into_any()
}

fn length(segment: &Segment) -> i64 {
    segment.from.seconds_until(segment.to)
}

fn in_words(segments: &[Segment], minutes: i32, utc_offset_seconds: i32) -> Vec<String> {
    let mut lines = vec![format!("{} of work were promised.", duration(i64::from(minutes) * 60))];
    if segments.len() > LINES_MAX {
        for kind in SegmentKind::ALL {
            let seconds: i64 = segments.iter().filter(|segment| segment.kind == *kind).map(length).sum();
            if seconds > 0 {
                lines.push(format!("{}: {}", label(*kind), duration(seconds)));
            }
        }
        return lines;
    }
    lines.extend(segments.iter().map(|segment| {
        let (from, to) = (segment.from.local(utc_offset_seconds), segment.to.local(utc_offset_seconds));
        format!("{}: {} – {}, {}", label(segment.kind), from, to, duration(length(segment)))
    }));
    lines
}

fn label(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Work => "Work",
        SegmentKind::Pause => "The clock stood still",
        SegmentKind::Closed => "Closed",
        SegmentKind::Holiday => "Holiday",
    }
}

/// `5400` as `1 h 30 min`.
fn duration(seconds: i64) -> String {
    match (seconds / 86_400, seconds % 86_400 / 3600, seconds % 3600 / 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
