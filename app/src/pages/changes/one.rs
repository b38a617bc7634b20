//! A change: what is planned, what it touches, who says yes to it, and what became of it.

use super::rail::{deeds, rail};
use super::{ChangeBadge, Risk};
use crate::functions::changes::read_change;
use crate::live::use_live;
use crate::pages::held_files::{FileDeeds, held_files};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use oxdesk::Timestamp;
use oxdesk::attachments::HolderKind;
use oxdesk::changes::rules::QUESTIONS;
use oxdesk::changes::{
    Affected, Change, ChangeEvent, ChangePage as Page, ChangeStatus, ChangeTask, ChangedAsset, Conflict,
};

#[component]
pub fn ChangePage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let params = use_params_map();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let page = Resource::new(move || (number.get(), live.track()), |(number, _)| read_change(number));
    view! {
        {move || view! { <Title text=number.get()/> }}
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => show(page),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(page: Page) -> AnyView {
    let deeds = deeds(&page);
    let may = FileDeeds { add: page.may_attach, remove: page.may_detach };
    let Page { change, assets, affected, stages, conflicts, tasks, history, attachments, may_edit, now, .. } = page;
    let number = change.row.change_number.to_string();
    let edit = may_edit.then(|| {
        view! { <a class="button" href=format!("/changes/{number}/edit")><Icon icon=Icon::Pencil/>"Change"</a> }
    });
    view! {
        <header class="sheet__head kb__head">
            <div><p class="asset__number num">{number.clone()}</p><h1>{change.row.title.clone()}</h1></div>
            <span class="arranged__deeds">{edit}</span>
        </header>
        <div class="asset">
            <div class="asset__main">
                {facts(&change)}
                {warned(conflicts)}
                {text("Description", Some(change.description.clone()))}
                {text("Plan", change.plan.clone())}
                {text("The way back", change.backout_plan.clone())}
                {text("How it is tested", change.test_plan.clone())}
                {risks(&change)}
                {went(&change)}
                <section aria-label="Tasks"><h2>"Tasks"</h2>{todo(&change, tasks, may_edit)}</section>
                <section aria-label="Assets"><h2>"What it touches"</h2>{touched(assets, affected)}</section>
                {held_files(HolderKind::Change, &number, attachments, may)}
            </div>
            <aside class="asset__side">
                {deeds}
                {rail(stages, now)}
                {told(history, now)}
            </aside>
        </div>
    }
    .into_any()
}

pub(in crate::pages) fn facts(change: &Change) -> AnyView {
    let ticket = change.related_ticket.as_ref().map(|number| {
        let href = format!("/tickets/{number}");
        let subject = change.related_subject.clone();
        view! { <div><dt>"Ticket"</dt><dd><a class="linked" href=href><span class="num">{number.to_string()}</span>" "{subject}</a></dd></div> }
    });
    let known = [
        ("Type", Some(change.row.kind.label().to_owned())),
        ("Template", change.template.clone()),
        ("Asked by", Some(change.row.requested_by.clone())),
        ("When", change.row.window.clone()),
        ("Was done", change.actual.clone()),
    ];
    let row = |(name, value): (&'static str, Option<String>)| {
        value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    let rows = known.into_iter().map(row).collect_view();
    let risk = change.row.risk_level.map(|risk| view! { <div><dt>"Risk"</dt><dd><Risk risk/></dd></div> });
    view! { <dl class="facts"><div><dt>"Status"</dt><dd><ChangeBadge status=change.row.status/></dd></div>{risk}{rows}{ticket}</dl> }.into_any()
}

/// What else is planned for that time.
fn warned(conflicts: Vec<Conflict>) -> AnyView {
    if conflicts.is_empty() {
        return ().into_any();
    }
    let row = |one: Conflict| {
        let touches = (!one.assets.is_empty()).then(|| format!(" Both touch {}.", one.assets.join(", ")));
        let named = match one.change_number {
            Some(number) => {
                view! { <a class="linked" href=format!("/changes/{number}")>{format!("{number} {}", one.title)}</a> }
                    .into_any()
            }
            None => view! { <b>{one.title}</b> }.into_any(),
        };
        view! { <li>{named}", "<span class="change__window">{one.window}</span>"."{touches}</li> }
    };
    view! {
        <section class="change__conflicts" aria-label="Conflicts"><h2><Icon icon=Icon::Warning/>"At the same time"</h2><ul>{conflicts.into_iter().map(row).collect_view()}</ul></section>
    }
    .into_any()
}

pub(in crate::pages) fn text(name: &'static str, text: Option<String>) -> AnyView {
    match text {
        Some(text) => {
            view! { <section aria-label=name><h2>{name}</h2><p class="change__text">{text}</p></section> }.into_any()
        }
        None => ().into_any(),
    }
}

pub(in crate::pages) fn risks(change: &Change) -> AnyView {
    let said = QUESTIONS.iter().filter_map(|(key, question, _)| Some((question, change.risk_answers.get(*key)?)));
    let rows = said
        .map(|(question, yes)| view! { <li>{*question}" "<b>{if *yes { "Yes" } else { "No" }}</b></li> })
        .collect_view();
    if change.risk_answers.is_empty() {
        return ().into_any();
    }
    view! { <section aria-label="Risk"><h2>"Risk"</h2><ul class="change__answers">{rows}</ul></section> }.into_any()
}

pub(in crate::pages) fn went(change: &Change) -> AnyView {
    let Some(outcome) = change.outcome else { return ().into_any() };
    let notes = change.implementation_notes.clone().map(|text| view! { <p class="change__text">{text}</p> });
    let review = text("What is learned from it", change.review.clone());
    view! { <section aria-label="How it went"><h2>"How it went"</h2><p><b>{outcome.label()}</b></p>{notes}</section>{review} }.into_any()
}

fn todo(change: &Change, tasks: Vec<ChangeTask>, may_edit: bool) -> AnyView {
    let (id, version) = (change.row.id.to_string(), change.row.version.to_string());
    let is_over = matches!(change.row.status, ChangeStatus::Rejected | ChangeStatus::Closed);
    let row = |task: ChangeTask| {
        let done = task.done_at.is_some();
        let label = if done { format!("Take up again: {}", task.title) } else { format!("Done: {}", task.title) };
        let by = task.done_by.map(|by| view! { <small>"done by "{by}</small> });
        let own = id.clone();
        let tick = (!is_over).then(|| {
            view! {
                <QuickForm endpoint="tick_change_task" class="quick--inline">
                    <input type="hidden" name="id" value=own/><input type="hidden" name="task" value=task.id.to_string()/><input type="hidden" name="done" value=(!done).to_string()/>
                    <button class="button button--ghost button--icon" type="submit" aria-label=label.clone() aria-pressed=done.to_string() title=label><Icon icon=if done { Icon::Check } else { Icon::Nobody }/></button>
                </QuickForm>
            }
        });
        view! { <li class="kept__row">{tick}<span class="kept__text" class:change__done=done>{task.title}{by}</span></li> }
    };
    let none = tasks.is_empty().then(|| view! { <p class="muted">"None yet."</p> });
    let rows = tasks.into_iter().map(row).collect_view();
    let form = (may_edit && !is_over).then(|| {
        view! {
            <details class="fold" data-closes="" data-fold="task"><summary><h3>"Add a task"</h3><Icon icon=Icon::Plus/></summary>
                <QuickForm endpoint="add_change_task" done="Added.">
                    <input type="hidden" name="id" value=id/><input type="hidden" name="version" value=version/>
                    <label for="task-title">"What is to be done"</label><input id="task-title" name="title" required maxlength="300" autocomplete="off"/>
                    <button class="button" type="submit">"Add"</button>
                </QuickForm>
            </details>
        }
    });
    view! { {none}<ul class="kept__list">{rows}</ul>{form} }.into_any()
}

fn touched(assets: Vec<ChangedAsset>, affected: Affected) -> AnyView {
    if assets.is_empty() {
        return view! { <p class="muted">"No asset is named."</p> }.into_any();
    }
    let row = |asset: ChangedAsset| {
        let (around, href) =
            (format!("/assets/{}/around", asset.asset_number), format!("/assets/{}", asset.asset_number));
        let label = format!("What depends on it: {}", asset.name);
        view! {
            <li class="kept__row"><Icon icon=Icon::Box/><span class="kept__text"><a class="linked" href=href>{asset.name}</a><small>{asset.asset_number.to_string()}</small></span><a class="button button--ghost" href=around aria-label=label>"What depends on it"</a></li>
        }
    };
    let many =
        |count: i64, one: &str, more: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {more}") };
    let Affected { assets: more, people, tickets } = affected;
    let says = format!(
        "While they are down, {} with them; {} concerned, {} about it.",
        many(more, "more asset fails", "more assets fail"),
        many(people, "person is", "people are"),
        many(tickets, "open ticket is", "open tickets are"),
    );
    view! { <ul class="kept__list">{assets.into_iter().map(row).collect_view()}</ul><p class="muted">{says}</p> }
        .into_any()
}

fn told(history: Vec<ChangeEvent>, now: Timestamp) -> AnyView {
    let row = |one: ChangeEvent| {
        let by = one.by.unwrap_or_else(|| "The desk".to_owned());
        let comment = one.comment.map(|text| view! { <q class="approval__said">{text}</q> });
        view! { <li class="kept__row"><span class="kept__text">{by}" "{one.what}{comment}<small><Ago at=one.at now/></small></span></li> }
    };
    view! { <section aria-label="History"><h2>"History"</h2><ul class="kept__list">{history.into_iter().map(row).collect_view()}</ul></section> }.into_any()
}
