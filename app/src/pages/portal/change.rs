//! A change for whoever asked for it or is asked about it, and does not work here.

use crate::functions::changes::{list_own_changes, read_change};
use crate::live::use_live;
use crate::pages::changes::{ChangeBadge, deeds, facts, rail, risks, text, went};
use crate::pages::held_files::{FileDeeds, held_files};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use oxdesk::attachments::HolderKind;
use oxdesk::changes::{Affected, ChangePage, ChangeRow, ChangedAsset};

#[component]
pub fn PortalChange() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let params = use_params_map();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let page = Resource::new(move || (number.get(), live.track()), |(number, _)| read_change(number));
    live.catch_up();
    view! {
        {move || view! { <Title text=number.get()/> }}
        <div class="portal__column">
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

fn show(page: ChangePage) -> AnyView {
    let (deeds, may) = (deeds(&page), FileDeeds { add: page.may_attach, remove: page.may_detach });
    let ChangePage { change, assets, affected, stages, attachments, now, .. } = page;
    let number = change.row.change_number.to_string();
    view! {
        <header class="portal__change"><p class="asset__number num">{number.clone()}</p><h1>{change.row.title.clone()}</h1></header>
        {facts(&change)}
        {deeds}
        {text("Description", Some(change.description.clone()))}
        {touched(assets, affected)}
        {text("Plan", change.plan.clone())}
        {text("The way back", change.backout_plan.clone())}
        {text("How it is tested", change.test_plan.clone())}
        {risks(&change)}
        {went(&change)}
        {held_files(HolderKind::Change, &number, attachments, may)}
        {rail(stages, now)}
    }
    .into_any()
}

fn touched(assets: Vec<ChangedAsset>, affected: Affected) -> AnyView {
    if assets.is_empty() {
        return ().into_any();
    }
    let rows = assets
        .into_iter()
        .map(|asset| view! { <li>{asset.name}" "<span class="num muted">{asset.asset_number.to_string()}</span></li> })
        .collect_view();
    let more = (affected.assets > 0).then(|| {
        let says = match affected.assets {
            1 => "1 more thing is down while they are.".to_owned(),
            more => format!("{more} more things are down while they are."),
        };
        view! { <p class="muted">{says}</p> }
    });
    view! { <section aria-label="What it touches"><h2>"What it touches"</h2><ul class="change__answers">{rows}</ul>{more}</section> }.into_any()
}

/// What waits for the viewer's yes or no, and what they asked for: nothing where there is none.
#[component]
pub fn OwnChanges() -> impl IntoView {
    let live = use_live();
    let own = Resource::new(move || live.track(), |_| list_own_changes());
    let panel = |title: &'static str, rows: Vec<ChangeRow>| {
        (!rows.is_empty()).then(|| {
            let row = |row: ChangeRow| {
                let href = format!("/portal/changes/{}", row.change_number);
                let window = row.window.map(|window| format!(" · {window}"));
                view! { <li><a href=href><b>{row.title}</b><ChangeBadge status=row.status/><small>{row.change_number.to_string()}{window}</small></a></li> }
            };
            view! { <section aria-label=title><h2>{title}</h2><ul class="panel">{rows.into_iter().map(row).collect_view()}</ul></section> }
        })
    };
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let (waiting, asked) = own.await.unwrap_or_default();
                view! { {panel("Changes that wait for your yes or no", waiting)}{panel("Changes you asked for", asked)} }
            })}
        </Transition>
    }
    .into_any()
}
