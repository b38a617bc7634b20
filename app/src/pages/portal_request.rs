//! A request as its requester sees it: a conversation.

use super::composer::Composer;
use super::timeline::Timeline;
use crate::functions::tickets::read_ticket;
use crate::live::use_live;
use crate::ui::{ErrorState, LoadingRows, StatusBadge, relative};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::tickets::{Abilities, TicketPage, TicketStatus};

#[component]
pub fn PortalRequest() -> impl IntoView {
    let params = use_params_map();
    let live = use_live();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let page = Resource::new(move || (number.get(), live.track()), |(number, _)| read_ticket(number));
    view! {
        {move || view! { <Title text=number.get()/> }}
        <Transition fallback=|| view! { <LoadingRows/> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Request page/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Request(page: TicketPage) -> impl IntoView {
    let TicketPage { ticket, attachments, timeline, may, now } = page;
    let error = use_query_map().read_untracked().get("error");
    let explanation = match ticket.status {
        TicketStatus::New => "We have it. Someone will look at it soon.",
        TicketStatus::InProgress => "We are working on it.",
        TicketStatus::Waiting => "It is your turn: please answer below.",
        TicketStatus::Resolved => "We think this is solved. If it is not, answer below.",
        TicketStatus::Closed | TicketStatus::Cancelled => "This request is closed.",
    };
    let action = format!("/portal/requests/{}/comments", ticket.ticket_number);
    // Here one only replies, whatever else one may do in the workspace.
    let may = Abilities { note: false, ..may };
    view! {
        <div class="portal__column">
            <header class="portal__request">
                <p><span class="num">{ticket.ticket_number.to_string()}</span><StatusBadge status=ticket.status/><span class="muted">"sent "{relative(ticket.created_at, now)}</span></p>
                <h1>{ticket.subject.clone()}</h1>
                <p>{explanation}</p>
            </header>
            <Timeline ticket attachments entries=timeline now/>
            {may.reply.then(|| view! { <Composer action may to="the service desk".to_owned() error/> })}
        </div>
    }
    .into_any()
}
