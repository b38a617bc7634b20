//! A request as its requester sees it: a conversation, and what they may decide.

use super::composer::{Composer, Writing};
use super::ticket::provide_form_failure;
use super::timeline::Timeline;
use crate::functions::people::use_viewer;
use crate::functions::tickets::read_ticket;
use crate::live::use_live;
use crate::ui::{ErrorState, Icon, LoadingRows, QuickForm, StatusBadge, relative};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::tickets::rules::{Needs, Side, next_statuses};
use oxdesk::tickets::{Abilities, REASON_MAX, Ticket, TicketPage, TicketStatus};

#[component]
pub fn PortalRequest() -> impl IntoView {
    let params = use_params_map();
    let live = use_live();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let page = Resource::new(move || (number.get(), live.track()), |(number, _)| read_ticket(number));
    let writing = Writing::new(use_query_map().read_untracked().get("error"), use_viewer().is_some());
    provide_form_failure();
    view! {
        {move || view! { <Title text=number.get()/> }}
        <Transition fallback=|| view! { <LoadingRows/> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Request page writing/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Request(page: TicketPage, writing: Writing) -> impl IntoView {
    let TicketPage { ticket, html, attachments, timeline, may, now, .. } = page;
    let explanation = match ticket.status {
        TicketStatus::New => "We have it. Someone will look at it soon.",
        TicketStatus::InProgress => "We are working on it.",
        TicketStatus::Waiting => "It is your turn: please answer below.",
        TicketStatus::Resolved => "We think this is solved. Is it?",
        TicketStatus::Closed => "This request is closed.",
        TicketStatus::Cancelled => "This request was cancelled.",
    };
    let together = ticket
        .merged_into_id
        .map(|_| view! { <p class="muted">"It is handled together with another request about the same."</p> });
    let solution = ticket.resolution_note.clone().map(|note| {
        view! { <div class="notice"><Icon icon=Icon::Check/><p><b>"What solved it: "</b>{note}</p></div> }
    });
    let action = format!("/portal/requests/{}/comments", ticket.ticket_number);
    // Here one only replies, whatever else one may do in the workspace.
    let writes = Abilities { note: false, update: false, ..may };
    let guest = use_viewer().is_none().then(|| view! {
        <p class="muted">"Your link opens this request alone. "<a class="link" href="/register">"Make an account"</a>" with the same address to see all of yours."</p>
    });
    let decides = may.own && ticket.merged_into_id.is_none();
    view! {
        <div class="portal__column">
            <header class="portal__request">
                <p><span class="num">{ticket.ticket_number.to_string()}</span><StatusBadge status=ticket.status/><span class="muted">"sent "{relative(ticket.created_at, now)}</span></p>
                <h1>{ticket.subject.clone()}</h1>
                <p>{explanation}</p>
                {together}
                {guest}
                {solution}
                {decides.then(|| view! { <Decisions ticket=ticket.clone()/> })}
            </header>
            <Timeline ticket=ticket.clone() html attachments entries=timeline now/>
            {may.reply.then(|| view! { <Composer action ticket may=writes to="the service desk".to_owned() drafts=Vec::new() writing/> })}
        </div>
    }
    .into_any()
}

/// A link from a mail that no longer opens anything, or never did.
#[component]
pub fn PortalExpired() -> impl IntoView {
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    provide_form_failure();
    let (title, text) = match token.as_str() {
        "sent" => ("It is on its way", "A new link is in your mail. It works for two weeks."),
        "unknown" => {
            ("This link does not work", "Perhaps a part of it was lost. Open it from the mail again, or ask anew.")
        }
        _ => (
            "This link is too old",
            "Links in our mails work for two weeks. We can send a new one to the same address.",
        ),
    };
    let renews = (token != "sent" && token != "unknown").then(|| {
        view! {
            <QuickForm endpoint="renew_link">
                <input type="hidden" name="token" value=token/>
                <button class="button button--primary" type="submit">"Send me a new link"</button>
            </QuickForm>
        }
    });
    view! {
        <Title text=title/>
        <div class="portal__column"><h1>{title}</h1><p>{text}</p>{renews}<p class="portal__actions"><a class="button" href="/portal">"To the start"</a></p></div>
    }
    .into_any()
}

/// What the requester may decide now, by the status machine.
#[component]
fn Decisions(ticket: Ticket) -> impl IntoView {
    let mut next: Vec<_> = next_statuses(ticket.status, Side::Requester).collect();
    // What we hope for comes first.
    next.sort_by_key(|next| next.to != TicketStatus::Closed);
    let buttons = next
        .into_iter()
        // Answering does this.
        .filter(|next| ticket.status != TicketStatus::Waiting || next.to != TicketStatus::InProgress)
        .map(|next| match next.needs {
            Needs::Reason => view! { <Cancel ticket=ticket.clone()/> }.into_any(),
            _ => {
                let (label, class) = match next.to {
                    TicketStatus::Closed => ("Yes, it is solved", "button button--primary"),
                    _ => ("No, please reopen it", "button"),
                };
                view! {
                    <QuickForm endpoint="change_own_status" class="quick--inline" done="Thank you.">
                        <input type="hidden" name="id" value=ticket.id.to_string()/>
                        <input type="hidden" name="status" value=next.to.as_str()/>
                        <button class=class type="submit">{label}</button>
                    </QuickForm>
                }
                .into_any()
            }
        })
        .collect_view();
    view! { <div class="decisions">{buttons}</div> }.into_any()
}

#[component]
fn Cancel(ticket: Ticket) -> impl IntoView {
    view! {
        <details class="decisions__cancel" data-closes="">
            <summary class="button button--ghost">"I no longer need this"</summary>
            <QuickForm endpoint="change_own_status" done="Cancelled.">
                <input type="hidden" name="id" value=ticket.id.to_string()/>
                <input type="hidden" name="status" value=TicketStatus::Cancelled.as_str()/>
                <label for="cancel-reason">"Why?"</label>
                <input id="cancel-reason" name="reason" required maxlength=REASON_MAX placeholder="It works again"/>
                <button class="button" type="submit">"Cancel the request"</button>
            </QuickForm>
        </details>
    }
    .into_any()
}
