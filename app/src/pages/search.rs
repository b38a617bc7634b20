//! What was found, of every kind.

use super::portal::runs;
use crate::functions::search::search;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, StatusBadge};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::search::{Found, FoundKind, Results};

#[component]
pub fn Search() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("q").unwrap_or_default(), query.get("type").filter(|kind| !kind.is_empty()))
    });
    let results = Resource::new(
        move || asked.get(),
        |(words, kind)| async move {
            if words.trim().is_empty() { Ok(Results::default()) } else { search(words, kind).await }
        },
    );
    view! {
        {move || { let words = asked.get().0; view! { <Title text=if words.is_empty() { "Search".to_owned() } else { format!("{words} · Search") }/> } }}
        <div class="sheet">
            <header class="sheet__head"><h1>"Search"</h1></header>
            {move || field(asked.get())}
            <Transition fallback=|| view! { <LoadingRows rows=6/> }>
                {move || {
                    let (words, _) = asked.get();
                    Suspend::new(async move {
                        match results.await {
                            Ok(found) => show(words, found),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

/// A plain form and plain links: they work without a script.
fn field((words, kind): (String, Option<String>)) -> AnyView {
    let kinds = std::iter::once(("", "Everything")).chain([
        ("ticket", "Tickets"),
        ("article", "Articles"),
        ("asset", "Assets"),
        ("change", "Changes"),
    ]);
    let now = kind.unwrap_or_default();
    let asked = words.clone();
    let tabs = kinds.map(|(word, name)| {
        let mut query = ParamsMap::new();
        query.insert("q", asked.clone());
        if !word.is_empty() {
            query.insert("type", word.to_owned());
        }
        let current = (word == now).then_some("page");
        view! { <a class="button button--ghost tab" href=format!("/search{}", query.to_query_string()) aria-current=current>{name}</a> }
    });
    let tabs = tabs.collect_view();
    view! {
        <div class="filters filters--sheet">{tabs}
            <form class="told__types search__form" method="get" action="/search" role="search" aria-label="Everything">
                <input type="hidden" name="type" value=now.clone()/>
                <label class="sr-only" for="search-words">"Words, a number, or a question"</label>
                <input id="search-words" type="search" name="q" maxlength="500" placeholder="Words, a number, or a question" value=words/>
                <button class="button" type="submit"><Icon icon=Icon::Search/>"Search"</button>
            </form>
        </div>
    }
    .into_any()
}

fn show(words: String, found: Results) -> AnyView {
    if words.trim().is_empty() {
        return view! { <EmptyState title="What do you look for?" text="A number opens its ticket. “In quotes” must stand so; -word must not stand there."/> }.into_any();
    }
    let read_as = found
        .read_as
        .iter()
        .map(|(slip, meant)| view! { <p class="muted search__said">"“"{slip.clone()}"” was read as “"{meant.clone()}"”."</p> })
        .collect_view();
    let by_words = (!found.by_meaning).then(
        || view! { <p class="muted search__said">"By words alone: no model for meaning answers at the moment."</p> },
    );
    if found.rows.is_empty() {
        return view! { {read_as}{by_words}<EmptyState title="Nothing found" text="Nothing that you may see has these words or means something like it."/> }.into_any();
    }
    view! { {read_as}{by_words}{results(found.rows)} }.into_any()
}

/// Results, each with why it is one.
pub fn results(rows: Vec<Found>) -> AnyView {
    let row = |found: Found| {
        let (path, why) = (found.path(), found.why.sentence());
        let status = found.status.map(|status| view! { <StatusBadge status/> });
        let known =
            found.is_known_error.then(|| view! { <span class="status status--known-error">"Known error"</span> });
        let number = (found.kind != FoundKind::Article).then(|| view! { <span class="num">{found.address}</span>" " });
        // An article is the portal's, another part of the program.
        let rel = (found.kind == FoundKind::Article).then_some("external");
        view! {
            <li><a class="result" href=path rel=rel>
                <span class="result__head">{number}<b>{found.title}</b>{status}{known}</span>
                <small class="result__excerpt">{runs(found.excerpt)}</small>
                <small class="result__why"><span>{found.kind.label()}</span>" · "{why}</small>
            </a></li>
        }
    };
    view! { <ul class="panel results">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
}
