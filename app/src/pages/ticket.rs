//! A ticket as agents work it: the conversation, the properties beside it.

use super::composer::Composer;
use super::sign_in::error_of;
use super::timeline::Timeline;
use crate::AppError;
use crate::functions::tickets::{Choices, UpdateTicket, read_ticket, ticket_choices};
use crate::live::use_live;
use crate::ui::{Avatar, DueRing, ErrorState, FallbackSubmit, LoadingRows, Select, StatusBadge};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::tickets::rules::next_statuses;
use oxdesk::tickets::{Ticket, TicketPage, TicketPriority};

#[component]
pub fn TicketDetail() -> impl IntoView {
    let params = use_params_map();
    let live = use_live();
    let update = ServerAction::<UpdateTicket>::new();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let page = Resource::new(
        move || (number.get(), live.track(), update.version().get()),
        |(number, _, _)| read_ticket(number),
    );
    let choices = Resource::new(|| (), |()| ticket_choices());
    view! {
        {move || view! { <Title text=number.get()/> }}
        <Transition fallback=|| view! { <LoadingRows/> }>
            {move || Suspend::new(async move {
                match (page.await, choices.await) {
                    (Ok(page), Ok(choices)) => view! { <Conversation page choices update/> }.into_any(),
                    (Err(error), _) | (_, Err(error)) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Conversation(page: TicketPage, choices: Choices, update: ServerAction<UpdateTicket>) -> impl IntoView {
    let TicketPage { ticket, attachments, timeline, may, now } = page;
    let error = use_query_map().read_untracked().get("error");
    let to = ticket.requester_label().to_owned();
    view! {
        <div class="ticket">
            <section class="talk" aria-label="Conversation">
                <header class="talk__head">
                    <p><span class="num">{ticket.ticket_number.to_string()}</span><StatusBadge status=ticket.status/>
                        {ticket.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view()}</p>
                    <h1>{ticket.subject.clone()}</h1>
                </header>
                <Timeline ticket=ticket.clone() attachments entries=timeline now with_events=true/>
                {(may.reply || may.note).then(|| view! { <Composer action=format!("/tickets/{}/comments", ticket.ticket_number) may to error/> })}
            </section>
            <aside class="side" aria-label="Properties">
                <Properties ticket=ticket.clone() choices may_update=may.update update/>
                <div class="side__due"><DueRing due_at=ticket.due_at created_at=ticket.created_at now/></div>
                <section>
                    <h2>"Requester"</h2>
                    <p class="side__person"><Avatar name=Some(ticket.requester_label().to_owned())/><b>{ticket.requester_label().to_owned()}</b></p>
                    <p class="muted side__mail">{ticket.requester_email.clone()}</p>
                </section>
            </aside>
        </div>
    }
    .into_any()
}

/// Each choice is sent at once, with the version it was made on.
#[component]
fn Properties(ticket: Ticket, choices: Choices, may_update: bool, update: ServerAction<UpdateTicket>) -> impl IntoView {
    let error = error_of(update);
    let conflict = move || matches!(error.get(), Some(AppError::Core(oxdesk::Error::Conflict { .. })));
    let message = move || {
        error.get().map(|error| {
            if conflict() {
                "Someone else changed this ticket meanwhile. You see its newest state now: please choose again."
                    .to_owned()
            } else {
                error.to_string()
            }
        })
    };
    let statuses = std::iter::once(ticket.status)
        .chain(next_statuses(ticket.status).iter().copied())
        .map(|status| (status.to_string(), status.label().to_owned()))
        .collect();
    let priorities =
        TicketPriority::ALL.iter().rev().map(|priority| (priority.to_string(), priority.label().to_owned())).collect();
    let people = std::iter::once((String::new(), "Nobody".to_owned()))
        .chain(choices.people.into_iter().map(|person| (person.id.to_string(), person.name)))
        .collect();
    let queues = std::iter::once((String::new(), "No queue".to_owned()))
        .chain(choices.queues.into_iter().map(|queue| (queue.id.to_string(), queue.name)))
        .collect();
    view! {
        <ActionForm action=update attr:class="properties">
            <p class="form-error" role="alert">{message}</p>
            <fieldset disabled=!may_update>
                <legend class="sr-only">"Properties"</legend>
                <input type="hidden" name="id" value=ticket.id.to_string()/>
                <input type="hidden" name="version" value=ticket.version.to_string()/>
                <Select name="status" label="Status" options=statuses selected=ticket.status.to_string() submits=true/>
                <Select name="priority" label="Priority" options=priorities selected=ticket.priority.to_string() submits=true/>
                <Select name="assigned_to_id" label="Assignee" options=people selected=ticket.assignee.map(|person| person.id.to_string()).unwrap_or_default() submits=true/>
                <Select name="queue_id" label="Queue" options=queues selected=ticket.queue.map(|queue| queue.id.to_string()).unwrap_or_default() submits=true/>
                <FallbackSubmit label="Save" class="button properties__save"/>
            </fieldset>
        </ActionForm>
    }
    .into_any()
}
