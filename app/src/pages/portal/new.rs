//! A new request.

use super::super::request_form::RequestForm;
use super::front::answers_of;
use super::within;
use crate::functions::ai::read_conversation;
use crate::functions::people::use_viewer;
use crate::functions::requester::{RequestOffer, read_request_offer};
use crate::functions::search::suggest_articles;
use crate::ui::{ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::categories::Category;
use oxdesk::tickets::SUBJECT_MAX;

/// One question at a time: what it is about, then the form that knows it.
#[component]
pub fn PortalNew() -> impl IntoView {
    let query = use_query_map();
    let offer = Resource::new(|| (), |()| read_request_offer());
    // What was written on the first page may be answered already; so it is without a script, too.
    let subject = Memo::new(move |_| query.read().get("subject").unwrap_or_default());
    let known = Resource::new(
        move || subject.get(),
        |subject| async move {
            if subject.trim().is_empty() {
                Vec::new()
            } else {
                suggest_articles(format!("{subject} ")).await.unwrap_or_default()
            }
        },
    );
    // What was asked before goes along with the request.
    let begun = Resource::new(
        move || query.read().get("conversation"),
        |id| async move {
            match id {
                Some(id) => read_conversation(id).await.ok(),
                None => None,
            }
        },
    );
    view! {
        <Title text="New request"/>
        <div class="portal__column">
            <Suspense fallback=|| view! { <LoadingRows rows=4/> }>
                {move || {
                    let mut asked = Asked::of(&query.read());
                    Suspend::new(async move {
                        let known = known.await;
                        match begun.await {
                            Some(begun) if asked.subject.is_empty() => {
                                let question = begun.turns.into_iter().next().map(|turn| turn.question);
                                asked.subject = question.unwrap_or_default().chars().take(SUBJECT_MAX).collect();
                            }
                            Some(_) => {}
                            None => asked.conversation = None,
                        }
                        match offer.await {
                            Ok(offer) => view! { {answers_of(known)}<Step asked offer/> }.into_any(),
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
    /// What was asked the desk before.
    conversation: Option<String>,
    /// The number of what it is about.
    asset: Option<String>,
    error: Option<String>,
}

impl Asked {
    fn of(query: &ParamsMap) -> Self {
        Self {
            subject: query.get("subject").unwrap_or_default(),
            category: query.get("category"),
            subcategory: query.get("subcategory"),
            conversation: query.get("conversation"),
            asset: query.get("asset"),
            error: query.get("error"),
        }
    }

    fn href(&self, name: &str, value: &str) -> String {
        let mut query = ParamsMap::new();
        query.insert("subject", self.subject.clone());
        if let Some(conversation) = &self.conversation {
            query.insert("conversation", conversation.clone());
        }
        if let Some(asset) = &self.asset {
            query.insert("asset", asset.clone());
        }
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
        view! { <p class="trail">{names}" · "<A href=back attr:class="link">"Change"</A></p> }
    });
    let wait = offer
        .usual_wait
        .map(|seconds| view! { <p class="muted">"Most people have a first answer "{within(seconds)}"."</p> });
    view! {
        <h1>"Tell us what happened"</h1>
        {trail}
        {wait}
        <RequestForm subject=asked.subject.clone() stranger=use_viewer().is_none() conversation=asked.conversation.clone() asset=asked.asset.clone() place offer error=asked.error.clone()/>
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
