//! Every mail that Oxdesk has written, and what became of it.

use crate::functions::mailing::list_outbox;
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use oxdesk::mail::{DeliveryState, OutboxMail};

#[component]
pub fn Outbox() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let mails = Resource::new(move || (live.track(), query.read().get("after")), |(_, after)| list_outbox(after));
    view! {
        <Title text="Outbox"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Outbox"</h1><p class="muted">"Mails are written here in the moment they are caused."</p></header>
            <Transition fallback=|| view! { <LoadingRows/> }>
                {move || Suspend::new(async move {
                    match mails.await {
                        Ok(mails) if mails.is_empty() => view! { <EmptyState title="No mail yet" text="When someone registers or a ticket is answered, the mail stands here."/> }.into_any(),
                        Ok(mails) => view! { <Mails mails/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// Where a mail is, in words.
fn delivery(state: DeliveryState) -> &'static str {
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
                    {mail.is_stuck.then(|| view! {
                        <QuickForm endpoint="send_mail_again" class="mail__again" done="It is on its way.">
                            <input type="hidden" name="id" value=mail.id.to_string()/>
                            <button class="button" type="submit">"Send it now"</button>
                        </QuickForm>
                    })}
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
