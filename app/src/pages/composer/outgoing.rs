//! Replies that are about to be sent, and the way to take them back.

use super::Writing;
use crate::functions::work::take_back_reply;
use crate::live::use_live;
use crate::ui::{Avatar, Icon};
use leptos::prelude::*;
use oxdesk::tickets::Outgoing;

#[component]
pub fn OutgoingReplies(replies: Vec<Outgoing>, writing: Writing) -> impl IntoView {
    if replies.is_empty() {
        return ().into_any();
    }
    let views = replies.into_iter().map(|reply| view! { <Waiting reply writing/> }).collect_view();
    view! { <div class="outgoing" role="status">{views}</div> }.into_any()
}

#[component]
fn Waiting(reply: Outgoing, writing: Writing) -> impl IntoView {
    let live = use_live();
    let id = reply.id.to_string();
    let take_back = move |_| {
        let id = id.clone();
        leptos::task::spawn_local(async move {
            match take_back_reply(id).await {
                Ok(text) => writing.add(&text, writing.node),
                Err(error) => {
                    let _ = writing.message.try_set(Some(error.to_string()));
                }
            }
            live.bump();
        });
    };
    let state = match &reply.error {
        Some(error) => format!("Not sent: {error}"),
        None => "Sending…".to_owned(),
    };
    let failed = reply.error.is_some();
    let button = reply.is_mine.then(|| {
        view! { <button type="button" class="button" on:click=take_back>{if failed { "Take back" } else { "Undo" }}</button> }
    });
    view! {
        <article class="message message--outgoing">
            <Avatar name=Some(reply.author.clone()) large=true/>
            <div>
                <header><b>{reply.author}</b><span class="muted" class:outgoing__failed=failed><Icon icon=Icon::Clock/>{state}</span>{button}</header>
                <p class="outgoing__text">{reply.body}</p>
            </div>
        </article>
    }
    .into_any()
}
