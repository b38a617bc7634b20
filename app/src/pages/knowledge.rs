//! Knowledge for those who write it: what there is, the editor, and what an article said before.

mod attachments;
mod editor;
mod versions;

pub use editor::ArticleEditor;
pub use versions::ArticleVersions;

#[cfg(feature = "hydrate")]
use crate::functions::knowledge::place_kb_category;
use crate::functions::knowledge::{Shelf, read_shelf};
use crate::functions::search::list_misses;
use crate::live::{Live, use_live};
use crate::pages::admin::{Arrangement, options};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use oxdesk::Timestamp;
use oxdesk::knowledge::rules::{Placed, in_tree_order};
use oxdesk::knowledge::{ArticleRow, ArticleVisibility, KbCategory};
use oxdesk::search::Miss;

/// What is looked at: its word in the address, and its name.
const SHOWN: [(&str, &str); 4] =
    [("", "Published"), ("DRAFT", "Drafts"), ("ARCHIVED", "Archived"), ("DUE", "To be looked at again")];

#[component]
pub fn Knowledge() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("q"), query.get("status"), query.get("after"))
    });
    let shelf = Resource::new(
        move || (asked.get(), live.track()),
        |((words, status, after), _)| read_shelf(words, None, None, status, after),
    );
    let missed = Resource::new(move || live.track(), |_| list_misses());
    view! {
        <Title text="Knowledge"/>
        <div class="sheet">
            <header class="sheet__head kb__head"><h1>"Knowledge"</h1><a class="button button--primary" href="/knowledge/new"><Icon icon=Icon::Plus/>"New article"</a></header>
            {move || filters(asked.get())}
            <Transition fallback=|| view! { <LoadingRows rows=6/> }>
                {move || Suspend::new(async move {
                    // Those who may not write have none to see.
                    let missed = missed.await.unwrap_or_default();
                    match shelf.await {
                        Ok(shelf) => show(shelf, missed),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// Plain links and a plain form: they work without a script.
fn filters((words, status, _): (Option<String>, Option<String>, Option<String>)) -> AnyView {
    let now = status.unwrap_or_default();
    let tabs = SHOWN.iter().map(|(word, name)| {
        let href = if word.is_empty() { "/knowledge".to_owned() } else { format!("/knowledge?status={word}") };
        view! { <a class="button button--ghost tab" href=href aria-current=(*word == now).then_some("page")>{*name}</a> }
    });
    let tabs = tabs.collect_view();
    view! {
        <div class="filters filters--sheet">{tabs}
            <form class="told__types" method="get" action="/knowledge" role="search" aria-label="Articles">
                <input type="hidden" name="status" value=now/>
                <label class="sr-only" for="kb-words">"Search articles"</label>
                <input id="kb-words" type="search" name="q" maxlength="200" placeholder="Search articles" value=words/>
                <button class="button" type="submit">"Search"</button>
            </form>
        </div>
    }
    .into_any()
}

fn show(shelf: Shelf, missed: Vec<Miss>) -> AnyView {
    let now = shelf.list.now;
    let next = shelf.list.next.map(
        |next| view! { <p class="pager"><a href=format!("/knowledge?after={next}") class="button">"More"</a></p> },
    );
    let list = if let Some(found) = shelf.found.filter(|found| !found.rows.is_empty()) {
        crate::pages::search::results(found.rows)
    } else if shelf.list.rows.is_empty() {
        view! { <EmptyState title="No articles here" text="Write one, or make one of a ticket that was solved."/> }
            .into_any()
    } else {
        view! { <ul class="panel">{shelf.list.rows.iter().map(|row| line(row, now)).collect_view()}</ul> }.into_any()
    };
    let placed = in_tree_order(&shelf.categories);
    let categories = placed.iter().map(|placed| category(placed, &shelf.categories)).collect_view();
    let live = use_live();
    view! {
        {list}{next}
        {misses(missed)}
        <section><h2>"Categories"</h2><ul class="panel panel--plain" on:dragover=move |event| event.prevent_default() on:drop=move |event| place_dropped(&event, live)>{categories}</ul></section>
        <section><h2>"New category"</h2>{category_form(None, &shelf.categories)}</section>
    }
    .into_any()
}

/// What people looked for in vain: what to write next.
fn misses(missed: Vec<Miss>) -> Option<AnyView> {
    let row = |miss: Miss| {
        let times = if miss.times == 1 { "once".to_owned() } else { format!("{} times", miss.times) };
        view! {
            <li class="missed"><span><b>{miss.words.clone()}</b><small>{times}", last on "{miss.last_on}</small></span>
                <QuickForm endpoint="forget_miss" class="quick--inline" done="Taken off the list.">
                    <input type="hidden" name="words" value=miss.words/><button class="button button--ghost" type="submit">"Take off the list"</button>
                </QuickForm>
            </li>
        }
    };
    (!missed.is_empty()).then(|| {
        view! { <section><h2>"Searched and not found"</h2><ul class="panel panel--plain">{missed.into_iter().map(row).collect_view()}</ul></section> }.into_any()
    })
}

fn line(row: &ArticleRow, now: Timestamp) -> AnyView {
    let mut says = vec![row.category.clone().unwrap_or_else(|| "No category".to_owned())];
    says.extend((row.visibility != ArticleVisibility::Public).then(|| row.visibility.label().to_lowercase()));
    says.extend(match row.view_count {
        0 => None,
        1 => Some("read once".to_owned()),
        times => Some(format!("read {times} times")),
    });
    let voices = row.helpful_count + row.not_helpful_count;
    says.extend((voices > 0).then(|| format!("helped {} of {voices}", row.helpful_count)));
    says.extend(row.is_due.then(|| "to be looked at again".to_owned()));
    view! {
        <li><a href=format!("/knowledge/{}", row.id)><b>{row.title.clone()}</b><span class="muted"><Ago at=row.updated_at now/></span><small>{says.join(" · ")}</small></a></li>
    }
    .into_any()
}

fn category(placed: &Placed<'_>, all: &[KbCategory]) -> AnyView {
    let one = placed.category;
    let mut says = vec![match one.articles {
        1 => "1 article".to_owned(),
        articles => format!("{articles} articles"),
    }];
    let parent = all.iter().find(|known| Some(known.id) == one.parent_id);
    says.extend(parent.map(|parent| format!("under {}", parent.name)));
    says.extend((!one.active).then(|| "retired".to_owned()));
    let id = one.id.to_string();
    let remove = view! {
        <QuickForm endpoint="delete_kb_category" class="quick--inline" done="Removed.">
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit"><Icon icon=Icon::Bin/>"Remove this category"</button>
        </QuickForm>
    };
    let form = view! { {category_form(Some(one), all)}{remove} }.into_any();
    let moves = [("up", "↑", placed.up), ("down", "↓", placed.down)].into_iter().map(|(way, sign, to)| {
        to.map(|before| {
            let before = before.map(|id| id.to_string()).unwrap_or_default();
            let (id, label) = (one.id.to_string(), format!("Move {} {way}", one.name));
            view! {
                <QuickForm endpoint="place_kb_category" class="quick--inline">
                    <input type="hidden" name="id" value=id/><input type="hidden" name="before" value=before/>
                    <button class="button button--ghost button--icon" type="submit" aria-label=label>{sign}</button>
                </QuickForm>
            }
        })
    });
    let moves = moves.collect_view();
    let id = one.id.to_string();
    let (dragged, name) = (id.clone(), one.name.clone());
    let grip = view! {
        <span class="arranged__grip" draggable="true" data-category=id title=format!("Drag {name} elsewhere") on:dragstart=move |event| drag(&event, &dragged)>"⠿"</span>
    };
    view! { <Arrangement name=one.name.clone() says=says.join(" · ") may_change=true form under=one.parent_id.is_some()><span class="arranged__moves">{moves}{grip}</span></Arrangement> }.into_any()
}

/// Takes a category along.
#[cfg_attr(not(feature = "hydrate"), allow(unused_variables))]
fn drag(event: &leptos::ev::DragEvent, id: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(taken) = event.data_transfer() {
        let _ = taken.set_data("text/plain", id);
    }
}

/// Puts a category before the one that it was dropped on.
#[cfg(not(feature = "hydrate"))]
fn place_dropped(_: &leptos::ev::DragEvent, _: Live) {}

#[cfg(feature = "hydrate")]
fn place_dropped(event: &leptos::ev::DragEvent, live: Live) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    let Some(id) = event.data_transfer().and_then(|taken| taken.get_data("text/plain").ok()) else { return };
    let row = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let row = row.and_then(|target| target.closest("li").ok().flatten());
    let grip = row.and_then(|row| row.query_selector("[data-category]").ok().flatten());
    let Some(before) = grip.and_then(|grip| grip.get_attribute("data-category")) else { return };
    leptos::task::spawn_local(async move {
        // What is no category was dragged here: refused, and nothing changes.
        if place_kb_category(id, Some(before)).await.is_ok() {
            live.bump();
        }
    });
}

fn category_form(one: Option<&KbCategory>, all: &[KbCategory]) -> AnyView {
    let key = one.map_or("new".to_owned(), |one| one.id.to_string());
    let field = move |name: &str| format!("kb-{name}-{key}");
    let head = one.map(|one| {
        view! {
            <input type="hidden" name="category[id]" value=one.id.to_string()/>
            <input type="hidden" name="category[version]" value=one.version.to_string()/>
        }
    });
    let parents = std::iter::once((String::new(), "Nothing".to_owned()))
        .chain(
            all.iter()
                .filter(|known| one.is_none_or(|one| one.id != known.id))
                .map(|known| (known.id.to_string(), known.name.clone())),
        )
        .collect();
    let parent = one.and_then(|one| one.parent_id).map(|id| id.to_string()).unwrap_or_default();
    let retired = one.map(|one| view! { <label class="check"><input type="checkbox" name="category[retired]" value="yes" checked=!one.active/>"Retired: readers no longer see it"</label> });
    let (name, about, order) = one
        .map(|one| (one.name.clone(), one.description.clone().unwrap_or_default(), one.order.to_string()))
        .unwrap_or_default();
    let parents = options(parents, &parent);
    view! {
        <QuickForm endpoint="save_kb_category" class="arranged__form" done="Saved.">
            {head}
            <label for=field("name")>"Name"</label><input id=field("name") name="category[name]" required maxlength="100" value=name/>
            <label for=field("about")>"What it is about"<span class="field__optional">" optional"</span></label><input id=field("about") name="category[description]" maxlength="300" value=about/>
            <div class="sheet__pair">
                <div class="field"><label for=field("under")>"Under"</label><select id=field("under") name="category[parent_id]">{parents}</select></div>
                <div class="field"><label for=field("order")>"Place in the order"</label><input id=field("order") name="category[order]" inputmode="numeric" value=order/></div>
            </div>
            {retired}
            <button class="button button--primary" type="submit">"Save the category"</button>
        </QuickForm>
    }
    .into_any()
}
