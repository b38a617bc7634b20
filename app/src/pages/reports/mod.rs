//! Reports: how the desk does, how satisfied people are, and where time goes.

mod chart;
mod figures;
mod lines;
mod said;

use crate::functions::reports::{Preset, Reports as Data, read_reports};
use crate::ui::{ErrorState, LoadingRows};
use figures::Tiles;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use lines::Lines;
use oxdesk::reports::{Days, ReportDimension, TicketReport};
use said::{Satisfied, Time};

#[component]
pub fn Reports() -> impl IntoView {
    let query = use_query_map();
    let given = move |name: &str| query.read().get(name).filter(|text| !text.is_empty());
    let data =
        Resource::new(move || (given("from"), given("to"), given("by")), |(from, to, by)| read_reports(from, to, by));
    view! {
        <Title text="Reports"/>
        <div class="sheet reports">
            <header class="sheet__head reports__head"><h1>"Reports"</h1><a class="button" href="/wallboard">"Wallboard"</a></header>
            <Transition fallback=|| view! { <LoadingRows rows=6/> }>
                {move || Suspend::new(async move {
                    match data.await {
                        Ok(data) => view! { <Report data/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Report(data: Data) -> impl IntoView {
    let Data { tickets, presets, satisfaction, time } = data;
    let (days, by, about) = (tickets.days.clone(), tickets.by, about(&tickets));
    view! {
        <Asked days by presets/>
        <p class="muted reports__about">{about}</p>
        <section class="report" aria-label="Tickets"><h2>"Tickets"</h2><Tickets report=tickets/></section>
        <section aria-label="Satisfaction"><h2>"Satisfaction"</h2><Satisfied data=satisfaction/></section>
        <section aria-label="Time"><h2>"Time spent"</h2><Time lines=time/></section>
    }
    .into_any()
}

/// What is looked at, in words.
fn about(report: &TicketReport) -> String {
    let TicketReport { days, earlier_days, time_zone, counted_at, .. } = report;
    let counted = match counted_at {
        Some(at) => format!("Counted at {} (UTC), and every minute.", &at.local(0)[11..]),
        None => "Nothing has been counted yet: that is done every minute.".to_owned(),
    };
    format!(
        "{} to {}, compared with {} to {}. Days of {time_zone}. {counted}",
        days.from, days.to, earlier_days.from, earlier_days.to
    )
}

/// Which days, and broken down by what.
#[component]
fn Asked(days: Days, by: ReportDimension, presets: Vec<Preset>) -> impl IntoView {
    let option = |one: ReportDimension| {
        view! { <option value=one.to_string() selected=one == by>{one.label()}</option> }
    };
    let options = ReportDimension::ALL.iter().copied().map(option).collect_view();
    let preset = |preset: Preset| {
        let current = (preset.days == days).then_some("true");
        let href = format!("/reports?from={}&to={}&by={by}", preset.days.from, preset.days.to);
        view! { <li><a href=href class="button button--ghost" aria-current=current>{preset.label}</a></li> }
    };
    let presets = presets.into_iter().map(preset).collect_view();
    view! {
        <div class="asked">
            <Form method="GET" action="/reports" attr:class="span">
                <label for="from">"From"</label><input id="from" type="date" name="from" required value=days.from.clone()/>
                <label for="to">"to"</label><input id="to" type="date" name="to" required value=days.to.clone()/>
                <label for="by">"by"</label><select id="by" name="by">{options}</select>
                <button class="button" type="submit">"Show"</button>
            </Form>
            <ul class="asked__presets" aria-label="Usual times">{presets}</ul>
        </div>
    }
    .into_any()
}

#[component]
fn Tickets(report: TicketReport) -> impl IntoView {
    let TicketReport { days, figures, earlier, daily, by, lines, more, .. } = report;
    let asked = format!("from={}&to={}&by={by}", days.from, days.to);
    let (csv, days_csv) = (format!("/reports/tickets.csv?{asked}"), format!("/reports/days.csv?{asked}"));
    view! {
        <Tiles figures earlier daily=&daily/>
        <chart::Charts daily/>
        <p class="report__more"><a href=days_csv download="">"These days as CSV"</a></p>
        <Lines by lines figures more/>
        <p class="report__more"><a href=csv download="">"This table as CSV"</a></p>
    }
    .into_any()
}
