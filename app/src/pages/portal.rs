//! The requesters' side: ask, and see what became of it.

use super::request_form::RequestForm;
use crate::functions::people::use_viewer;
use crate::functions::requester::{OwnRequests, RequestOffer, list_own_requests, read_request_offer};
use crate::live::use_live;
use crate::ui::{EmptyState, ErrorState, LoadingRows, StatusBadge, relative};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::categories::Category;
use std::time::Duration;

/// A pause in typing so long asks for what fits.
const PAUSE: Duration = Duration::from_millis(250);

#[component]
pub fn PortalHome() -> impl IntoView {
    let signed_in = use_viewer().is_some();
    let typed = RwSignal::new(String::new());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let found = Action::new(|words: &String| list_own_requests(false, Some(words.clone()), None));
    let write = move |event| {
        typed.set(event_target_value(&event));
        if let Some(earlier) = waiting.try_update_value(|waiting| waiting.take()).flatten() {
            earlier.clear();
        }
        let ask = move || {
            let words = typed.get_untracked();
            if signed_in && words.trim().chars().count() >= 3 {
                found.dispatch(words);
            }
        };
        waiting.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let answers = move || {
        let fits = typed.read().trim().chars().count() >= 3;
        let list = found.value().get().and_then(Result::ok).filter(|list| fits && !list.rows.is_empty());
        list.map(|mut list| {
            list.rows.truncate(5);
            list.next = None;
            view! { <div class="answers"><p class="answers__head">"You asked this before:"</p><RequestPanel list/></div> }
        })
    };
    view! {
        <Title text="Help"/>
        <section class="hero">
            <h1>"What can we help you with?"</h1>
            <p>"Say it in a sentence. A person reads every request."</p>
            <form class="ask" method="get" action="/portal/new">
                <label class="sr-only" for="subject">"What is wrong?"</label>
                <input class="ask__field" id="subject" name="subject" maxlength="200" autocomplete="off" placeholder="My screen stays black after the update" on:input=write/>
                <button class="button button--primary button--large" type="submit">"Ask for help"</button>
            </form>
            <div class="hero__answers" aria-live="polite">{answers}</div>
        </section>
        {signed_in.then(|| view! {
            <section class="portal__section"><h2>"My open requests"</h2><Requests open=true/></section>
        })}
    }
    .into_any()
}

/// One question at a time: what it is about, then the form that knows it.
#[component]
pub fn PortalNew() -> impl IntoView {
    let query = use_query_map();
    let offer = Resource::new(|| (), |()| read_request_offer());
    view! {
        <Title text="New request"/>
        <div class="portal__column">
            <Suspense fallback=|| view! { <LoadingRows rows=4/> }>
                {move || {
                    let asked = Asked::of(&query.read());
                    Suspend::new(async move {
                        match offer.await {
                            Ok(offer) => view! { <Step asked offer/> }.into_any(),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </div>
    }
    .into_any()
}

/// What the address says of a new request.
#[derive(Clone)]
struct Asked {
    subject: String,
    /// Ids of the category and the subcategory; `other` for none of them.
    category: Option<String>,
    subcategory: Option<String>,
    error: Option<String>,
}

impl Asked {
    fn of(query: &ParamsMap) -> Self {
        Self {
            subject: query.get("subject").unwrap_or_default(),
            category: query.get("category"),
            subcategory: query.get("subcategory"),
            error: query.get("error"),
        }
    }

    fn href(&self, name: &str, value: &str) -> String {
        let mut query = ParamsMap::new();
        query.insert("subject", self.subject.clone());
        if let Some(category) = self.category.clone().filter(|_| name == "subcategory") {
            query.insert("category", category);
        }
        query.insert(name.to_owned(), value.to_owned());
        format!("/portal/new{}", query.to_query_string())
    }
}

#[component]
fn Step(asked: Asked, offer: RequestOffer) -> impl IntoView {
    let find = |id: &Option<String>, parent: Option<&Category>| {
        let is_it =
            |found: &&Category| Some(found.id.to_string()) == *id && found.parent_id == parent.map(|parent| parent.id);
        offer.categories.iter().find(is_it).cloned()
    };
    let top = find(&asked.category, None);
    let sub = top.as_ref().and_then(|top| find(&asked.subcategory, Some(top)));
    let under = |parent: Option<&Category>| {
        let id = parent.map(|parent| parent.id);
        offer.categories.iter().filter(|found| found.parent_id == id).cloned().collect::<Vec<_>>()
    };
    let (tops, subs) = (under(None), top.as_ref().map(|top| under(Some(top))).unwrap_or_default());
    if asked.category.is_none() && !tops.is_empty() {
        return view! { <h1>"What is it about?"</h1><Tiles choices=tops asked name="category"/> }.into_any();
    }
    if asked.subcategory.is_none() && !subs.is_empty() {
        return view! { <h1>"More exactly?"</h1><Tiles choices=subs asked name="subcategory"/> }.into_any();
    }
    let place: Vec<Category> = top.into_iter().chain(sub).collect();
    let trail = (!place.is_empty()).then(|| {
        let names = place.iter().map(|category| category.name.clone()).collect::<Vec<_>>().join(" › ");
        let back = Asked { category: None, subcategory: None, ..asked.clone() }.href("subject", &asked.subject);
        view! { <p class="trail">{names}" · "<A href=back attr:class="link">"Something else"</A></p> }
    });
    let wait = offer
        .usual_wait
        .map(|seconds| view! { <p class="muted">"Most people have a first answer "{within(seconds)}"."</p> });
    view! {
        <h1>"Tell us what happened"</h1>
        {trail}
        {wait}
        <RequestForm subject=asked.subject.clone() stranger=use_viewer().is_none() place offer error=asked.error.clone()/>
    }
    .into_any()
}

#[component]
fn Tiles(choices: Vec<Category>, asked: Asked, name: &'static str) -> impl IntoView {
    let tile = |label: String, text: Option<String>, value: String| {
        view! { <li><A href=asked.href(name, &value)><b>{label}</b>{text.map(|text| view! { <small>{text}</small> })}</A></li> }
    };
    let tiles =
        choices.into_iter().map(|choice| tile(choice.name, choice.description, choice.id.to_string())).collect_view();
    view! {
        {(!asked.subject.is_empty()).then(|| view! { <p class="trail">"“"{asked.subject.clone()}"”"</p> })}
        <ul class="panel tiles">{tiles}{tile("Something else".to_owned(), None, "other".to_owned())}</ul>
    }
    .into_any()
}

/// A span of time as one says it to someone who waits.
pub fn within(seconds: i64) -> String {
    match seconds {
        ..=2700 => "within an hour".to_owned(),
        2701..=72_000 => format!("within {} hours", (seconds + 1800) / 3600 + 1),
        72_001..=129_600 => "within a day".to_owned(),
        _ => format!("within {} days", (seconds + 43_200) / 86_400 + 1),
    }
}

#[component]
pub fn PortalThanks() -> impl IntoView {
    let number = use_query_map().read_untracked().get("number").filter(|number| number.len() < 30);
    view! {
        <Title text="Thank you"/>
        <div class="portal__column">
            <h1>"Thank you, we have it"</h1>
            {number.map(|number| view! { <p>"Your request is "<b class="num">{number}</b>". Keep the number: we answer by mail."</p> })}
            <p>"With an account for the same address you can follow it here."</p>
            <p class="portal__actions"><a class="button button--primary" href="/register">"Make an account"</a><a class="button" href="/portal">"Back to the start"</a></p>
        </div>
    }
    .into_any()
}

#[component]
pub fn PortalRequests() -> impl IntoView {
    view! {
        <Title text="My requests"/>
        <div class="portal__column"><h1>"My requests"</h1><Requests open=false/></div>
    }
    .into_any()
}

/// The viewer's own tickets.
#[component]
fn Requests(open: bool) -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let list = Resource::new(
        move || (query.read().get("after").filter(|_| !open), live.track()),
        move |(after, _)| list_own_requests(open, None, after),
    );
    view! {
        <Transition fallback=|| view! { <LoadingRows rows=3/> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) if list.rows.is_empty() => view! {
                        <EmptyState title="No requests" text="When you ask for help, it stands here with its answers.">
                            <A href="/portal/new" attr:class="button button--primary">"Ask for help"</A>
                        </EmptyState>
                    }.into_any(),
                    Ok(list) => view! { <RequestPanel list/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn RequestPanel(list: OwnRequests) -> impl IntoView {
    let now = list.now;
    let rows = list
        .rows
        .into_iter()
        .map(|row| {
            view! {
                <li><A href=format!("/portal/requests/{}", row.ticket_number)>
                    <b>{row.subject}</b><StatusBadge status=row.status/>
                    <small>{row.ticket_number.to_string()}" · sent "{relative(row.created_at, now)}</small>
                </A></li>
            }
        })
        .collect_view();
    view! {
        <ul class="panel">{rows}</ul>
        {list.next.map(|next| view! { <p class="pager"><A href=format!("/portal/requests?after={next}") attr:class="button">"Older"</A></p> })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_wait_is_told_in_words_and_never_too_short() {
        for (seconds, words) in [
            (0, "within an hour"),
            (2700, "within an hour"),
            (3600, "within 2 hours"),
            (5 * 3600, "within 6 hours"),
            (86_400, "within a day"),
            (3 * 86_400, "within 4 days"),
        ] {
            assert_eq!(within(seconds), words, "{seconds}");
        }
    }
}
