//! The figures that one looks at first, each beside what it was before.

use leptos::prelude::*;
use oxdesk::reports::{DayFigures, Figures, Percentiles};
use oxdesk::tickets::rules::show_minutes;

#[component]
pub fn Tiles<'a>(figures: Figures, earlier: Figures, daily: &'a [DayFigures]) -> impl IntoView + use<> {
    let tiles = [
        tile("Created", figures.created.to_string(), change(figures.created, earlier.created)),
        tile("Solved", figures.solved.to_string(), change(figures.solved, earlier.solved)),
        open(daily),
        taken("First answer, half within", figures.response, earlier.response),
        taken("Solved, half within", figures.resolution, earlier.resolution),
        share("Answered in time", figures.response_attainment(), earlier.response_attainment()),
        share("Solved in time", figures.resolution_attainment(), earlier.resolution_attainment()),
        share("Came back", figures.reopen_rate(), earlier.reopen_rate()),
    ];
    view! { <dl class="tiles">{tiles.into_iter().collect_view()}</dl> }.into_any()
}

/// Minutes in words; a dash where nothing took any.
pub fn minutes(minutes: Option<i64>) -> String {
    match minutes {
        None => "–".to_owned(),
        Some(0) => "under 1 min".to_owned(),
        // Nobody counts the minutes of half a day.
        Some(minutes) if minutes > 600 => show_minutes((minutes + 30) / 60 * 60),
        Some(minutes) => show_minutes(minutes),
    }
}

pub fn percent(share: Option<i64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{share} %"))
}

fn tile(name: &'static str, value: String, beside: String) -> AnyView {
    view! { <div class="tile"><dt>{name}</dt><dd><b>{value}</b><small>{beside}</small></dd></div> }.into_any()
}

fn open(daily: &[DayFigures]) -> AnyView {
    let (Some(first), Some(last)) = (daily.first(), daily.last()) else { return ().into_any() };
    let before = first.open - first.created + first.solved;
    let beside = match last.open - before {
        0 => "as many as before".to_owned(),
        more if more > 0 => format!("{more} more than before"),
        fewer => format!("{} fewer than before", -fewer),
    };
    tile("Open at the end", last.open.to_string(), beside)
}

fn taken(name: &'static str, now: Percentiles, earlier: Percentiles) -> AnyView {
    let most = now.p90.map(|most| format!("9 of 10 within {}", minutes(Some(most))));
    let before = earlier.p50.map(|before| format!("before: {}", minutes(Some(before))));
    tile(name, minutes(now.p50), [most, before].into_iter().flatten().collect::<Vec<_>>().join("; "))
}

fn share(name: &'static str, now: Option<i64>, earlier: Option<i64>) -> AnyView {
    let before = earlier.map(|before| format!("before: {before} %")).unwrap_or_default();
    tile(name, percent(now), before)
}

/// How much more or less than before, in percent of that.
fn change(now: i64, before: i64) -> String {
    match (now - before, before) {
        (0, 0) => String::new(),
        (0, _) => "as many as before".to_owned(),
        (_, 0) => "before: none".to_owned(),
        (more, before) if more > 0 => format!("{} % more than before", (more * 100 + before / 2) / before),
        (fewer, before) => format!("{} % fewer than before", (-fewer * 100 + before / 2) / before),
    }
}
