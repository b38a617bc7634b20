//! Administration: what is arranged, and the outbox.

mod categories;
mod fields;
mod mailboxes;
mod quarantine;
mod queues;
mod teams;
mod try_message;

pub use categories::Categories;
pub use fields::Fields;
pub use mailboxes::Mailboxes;
pub use quarantine::Quarantine;
pub use queues::Queues;
pub use teams::Teams;
pub use try_message::TryMessage;

use crate::functions::arranging::{Arranged, read_arranged};
use crate::functions::people::outbox;
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use oxdesk::mail::{DeliveryState, OutboxMail};

#[component]
pub fn Admin() -> impl IntoView {
    view! {
        <Title text="Admin"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Admin"</h1></header>
            <ul class="panel">
                <li><A href="/admin/queues"><b>"Queues"</b><small>"Where tickets stand, who works there, and to whom a new one goes"</small></A></li>
                <li><A href="/admin/teams"><b>"Teams"</b><small>"People who share views"</small></A></li>
                <li><A href="/admin/categories"><b>"Categories"</b><small>"What requests are about, and which queue and priority that means"</small></A></li>
                <li><A href="/admin/fields"><b>"Fields"</b><small>"What you want to know of a ticket beside what every ticket has"</small></A></li>
                <li><A href="/macros"><b>"Macros"</b><small>"Texts and what goes with them"</small></A></li>
                <li><A href="/admin/mailboxes"><b>"Mailboxes"</b><small>"Where mail comes in and becomes tickets, and from where answers go out"</small></A></li>
                <li><A href="/admin/quarantine"><b>"Quarantine"</b><small>"Mail that was set aside, and whom nothing is sent to"</small></A></li>
                <li><A href="/admin/try-message"><b>"Try a message"</b><small>"What intake sees of a mail"</small></A></li>
                <li><A href="/admin/outbox"><b>"Outbox"</b><small>"Every mail that Oxdesk has written, newest first"</small></A></li>
            </ul>
        </div>
    }
    .into_any()
}

/// A page about something that is arranged: fetched again after each change.
fn arranged_page(
    title: &'static str,
    about: &'static str,
    show: impl Fn(Arranged) -> AnyView + Copy + Send + 'static,
) -> AnyView {
    provide_form_failure();
    let live = use_live();
    let arranged = Resource::new(move || live.track(), |_| read_arranged());
    view! {
        <Title text=title/>
        <div class="sheet">
            <header class="sheet__head"><h1>{title}</h1><p class="muted">{about}</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match arranged.await {
                        Ok(arranged) => show(arranged),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// Options of a choice: value and label, the one that is chosen marked.
fn options(choices: Vec<(String, String)>, selected: &str) -> AnyView {
    let option = |(value, label): (String, String)| {
        let chosen = value == selected;
        view! { <option value=value selected=chosen>{label}</option> }
    };
    choices.into_iter().map(option).collect_view().into_any()
}

/// One thing of a list: its name and what it is, and behind it the form that changes it.
#[component]
fn Arrangement(
    name: String,
    says: String,
    may_change: bool,
    form: AnyView,
    /// Stands under the one before it.
    #[prop(optional)]
    under: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let head = view! { <span class="arranged__name">{name.clone()}</span><small>{says}</small> };
    view! {
        <li class="arranged" class:arranged--under=under>
            {if may_change {
                view! { <details class="arranged__fold" data-closes=""><summary>{head}<Icon icon=Icon::Pencil/></summary>{form}</details> }.into_any()
            } else {
                view! { <div class="arranged__fold">{head}</div> }.into_any()
            }}
            {children.map(|children| children())}
        </li>
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

/// Where a mail is, in words.
pub fn delivery(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Waiting => "not sent yet",
        DeliveryState::Sending => "on its way",
        DeliveryState::Sent => "sent",
        DeliveryState::Failed => "not delivered",
        DeliveryState::Bounced => "came back",
        DeliveryState::Suppressed => "not sent: this address takes no mail",
    }
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
                            <span class="muted">"to "{mail.recipient}" · "{mail.created_at.local(0)}" UTC · "{delivery(mail.state)}</span>
                            {mail.last_error.map(|said| view! { <span class="mail__said">{said}</span> })}
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
