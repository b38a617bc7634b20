//! The portal's first page. Most who come here come with a phone and once: it brings as little as it can, and what it
//! shows of the viewer's requests is known before it begins.

use super::RequestPanel;
use super::kb::runs;
use crate::brand::use_brand;
use crate::functions::people::use_viewer;
use crate::functions::requester::OwnRequests;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use oxdesk::search::Found;
use std::time::Duration;

/// A pause in typing so long asks for what fits.
const PAUSE: Duration = Duration::from_millis(250);
/// Fewer characters fit too much.
const WORTH_ASKING: usize = 3;
/// At most this many are shown.
const SHOWN: usize = 5;

/// The viewer's open requests, which the host finds before the page begins.
#[cfg(feature = "ssr")]
fn open_requests() -> Option<OwnRequests> {
    crate::session::extension::<crate::functions::requester::OpenRequests>().map(|open| open.0)
}

#[cfg(not(feature = "ssr"))]
fn open_requests() -> Option<OwnRequests> {
    None
}

#[component]
pub fn PortalHome() -> impl IntoView {
    let signed_in = use_viewer().is_some();
    let open = RwSignal::new(SharedValue::<Option<OwnRequests>>::new(open_requests).into_inner());
    if signed_in && open.with_untracked(Option::is_none) {
        // Someone came back to this page from another of the portal's: nobody has found them before.
        ask(&[("open", "true")], open, |list| OwnRequests { next: None, ..list });
    }
    let found = RwSignal::new(None::<OwnRequests>);
    let known = RwSignal::new(Vec::<Found>::new());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let write = move |event| {
        let words = event_target_value(&event);
        if let Some(earlier) = waiting.try_update_value(|waiting| waiting.take()).flatten() {
            earlier.clear();
        }
        found.set(None);
        known.set(Vec::new());
        if words.trim().chars().count() < WORTH_ASKING {
            return;
        }
        waiting.set_value(set_timeout_with_handle(move || find(&words, known, signed_in.then_some(found)), PAUSE).ok());
    };
    let articles = move || answers_of(known.get());
    let answers = move || {
        found.get().filter(|list| !list.rows.is_empty()).map(|list| view! { <div class="answers"><p class="answers__head">"You asked this before:"</p><RequestPanel list/></div> })
    };
    let mine = move || {
        open.get().map(|list| {
            let shown = if list.rows.is_empty() {
                view! { <p class="muted">"None at the moment. What you ask stands here with its answers."</p> }
                    .into_any()
            } else {
                view! { <RequestPanel list/> }.into_any()
            };
            view! { <section class="portal__section"><h2>"My open requests"</h2>{shown}</section> }
        })
    };
    view! {
        <Title text="Help"/>
        <section class="hero">
            <h1>"What can we help you with?"</h1>
            <p>"Say it in a sentence. A person reads every request."</p>
            {use_brand().welcome.map(|welcome| view! { <p class="hero__welcome">{welcome}</p> })}
            <form class="ask" method="get" action="/portal/new">
                <label class="sr-only" for="subject">"What is wrong?"</label>
                <input class="ask__field" id="subject" name="subject" maxlength="200" autocomplete="off" placeholder="My screen stays black after the update" on:input=write/>
                <button class="button button--primary button--large" type="submit">"Ask for help"</button>
                <button class="button button--large" type="submit" formaction="/portal/ask">"Find an answer"</button>
            </form>
            <div class="hero__answers" aria-live="polite">{articles}{answers}</div>
            <p class="hero__more"><a href="/portal/kb">"Everything we know"</a></p>
        </section>
        {mine}
    }
    .into_any()
}

/// Articles that may answer what is asked; nothing where there are none.
pub(super) fn answers_of(list: Vec<Found>) -> Option<AnyView> {
    let row = |found: Found| {
        let excerpt = runs(found.excerpt);
        view! { <li><a href=format!("/portal/kb/{}", found.address)><b>{found.title}</b><small>{excerpt}</small></a></li> }
    };
    (!list.is_empty()).then(|| {
        view! { <div class="answers"><p class="answers__head">"This may answer it:"</p><ul class="panel">{list.into_iter().map(row).collect_view()}</ul></div> }.into_any()
    })
}

/// Finds the articles, and the viewer's requests, that have these words; none are nothing to show.
fn find(words: &str, known: RwSignal<Vec<Found>>, found: Option<RwSignal<Option<OwnRequests>>>) {
    ask_articles(words, known);
    let Some(found) = found else { return };
    ask(&[("words", words)], found, |mut list| {
        list.rows.truncate(SHOWN);
        OwnRequests { next: None, ..list }
    });
}

/// Asks for the viewer's requests and puts what `shape` makes of them into `into`.
#[cfg(feature = "hydrate")]
fn ask(fields: &[(&str, &str)], into: RwSignal<Option<OwnRequests>>, shape: fn(OwnRequests) -> OwnRequests) {
    let Ok(sent) = web_sys::UrlSearchParams::new() else { return };
    fields.iter().for_each(|(name, value)| sent.append(name, value));
    let _ = crate::send::ask("list_own_requests", &sent, move |list: Option<OwnRequests>| {
        let _ = into.try_set(list.map(shape));
    });
}

#[cfg(not(feature = "hydrate"))]
fn ask(_: &[(&str, &str)], _: RwSignal<Option<OwnRequests>>, _: fn(OwnRequests) -> OwnRequests) {}

#[cfg(feature = "hydrate")]
pub(super) fn ask_articles(words: &str, into: RwSignal<Vec<Found>>) {
    let Ok(sent) = web_sys::UrlSearchParams::new() else { return };
    sent.append("words", words);
    let _ = crate::send::ask("suggest_articles", &sent, move |list: Option<Vec<Found>>| {
        let _ = into.try_set(list.unwrap_or_default());
    });
}

#[cfg(not(feature = "hydrate"))]
pub(super) fn ask_articles(_: &str, _: RwSignal<Vec<Found>>) {}

#[component]
pub fn PortalThanks() -> impl IntoView {
    let number = use_query_map().read_untracked().get("number").filter(|number| number.len() < 30);
    view! {
        <Title text="Thank you"/>
        <div class="portal__column">
            <h1>"Thank you, we have it"</h1>
            {number.map(|number| view! { <p>"Your request is "<b class="num">{number}</b>". Keep the number: we answer by mail."</p> })}
            <p>"With an account for the same address you can follow it here."</p>
            <p class="portal__actions"><a class="button button--primary" href="/register">"Make an account"</a><a class="button" href="/portal" rel="external">"Back to the start"</a></p>
        </div>
    }
    .into_any()
}
