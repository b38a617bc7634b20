//! What came and went, and what stayed, as pictures drawn by the server; the same as a table behind them.

use leptos::prelude::*;
use oxdesk::reports::DayFigures;

/// A picture shows at most so many times; days are put together until it does.
const TIMES_MAX: usize = 92;

/// Some days, put together.
struct Stretch {
    label: String,
    created: i64,
    solved: i64,
    open: i64,
}

#[component]
pub fn Charts(daily: Vec<DayFigures>) -> impl IntoView {
    let size = [1, 7, 30, 91].into_iter().find(|size| daily.len() <= size * TIMES_MAX).unwrap_or(365);
    let stretches: Vec<_> = daily.chunks(size).filter_map(stretch).collect();
    let each = if size == 1 { "each day".to_owned() } else { format!("every {size} days") };
    let moved = picture(&stretches, bars(&stretches), stretches.iter().map(|one| one.created.max(one.solved)).max());
    let stayed = picture(&stretches, line(&stretches), stretches.iter().map(|one| one.open).max());
    let rows = stretches
        .iter()
        .map(|one| view! {
            <tr><th scope="row">{one.label.clone()}</th><td class="num">{one.created}</td><td class="num">{one.solved}</td><td class="num">{one.open}</td></tr>
        })
        .collect_view();
    view! {
        <div class="charts">
            <figure class="chart"><figcaption>"Came and went, "{each}<span class="chart__key"><i class="chart__created"></i>"created"</span><span class="chart__key"><i class="chart__solved"></i>"solved"</span></figcaption>{moved}</figure>
            <figure class="chart"><figcaption>"Open"</figcaption>{stayed}</figure>
        </div>
        <details class="report__table">
            <summary>"As a table"</summary>
            <div class="table-frame" tabindex="0" role="region" aria-label="Came, went and open"><table class="table">
                <thead><tr><th scope="col">"From"</th><th scope="col" class="num">"Created"</th><th scope="col" class="num">"Solved"</th><th scope="col" class="num">"Open at the end"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </details>
    }
    .into_any()
}

fn stretch(days: &[DayFigures]) -> Option<Stretch> {
    let (first, last) = (days.first()?, days.last()?);
    Some(Stretch {
        label: first.day.clone(),
        created: days.iter().map(|day| day.created).sum(),
        solved: days.iter().map(|day| day.solved).sum(),
        open: last.open,
    })
}

/// The drawing is stretched to the width there is; words and numbers stand around it, at their own size.
const WIDTH: i64 = 1000;
const HEIGHT: i64 = 200;

fn picture(stretches: &[Stretch], drawing: AnyView, most: Option<i64>) -> impl IntoView + use<> {
    let label = |at: Option<&Stretch>| at.map(|one| one.label.clone()).unwrap_or_default();
    let (first, middle, last) =
        (label(stretches.first()), label(stretches.get(stretches.len() / 2)), label(stretches.last()));
    let middle = (stretches.len() > 6).then(|| view! { <span>{middle}</span> });
    view! {
        <div class="chart__field" aria-hidden="true">
            <span class="chart__most num">{top(most)}</span>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none">{drawing}</svg>
            <span class="chart__none num">"0"</span>
        </div>
        <div class="chart__days num" aria-hidden="true"><span>{first}</span>{middle}<span>{last}</span></div>
    }
}

/// The upper edge: a little more than the most there is, and a number that one would say.
fn top(most: Option<i64>) -> i64 {
    let most = most.unwrap_or(0).max(4);
    let mut step = 1;
    loop {
        if let Some(round) = [1, 2, 4, 5].map(|count| count * step).into_iter().find(|round| *round >= most) {
            return round;
        }
        step *= 10;
    }
}

fn bars(stretches: &[Stretch]) -> AnyView {
    let top = top(stretches.iter().map(|one| one.created.max(one.solved)).max());
    let count = i64::try_from(stretches.len()).unwrap_or(1).max(1);
    let bar = |place: i64, class: &'static str, value: i64, from: i64, to: i64| {
        let (left, right) = ((place * 8 + from) * WIDTH / (count * 8), (place * 8 + to) * WIDTH / (count * 8));
        let height = value * HEIGHT / top;
        view! { <rect class=class x=left y=HEIGHT - height width=(right - left).max(1) height=height></rect> }
    };
    let pairs = stretches.iter().zip(0..).map(|(one, place)| {
        let says = format!("{}: {} created, {} solved", one.label, one.created, one.solved);
        let (left, width) = (place * WIDTH / count, WIDTH / count);
        view! {
            <g>
                <title>{says}</title>
                <rect class="chart__hit" x=left y=0 width=width height=HEIGHT></rect>
                {bar(place, "chart__created", one.created, 1, 4)}
                {bar(place, "chart__solved", one.solved, 4, 7)}
            </g>
        }
    });
    pairs.collect_view().into_any()
}

fn line(stretches: &[Stretch]) -> AnyView {
    let top = top(stretches.iter().map(|one| one.open).max());
    let count = i64::try_from(stretches.len()).unwrap_or(1).max(1);
    let point = |(one, place): (&Stretch, i64)| {
        let x = (place * 2 + 1) * WIDTH / (count * 2);
        format!("{x},{}", HEIGHT - one.open.max(0) * HEIGHT / top)
    };
    let points: Vec<_> = stretches.iter().zip(0..).map(point).collect();
    let (left, right) = (WIDTH / (count * 2), (count * 2 - 1) * WIDTH / (count * 2));
    let area = format!("{left},{HEIGHT} {} {right},{HEIGHT}", points.join(" "));
    let hits = stretches.iter().zip(0..).map(|(one, place)| {
        let says = format!("{}: {} open", one.label, one.open);
        view! { <g><title>{says}</title><rect class="chart__hit" x=place * WIDTH / count y=0 width=WIDTH / count height=HEIGHT></rect></g> }
    });
    let hits = hits.collect_view();
    view! {
        <polygon class="chart__area" points=area></polygon>
        <polyline class="chart__line" points=points.join(" ") vector-effect="non-scaling-stroke"></polyline>
        {hits}
    }
    .into_any()
}
