//! The figures of each queue, person, category …

use super::figures::{minutes, percent};
use crate::ui::EmptyState;
use leptos::prelude::*;
use oxdesk::reports::{Figures, ReportDimension, ReportLine};

#[component]
pub fn Lines(by: ReportDimension, lines: Vec<ReportLine>, figures: Figures, more: bool) -> impl IntoView {
    if lines.is_empty() {
        return view! { <EmptyState title="No tickets" text="Nothing was created or solved in these days."/> }
            .into_any();
    }
    let rows = lines.into_iter().map(|line| row(line.name, &line.figures)).collect_view();
    let caption = format!("By {}", by.label().to_lowercase());
    let note = more.then(|| view! { <p class="muted">"Those with the most tickets are shown."</p> });
    view! {
        <h3>{caption.clone()}</h3>
        <div class="table-frame" tabindex="0" role="region" aria-label=caption><table class="table">
            <thead>
                <tr>
                    <th scope="col" rowspan="2">{by.label()}</th>
                    <th scope="col" rowspan="2" class="num">"Created"</th>
                    <th scope="col" rowspan="2" class="num">"Solved"</th>
                    <th scope="colgroup" colspan="3" class="num">"First answer within"</th>
                    <th scope="colgroup" colspan="3" class="num">"Solved within"</th>
                    <th scope="col" rowspan="2" class="num">"Came back"</th>
                </tr>
                <tr>{heads()}{heads()}</tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>{row("Together".to_owned(), &figures)}</tfoot>
        </table></div>
        {note}
    }
    .into_any()
}

fn heads() -> impl IntoView {
    ["half", "9 of 10", "in time"]
        .map(|name| view! { <th scope="col" class="num">{name}</th> })
        .into_iter()
        .collect_view()
}

fn row(name: String, figures: &Figures) -> impl IntoView + use<> {
    let cells = [
        figures.created.to_string(),
        figures.solved.to_string(),
        minutes(figures.response.p50),
        minutes(figures.response.p90),
        percent(figures.response_attainment()),
        minutes(figures.resolution.p50),
        minutes(figures.resolution.p90),
        percent(figures.resolution_attainment()),
        percent(figures.reopen_rate()),
    ];
    let cells = cells.map(|cell| view! { <td class="num">{cell}</td> }).into_iter().collect_view();
    view! { <tr><th scope="row">{name}</th>{cells}</tr> }
}
