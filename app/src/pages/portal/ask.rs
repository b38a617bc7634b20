//! A question, and what answers it: passages of articles, and where a model is named, what it makes of them.
//!
//! These pages do without the program: the page's script (`late.js`) shows an answer while it is written.

use crate::functions::ai::{Passages, find_passages, read_conversation};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use oxdesk::ai::{Conversation, QUESTION_MAX, ShownPassage, Turn, TurnState};

/// Any question, of anyone, in the address.
#[component]
pub fn PortalAsk() -> impl IntoView {
    provide_form_failure();
    let query = use_query_map();
    let question = Memo::new(move |_| {
        let query = query.read();
        query.get("q").or_else(|| query.get("subject")).unwrap_or_default()
    });
    let found = Resource::new(move || question.get(), find_passages);
    view! {
        <Title text="Ask"/>
        <Meta name="robots" content="noindex"/>
        <div class="portal__column" data-plain="">
            <h1>"Ask"</h1>
            <Suspense fallback=|| view! { <LoadingRows rows=4/> }>
                {move || {
                    let question = question.get();
                    Suspend::new(async move {
                        match found.await {
                            Ok(found) => answered(question, found),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </div>
    }
    .into_any()
}

fn answered(question: String, found: Passages) -> AnyView {
    let Passages { passages, signed_in, is_answering } = found;
    let field = if signed_in {
        question_form("Ask", question.clone(), None)
    } else {
        view! {
            <form class="ask ask--small" method="get" action="/portal/ask">
                <label class="sr-only" for="question">"Your question"</label>
                <input class="ask__field" id="question" name="q" maxlength=QUESTION_MAX value=question.clone() placeholder="My screen stays black after the update"/>
                <button class="button button--primary" type="submit">"Ask"</button>
            </form>
        }
        .into_any()
    };
    if question.trim().is_empty() {
        let who = if is_answering {
            "A model answers from our articles, and says which."
        } else {
            "You are shown what our articles say about it."
        };
        return view! { {field}<p class="muted">{who}" A person reads every request that you send."</p> }.into_any();
    }
    let onward = request_link(&[("subject", question.as_str())]);
    let answer = if passages.is_empty() { nothing() } else { passages_of(passages, false) };
    view! { {field}<section class="turn" aria-label="What our articles say">{answer}</section>{onward} }.into_any()
}

/// What someone asked, one question after the other.
#[component]
pub fn PortalConversation() -> impl IntoView {
    provide_form_failure();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let conversation = Resource::new(move || id.get(), read_conversation);
    // An answer is shown as it comes by the page's own script, which a page within the program does not have.
    Effect::new(move |_| {
        let is_waited_for = |turn: &Turn| matches!(turn.state, TurnState::Waiting | TurnState::Writing);
        let waits = conversation.get().and_then(Result::ok).is_some_and(|found| found.turns.iter().any(is_waited_for));
        if waits {
            let _ = window().location().reload();
        }
    });
    view! {
        <Title text="Your question"/>
        <div class="portal__column" data-plain="">
            <h1>"Ask"</h1>
            <Suspense fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match conversation.await {
                        Ok(conversation) => shown(conversation),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn shown(conversation: Conversation) -> AnyView {
    let id = conversation.id.to_string();
    let turns = conversation.turns.into_iter().map(turn).collect_view();
    let onward = match &conversation.ticket {
        Some(number) => {
            let number = number.to_string();
            view! { <p class="turn__onward">"It became your request "<a class="link" href=format!("/portal/requests/{number}") rel="external">{number.clone()}</a>"."</p> }.into_any()
        }
        None => request_link(&[("conversation", id.as_str())]),
    };
    let further = (conversation.ticket.is_none() && !conversation.is_full)
        .then(|| question_form("Ask on", String::new(), Some(id)));
    view! { {turns}{further}{onward}<p class="turn__onward"><a class="link" href="/portal/ask" rel="external">"Ask something else"</a></p> }.into_any()
}

fn turn(turn: Turn) -> AnyView {
    let Turn { id, question, passages, answer, state } = turn;
    let has_answer = answer.is_some();
    let address = format!("/portal/ask/answers/{id}");
    let said = match (answer, state) {
        (Some(html), _) => view! { <div class="turn__answer kb__text" inner_html=html></div> }.into_any(),
        (None, TurnState::Waiting | TurnState::Writing) => view! {
            <div class="turn__answer kb__text" data-answer=address.clone() aria-live="polite" aria-busy="true"><p class="turn__writing">"…"</p></div>
            <noscript><p><a class="button" href=address>"Show the answer in words"</a></p></noscript>
        }
        .into_any(),
        (None, TurnState::Unknown) => view! { <p class="turn__unknown">"I don't know: our articles do not say."</p> }.into_any(),
        (None, TurnState::Failed) => view! { <p class="turn__unknown">"No answer in words came. This is what our articles say:"</p> }.into_any(),
        (None, _) if passages.is_empty() => nothing(),
        (None, _) => ().into_any(),
    };
    let sources = (!passages.is_empty()).then(|| passages_of(passages, has_answer));
    view! { <section class="turn"><h2 class="turn__question">{question}</h2>{said}{sources}</section> }.into_any()
}

/// What was found, with where it stands; the sources of an answer are folded away.
fn passages_of(passages: Vec<ShownPassage>, are_sources: bool) -> AnyView {
    let passage = |passage: ShownPassage| {
        let ShownPassage { number, title, path, html, is_cited } = passage;
        view! {
            <li class="passage" class:passage--cited=is_cited>
                <p class="passage__head"><span class="passage__number">{number}</span>" "<a class="link" href=path rel="external">{title}</a></p>
                <div class="passage__text kb__text" inner_html=html></div>
            </li>
        }
    };
    let list = view! { <ol class="passages">{passages.into_iter().map(passage).collect_view()}</ol> };
    match are_sources {
        true => {
            view! { <details class="turn__sources"><summary>"From these articles"</summary>{list}</details> }.into_any()
        }
        false => list.into_any(),
    }
}

fn nothing() -> AnyView {
    view! { <p class="turn__unknown">"Our articles do not say. A person will: send it as a request."</p> }.into_any()
}

/// A plain form: its answer is a whole new page.
fn question_form(label: &'static str, question: String, conversation: Option<String>) -> AnyView {
    let hint = if conversation.is_some() { "Ask on…" } else { "My screen stays black after the update" };
    let failed = use_context::<crate::ui::FormFailure>().filter(|failure| failure.path == "/fn/ask_desk");
    view! {
        <form class="ask ask--small" method="post" action="/fn/ask_desk">
            {conversation.map(|id| view! { <input type="hidden" name="conversation" value=id/> })}
            <label class="sr-only" for="question">"Your question"</label>
            <input class="ask__field" id="question" name="question" required maxlength=QUESTION_MAX value=question autocomplete="off" placeholder=hint/>
            <button class="button button--primary" type="submit">{label}</button>
        </form>
        {failed.map(|failure| view! { <p class="form-error" role="alert">{failure.message}</p> })}
    }
    .into_any()
}

/// A person is always a step away.
fn request_link(fields: &[(&'static str, &str)]) -> AnyView {
    let mut query = ParamsMap::new();
    for (name, value) in fields {
        // What a subject can hold.
        query.insert(*name, value.chars().take(200).collect::<String>());
    }
    let href = format!("/portal/new{}", query.to_query_string());
    view! { <p class="turn__onward">"Not what you need? "<a class="button" href=href rel="external">"Make it a request"</a></p> }.into_any()
}
