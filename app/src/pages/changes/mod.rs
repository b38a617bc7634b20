//! Changes: the list, the page of one with who says yes to it, its editor, the calendar, and what changes begin with.

mod calendar;
mod editor;
mod one;
mod rail;
mod templates;

pub use calendar::ChangeCalendar;
pub use editor::ChangeEditor;
pub use one::ChangePage;
pub(in crate::pages) use one::{facts, risks, text, went};
pub(in crate::pages) use rail::{deeds, rail};
pub use templates::ChangeTemplates;

use crate::functions::changes::read_changes;
use crate::live::use_live;
use crate::ui::{Ago, EmptyState, ErrorState, Icon, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::Timestamp;
use oxdesk::changes::{ChangeList, ChangeRow, ChangeScope, ChangeStatus, RiskLevel};

#[component]
pub fn Changes() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("show").unwrap_or_default(), query.get("q").unwrap_or_default(), query.get("after"))
    });
    let list = Resource::new(
        move || (asked.get(), live.track()),
        |((scope, q, after), _)| read_changes(Some(scope), Some(q), after),
    );
    view! {
        <Title text="Changes"/>
        <div class="sheet sheet--wide">
            {move || head(asked.get().0, asked.get().1)}
            <Transition fallback=|| view! { <LoadingRows rows=12/> }>
                {move || {
                    let (scope, words, _) = asked.get();
                    Suspend::new(async move {
                        match list.await {
                            Ok(list) => show(scope, words, list),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

/// The address of the list.
fn address(scope: &str, words: &str, after: Option<String>) -> String {
    let mut query = ParamsMap::new();
    let given = [("show", scope.to_owned()), ("q", words.to_owned()), ("after", after.unwrap_or_default())];
    for (name, value) in given.into_iter().filter(|(_, value)| !value.is_empty()) {
        query.insert(name, value);
    }
    format!("/changes{}", query.to_query_string())
}

/// Plain links and a plain form: they work without a script.
fn head(scope: String, words: String) -> AnyView {
    let shown = ChangeScope::of(&scope);
    let tabs = ChangeScope::ALL.iter().map(|one| {
        let word = if *one == ChangeScope::Open { "" } else { one.word() };
        let current = (*one == shown).then_some("page");
        view! { <a class="button button--ghost tab" href=address(word, "", None) aria-current=current>{one.label()}</a> }
    });
    let tabs = tabs.collect_view();
    view! {
        <header class="sheet__head kb__head"><h1>"Changes"</h1>
            <span class="arranged__deeds">
                <a class="button button--ghost" href="/changes/calendar">"Calendar"</a>
                <a class="button button--ghost" href="/changes/templates">"Templates"</a>
                <a class="button button--primary" href="/changes/new"><Icon icon=Icon::Plus/>"New change"</a>
            </span>
        </header>
        <div class="filters filters--sheet">{tabs}
            <form class="asset__search" method="get" action="/changes" role="search" aria-label="Changes">
                <input type="hidden" name="show" value=scope/>
                <label class="sr-only" for="change-words">"Search changes"</label>
                <input id="change-words" type="search" name="q" maxlength="200" placeholder="Number or words" value=words/>
                <button class="button" type="submit">"Search"</button>
            </form>
        </div>
    }
    .into_any()
}

fn show(scope: String, words: String, list: ChangeList) -> AnyView {
    if list.rows.is_empty() {
        let text = match ChangeScope::of(&scope) {
            ChangeScope::Waiting => "Nobody waits for your yes or no.",
            _ => "What is changed is planned here: how, when, and the way back.",
        };
        return view! { <EmptyState title="No changes here" text=text/> }.into_any();
    }
    let now = list.now;
    let went = list.success.filter(|(all, _)| *all > 0).map(|(all, well)| {
        let share = well * 100 / all;
        view! { <p class="muted">{format!("Of {all} carried out in the last 90 days, {well} went as planned: {share} %.")}</p> }
    });
    let next = list.next.map(|next| {
        view! { <p class="pager"><a href=address(&scope, &words, Some(next)) class="button">"Next page"</a></p> }
    });
    let rows = list.rows.into_iter().map(|row| line(row, now)).collect_view();
    view! {
        {went}
        <div class="table-frame" tabindex="0" role="region" aria-label="Changes"><table class="table assets">
            <thead><tr><th scope="col">"Number"</th><th scope="col">"Title"</th><th scope="col">"Status"</th><th scope="col">"Type"</th><th scope="col">"Risk"</th><th scope="col">"When"</th><th scope="col">"Asked by"</th><th scope="col">"Changed"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {next}
    }
    .into_any()
}

fn line(row: ChangeRow, now: Timestamp) -> AnyView {
    let number = row.change_number.to_string();
    let href = format!("/changes/{number}");
    view! {
        <tr>
            <td class="num-cell"><a href=href.clone()>{number}</a></td>
            <td class="assets__name"><a href=href>{row.title}</a></td>
            <td><ChangeBadge status=row.status/></td>
            <td>{row.kind.label()}</td><td>{row.risk_level.map(|risk| view! { <Risk risk/> })}</td><td class="change__window">{row.window}</td>
            <td>{row.requested_by}</td><td><Ago at=row.updated_at now/></td>
        </tr>
    }
    .into_any()
}

#[component]
pub(super) fn ChangeBadge(status: ChangeStatus) -> impl IntoView {
    view! { <span class=format!("status status--change-{}", status.as_str().to_lowercase())>{status.label()}</span> }
}

#[component]
pub(super) fn Risk(risk: RiskLevel) -> impl IntoView {
    view! { <span class=format!("risk risk--{}", risk.as_str().to_lowercase())>{risk.label()}</span> }
}

/// Changes as a short list, beside what they are about.
pub fn short_list(rows: Vec<ChangeRow>) -> AnyView {
    let row = |row: ChangeRow| {
        let href = format!("/changes/{}", row.change_number);
        let when = row.window.map(|window| format!(" · {window}"));
        view! { <li class="kept__row"><span class="kept__text"><a class="kept__ticket" href=href>{row.title}</a><small>{row.change_number.to_string()}" · "{row.status.label()}{when}</small></span></li> }
    };
    view! { <ul class="kept__list">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
}
