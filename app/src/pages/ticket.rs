//! A ticket as agents work it: the conversation, the properties beside it.

use super::composer::Composer;
use super::sign_in::{error_of, field_of};
use super::timeline::Timeline;
use crate::AppError;
use crate::functions::tickets::{Choices, NONE, UpdateTicket, read_ticket, ticket_choices};
use crate::live::use_live;
use crate::ui::{
    Avatar, DueRing, ErrorState, FallbackSubmit, Field, Icon, LoadingRows, Select, StatusBadge, SubmitButton,
    use_toasts,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::tickets::rules::next_statuses;
use oxdesk::tickets::{SUBJECT_MAX, Ticket, TicketPage, TicketPriority};

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
    let error = use_query_map().read_untracked().get("error");
    let shown = StoredValue::new(None::<Ticket>);
    offer_undo(update, shown);
    view! {
        {move || view! { <Title text=number.get()/> }}
        <Transition fallback=|| view! { <LoadingRows/> }>
            {move || {
                let error = error.clone();
                Suspend::new(async move {
                match (page.await, choices.await) {
                    (Ok(page), Ok(choices)) => view! { <Conversation page choices update shown error/> }.into_any(),
                    (Err(error), _) | (_, Err(error)) => view! { <ErrorState error/> }.into_any(),
                }
            })}}
        </Transition>
    }
    .into_any()
}

#[component]
fn Conversation(
    page: TicketPage,
    choices: Choices,
    update: ServerAction<UpdateTicket>,
    shown: StoredValue<Option<Ticket>>,
    /// What was wrong with the last answer, when no script runs.
    error: Option<String>,
) -> impl IntoView {
    let TicketPage { ticket, attachments, timeline, may, now } = page;
    shown.set_value(Some(ticket.clone()));
    let to = ticket.requester_label().to_owned();
    view! {
        <div class="ticket">
            <section class="talk" aria-label="Conversation">
                <header class="talk__head">
                    <p><span class="num">{ticket.ticket_number.to_string()}</span><StatusBadge status=ticket.status/>
                        {ticket.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view()}</p>
                    <h1>{ticket.subject.clone()}</h1>
                    {may.update.then(|| view! { <EditTicket ticket=ticket.clone() update/> })}
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

/// After each change, offers the way back to the ticket as it was shown before; says why when a change was refused.
fn offer_undo(update: ServerAction<UpdateTicket>, shown: StoredValue<Option<Ticket>>) {
    let toasts = use_toasts();
    let before = StoredValue::new(None::<Ticket>);
    Effect::new(move |_| {
        if update.pending().get() {
            before.set_value(shown.get_value());
        }
    });
    Effect::new(move |_| match update.value().get() {
        Some(Ok(())) => {
            let undo = move |()| {
                if let Some(ticket) = before.get_value() {
                    update.dispatch(restored(ticket));
                }
            };
            toasts.offer("Saved.", "Undo", Callback::new(undo));
        }
        Some(Err(error))
            if error.fields().is_none_or(|fields| !EDITED.iter().any(|name| fields.contains_key(*name))) =>
        {
            toasts.fail(refusal(&error));
        }
        _ => {}
    });
}

/// The change that makes the ticket what it was: it follows the one change that was made since.
fn restored(ticket: Ticket) -> UpdateTicket {
    UpdateTicket {
        id: ticket.id.to_string(),
        version: ticket.version + 1,
        subject: Some(ticket.subject),
        status: Some(ticket.status.to_string()),
        priority: Some(ticket.priority.to_string()),
        assigned_to_id: Some(or_none(ticket.assignee.map(|person| person.id))),
        queue_id: Some(or_none(ticket.queue.map(|queue| queue.id))),
        category: Some(ticket.category.unwrap_or_default()),
        tags: Some(ticket.tags.join(",")),
    }
}

fn or_none(id: Option<impl ToString>) -> String {
    id.map_or_else(|| NONE.to_owned(), |id| id.to_string())
}

/// Why a change was not made, for whoever made it.
fn refusal(error: &AppError) -> String {
    match error {
        AppError::Core(oxdesk::Error::Conflict { .. }) => {
            "Someone else changed this ticket meanwhile. You see its newest state now: please choose again.".to_owned()
        }
        other => other.to_string(),
    }
}

/// The fields of [`EditTicket`], which shows their errors itself.
const EDITED: [&str; 3] = ["subject", "category", "tags"];

/// What is changed seldom, behind a button: subject, category, tags. Opens without a script.
#[component]
fn EditTicket(ticket: Ticket, update: ServerAction<UpdateTicket>) -> impl IntoView {
    let error = error_of(update);
    view! {
        <details class="edit">
            <summary class="button button--ghost"><Icon icon=Icon::Pencil/>"Edit"</summary>
            <ActionForm action=update attr:class="edit__form">
                <input type="hidden" name="id" value=ticket.id.to_string()/>
                <input type="hidden" name="version" value=ticket.version.to_string()/>
                <Field name="subject" label="Subject" value=ticket.subject maxlength=SUBJECT_MAX error=field_of(error, "subject")/>
                <div class="sheet__pair">
                    <Field name="category" label="Category" value=ticket.category.unwrap_or_default() optional=true maxlength=100 error=field_of(error, "category")/>
                    <Field name="tags" label="Tags" value=ticket.tags.join(", ") optional=true hint="Separated by commas." error=field_of(error, "tags")/>
                </div>
                <SubmitButton label="Save" pending=update.pending()/>
            </ActionForm>
        </details>
    }
    .into_any()
}

/// Each choice is sent at once, with the version it was made on.
#[component]
fn Properties(ticket: Ticket, choices: Choices, may_update: bool, update: ServerAction<UpdateTicket>) -> impl IntoView {
    let error = error_of(update);
    let fields_elsewhere = |error: &AppError| EDITED.iter().any(|name| error.field(name).is_some());
    let message = move || error.get().filter(|error| !fields_elsewhere(error)).map(|error| refusal(&error));
    let statuses = std::iter::once(ticket.status)
        .chain(next_statuses(ticket.status).iter().copied())
        .map(|status| (status.to_string(), status.label().to_owned()))
        .collect();
    let priorities =
        TicketPriority::ALL.iter().rev().map(|priority| (priority.to_string(), priority.label().to_owned())).collect();
    let people = std::iter::once((NONE.to_owned(), "Nobody".to_owned()))
        .chain(choices.people.into_iter().map(|person| (person.id.to_string(), person.name)))
        .collect();
    let queues = std::iter::once((NONE.to_owned(), "No queue".to_owned()))
        .chain(choices.queues.into_iter().map(|queue| (queue.id.to_string(), queue.name)))
        .collect();
    view! {
        <ActionForm action=update attr:class="properties">
            <p class="form-error">{message}</p>
            <fieldset disabled=!may_update>
                <legend class="sr-only">"Properties"</legend>
                <input type="hidden" name="id" value=ticket.id.to_string()/>
                <input type="hidden" name="version" value=ticket.version.to_string()/>
                <Select name="status" label="Status" options=statuses selected=ticket.status.to_string() submits=true/>
                <Select name="priority" label="Priority" options=priorities selected=ticket.priority.to_string() submits=true/>
                <Select name="assigned_to_id" label="Assignee" options=people selected=or_none(ticket.assignee.map(|person| person.id)) submits=true/>
                <Select name="queue_id" label="Queue" options=queues selected=or_none(ticket.queue.map(|queue| queue.id)) submits=true/>
                <FallbackSubmit label="Save" class="button properties__save"/>
            </fieldset>
        </ActionForm>
    }
    .into_any()
}
