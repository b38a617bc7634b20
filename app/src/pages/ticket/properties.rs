//! What a ticket is, beside its conversation: status, priority, assignee, queue.

use super::EDITED;
use super::conflict::{or_none, refusal};
use crate::AppError;
use crate::functions::tickets::{Choices, NONE, UpdateTicket};
use crate::pages::sign_in::error_of;
use crate::ui::{FallbackSubmit, Select};
use leptos::prelude::*;
use oxdesk::tickets::rules::{Needs, Side, next_statuses};
use oxdesk::tickets::{REASON_MAX, RESOLUTION_MAX, Ticket, TicketPriority};

/// Each choice is sent at once, with the version it was made on; what has to be said first is asked for in its place.
#[component]
pub fn Properties(
    ticket: Ticket,
    choices: Choices,
    may_update: bool,
    update: ServerAction<UpdateTicket>,
) -> impl IntoView {
    let error = error_of(update);
    let fields_elsewhere = |error: &AppError| EDITED.iter().any(|name| error.field(name).is_some());
    // Where scripts run, both versions are shown side by side instead.
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let shown_elsewhere = move |error: &AppError| {
        fields_elsewhere(error) || (hydrated.get() && matches!(error, AppError::Core(oxdesk::Error::Conflict { .. })))
    };
    let message = move || error.get().filter(|error| !shown_elsewhere(error)).map(|error| refusal(&error));
    let next: Vec<_> = next_statuses(ticket.status, Side::Agent).collect();
    let asks =
        next.iter().filter(|next| matches!(next.needs, Needs::Note | Needs::Reason)).map(|next| next.to.to_string());
    let asks: Vec<_> = asks.collect();
    let statuses = std::iter::once(ticket.status)
        .chain(next.iter().map(|next| next.to))
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
            <p class="form-error" role="alert">{message}</p>
            <fieldset disabled=!may_update>
                <legend class="sr-only">"Properties"</legend>
                <input type="hidden" name="id" value=ticket.id.to_string()/>
                <input type="hidden" name="version" value=ticket.version.to_string()/>
                <Select name="status" label="Status" options=statuses selected=ticket.status.to_string() submits=true asks/>
                <Said class="said said--note" name="resolution_note" label="What solved it?" hint="The requester reads this." text=ticket.resolution_note max=RESOLUTION_MAX/>
                <Said class="said said--reason" name="cancel_reason" label="Why is it cancelled?" hint="The requester reads this." text=ticket.cancel_reason max=REASON_MAX/>
                <Select name="priority" label="Priority" options=priorities selected=ticket.priority.to_string() submits=true/>
                <Select name="assigned_to_id" label="Assignee" options=people selected=or_none(ticket.assignee.map(|person| person.id)) submits=true/>
                <Select name="queue_id" label="Queue" options=queues selected=or_none(ticket.queue.map(|queue| queue.id)) submits=true/>
                <FallbackSubmit label="Save" class="button properties__save"/>
            </fieldset>
        </ActionForm>
    }
    .into_any()
}

/// What a status needs to be said. The style sheet shows it while that status is chosen.
#[component]
fn Said(
    class: &'static str,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    text: Option<String>,
    max: usize,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class=class>
            <label for=name>{label}</label>
            <textarea id=name name=name rows="3" maxlength=max aria-describedby=hint_id.clone()>{text}</textarea>
            <p class="field__hint" id=hint_id>{hint}</p>
            <button class="button button--primary" type="submit">"Save"</button>
        </div>
    }
    .into_any()
}
