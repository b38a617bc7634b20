//! What became of a change: the way back when it was made, both versions side by side when someone else was faster.

use super::EDITED;
use crate::AppError;
use crate::functions::tickets::{NONE, UpdateTicket};
use crate::ui::use_toasts;
use leptos::prelude::*;
use oxdesk::categories::path;
use oxdesk::people::Person;
use oxdesk::tickets::{Queue, Ticket, TicketPriority, TicketStatus};

/// A change that was made on an older version of the ticket, while its maker decides.
pub type Stale = RwSignal<Option<UpdateTicket>>;

/// After each change, offers the way back to the ticket as it was shown before; says why when a change was refused.
pub fn offer_undo(update: ServerAction<UpdateTicket>, shown: StoredValue<Option<Ticket>>) -> Stale {
    let toasts = use_toasts();
    let stale = Stale::new(None);
    let before = StoredValue::new(None::<Ticket>);
    let sent = StoredValue::new(None::<UpdateTicket>);
    Effect::new(move |_| {
        if update.pending().get() {
            before.set_value(shown.get_value());
            sent.set_value(update.input().get_untracked());
        }
    });
    Effect::new(move |_| match update.value().get() {
        Some(Ok(())) => {
            stale.set(None);
            let undo = move |()| {
                if let Some(ticket) = before.get_value() {
                    update.dispatch(restored(ticket));
                }
            };
            toasts.offer("Saved.", "Undo", Callback::new(undo));
        }
        Some(Err(AppError::Core(oxdesk::Error::Conflict { .. }))) => stale.set(sent.get_value()),
        Some(Err(error))
            if error.fields().is_none_or(|fields| !EDITED.iter().any(|name| fields.contains_key(*name))) =>
        {
            toasts.fail(refusal(&error));
        }
        _ => {}
    });
    stale
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
        category: Some(ticket.category.map(|name| path(&name, ticket.subcategory.as_deref())).unwrap_or_default()),
        tags: Some(ticket.tags.join(",")),
        resolution_note: ticket.resolution_note,
        cancel_reason: ticket.cancel_reason,
    }
}

pub fn or_none(id: Option<impl ToString>) -> String {
    id.map_or_else(|| NONE.to_owned(), |id| id.to_string())
}

/// Why a change was not made, for whoever made it.
pub fn refusal(error: &AppError) -> String {
    match error {
        AppError::Core(oxdesk::Error::Conflict { .. }) => {
            "Someone else changed this ticket meanwhile. You see its newest state now: please choose again.".to_owned()
        }
        other => other.to_string(),
    }
}

/// Both texts of every field that the change would have set and that stands otherwise now.
#[component]
pub fn Conflict(
    mine: UpdateTicket,
    ticket: Option<Ticket>,
    people: Vec<Person>,
    queues: Vec<Queue>,
    stale: Stale,
    update: ServerAction<UpdateTicket>,
) -> impl IntoView {
    let Some(ticket) = ticket else { return ().into_any() };
    let rows = differences(&mine, &ticket, &people, &queues)
        .into_iter()
        .map(|(field, theirs, yours)| view! { <tr><th scope="row">{field}</th><td>{theirs}</td><td>{yours}</td></tr> })
        .collect_view();
    let version = ticket.version;
    let insist = move |_| {
        stale.set(None);
        update.dispatch(UpdateTicket { version, ..mine.clone() });
    };
    view! {
        <div class="conflict" role="alert">
            <p><b>"Someone else changed this ticket while you did."</b>" Nothing of yours is saved yet."</p>
            <table class="conflict__table">
                <thead><tr><th scope="col"><span class="sr-only">"Field"</span></th><th scope="col">"Now"</th><th scope="col">"Yours"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="conflict__acts">
                <button type="button" class="button button--primary" on:click=insist>"Use mine"</button>
                <button type="button" class="button" on:click=move |_| stale.set(None)>"Leave it as it is now"</button>
            </p>
        </div>
    }
    .into_any()
}

/// Field, what it is now, what the change would make it.
fn differences(
    mine: &UpdateTicket,
    ticket: &Ticket,
    people: &[Person],
    queues: &[Queue],
) -> Vec<(&'static str, String, String)> {
    let person = |id: &str| people.iter().find(|person| person.id.to_string() == id).map(|person| person.name.clone());
    let queue = |id: &str| queues.iter().find(|queue| queue.id.to_string() == id).map(|queue| queue.name.clone());
    let or_nobody = |name: Option<String>| name.unwrap_or_else(|| "Nobody".to_owned());
    let or_none = |name: Option<String>| name.unwrap_or_else(|| "None".to_owned());
    let status = |word: &str| word.parse().map_or_else(|_| word.to_owned(), |s: TicketStatus| s.label().to_owned());
    let priority = |word: &str| word.parse().map_or_else(|_| word.to_owned(), |p: TicketPriority| p.label().to_owned());
    let place = ticket.category.as_deref().map(|name| path(name, ticket.subcategory.as_deref())).unwrap_or_default();
    let both = [
        ("Subject", Some(ticket.subject.clone()), mine.subject.clone()),
        ("Status", Some(ticket.status.label().to_owned()), mine.status.as_deref().map(status)),
        ("Priority", Some(ticket.priority.label().to_owned()), mine.priority.as_deref().map(priority)),
        (
            "Assignee",
            Some(or_nobody(ticket.assignee.as_ref().map(|person| person.name.clone()))),
            mine.assigned_to_id.as_deref().map(|id| or_nobody(person(id))),
        ),
        (
            "Queue",
            Some(or_none(ticket.queue.as_ref().map(|queue| queue.name.clone()))),
            mine.queue_id.as_deref().map(|id| or_none(queue(id))),
        ),
        ("Category", Some(place), mine.subject.as_ref().and(mine.category.clone())),
        ("Tags", Some(ticket.tags.join(", ")), mine.subject.as_ref().and(mine.tags.clone())),
        (
            "What solved it",
            ticket.resolution_note.clone(),
            mine.resolution_note.clone().filter(|text| !text.is_empty()),
        ),
        (
            "Why it is cancelled",
            ticket.cancel_reason.clone(),
            mine.cancel_reason.clone().filter(|text| !text.is_empty()),
        ),
    ];
    let differ = |(field, theirs, yours): (&'static str, Option<String>, Option<String>)| {
        let (theirs, yours) = (theirs.unwrap_or_default(), yours?);
        (theirs != yours).then_some((field, theirs, yours))
    };
    both.into_iter().filter_map(differ).collect()
}
