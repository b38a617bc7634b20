//! Administration. Here: the outbox.

use crate::functions::people::outbox;
use crate::ui::{EmptyState, ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use oxdesk::mail::OutboxMail;

#[component]
pub fn Admin() -> impl IntoView {
    view! {
        <Title text="Admin"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Admin"</h1></header>
            <ul class="panel">
                <li><A href="/admin/outbox"><b>"Outbox"</b><small>"Every mail that Oxdesk has written, newest first"</small></A></li>
            </ul>
        </div>
    }
    .into_any()
}

#[component]
pub fn Outbox() -> impl IntoView {
    let query = use_query_map();
    let mails = Resource::new(move || query.read().get("after"), outbox);
    view! {
        <Title text="Outbox"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Outbox"</h1><p class="muted">"Mails are written here in the moment they are caused."</p></header>
            <Suspense fallback=|| view! { <LoadingRows/> }>
                {move || Suspend::new(async move {
                    match mails.await {
                        Ok(mails) if mails.is_empty() => view! { <EmptyState title="No mail yet" text="When someone registers or a ticket is answered, the mail stands here."/> }.into_any(),
                        Ok(mails) => view! { <Mails mails/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn Mails(mails: Vec<OutboxMail>) -> impl IntoView {
    let older =
        (mails.len() == 50).then(|| mails.last().map(|mail| format!("/admin/outbox?after={}", mail.id))).flatten();
    let rows = mails
        .into_iter()
        .map(|mail| {
            view! {
                <li>
                    <details class="mail">
                        <summary>
                            <b>{mail.subject}</b>
                            <span class="muted">"to "{mail.recipient}" · "{mail.created_at.local(0)}" UTC · "{if mail.sent_at.is_some() { "sent" } else { "not sent yet" }}</span>
                        </summary>
                        <pre class="mail__body">{mail.body}</pre>
                    </details>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="panel panel--plain">{rows}</ul>
        {older.map(|href| view! { <p class="pager"><a class="button" href=href>"Older"</a></p> })}
    }
    .into_any()
}
