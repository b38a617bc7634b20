//! One change to several tickets of a list: shown once one is chosen.

use crate::functions::tickets::{Choices, NONE, refusals, update_tickets};
use crate::functions::work::act_on_row;
use crate::live::use_live;
use crate::ui::{FormFailure, use_toasts};
use leptos::prelude::*;
use oxdesk::tickets::{BulkOutcome, TicketPriority, TicketStatus};

/// So many are sent at once: the bar tells how far it is.
const CHUNK: usize = 20;

/// What became of the last change: outlives the list's being fetched again.
#[derive(Clone, Copy)]
pub struct BulkState {
    message: RwSignal<Option<String>>,
    progress: RwSignal<Option<(usize, usize)>>,
}

impl BulkState {
    pub fn new() -> Self {
        let failed = use_context::<FormFailure>().filter(|failure| failure.path == "/fn/update_tickets");
        Self { message: RwSignal::new(failed.map(|failure| failure.message)), progress: RwSignal::new(None) }
    }
}

/// The form around a list's rows: their boxes belong to it.
#[component]
pub fn BulkForm(choices: Choices, state: BulkState, children: Children) -> impl IntoView {
    let BulkState { message, progress } = state;
    let (live, toasts) = (use_live(), use_toasts());
    let submit = move |event: leptos::ev::SubmitEvent| {
        if let Some(act) = row_act(&event) {
            leptos::task::spawn_local(async move {
                match act_on_row(act).await {
                    Ok(()) => toasts.say("Done."),
                    Err(error) => toasts.fail(error.to_string()),
                }
                live.bump();
            });
            return;
        }
        let Some(change) = change(&event) else { return };
        message.set(None);
        leptos::task::spawn_local(async move {
            let (total, mut outcome) = (change.ids.len(), BulkOutcome::default());
            for ids in change.ids.chunks(CHUNK) {
                let _ = progress.try_set(Some((outcome.changed + outcome.refused.len(), total)));
                let Change { status, priority, assigned_to_id, queue_id, said, .. } = change.clone();
                match update_tickets(Some(ids.to_vec()), status, priority, assigned_to_id, queue_id, said).await {
                    Ok(part) => {
                        outcome.changed += part.changed;
                        outcome.refused.extend(part.refused);
                    }
                    Err(error) => {
                        let _ = message.try_set(Some(error.to_string()));
                        break;
                    }
                }
            }
            let _ = progress.try_set(None);
            if !outcome.refused.is_empty() {
                let _ = message.try_set(Some(refusals(&outcome)));
            } else if outcome.changed > 0 {
                let plural = if outcome.changed == 1 { "ticket" } else { "tickets" };
                toasts.say(format!("{} {plural} changed.", outcome.changed));
                let _ = message.try_set(None);
                unchoose();
            }
            live.bump();
        });
    };
    let done = move || progress.get().map(|(done, total)| format!("{done} of {total}"));
    view! {
        <form class="bulk" id="bulk" method="post" action="/fn/update_tickets" on:submit=submit>
            {children()}
            <div class="bulk__bar" role="region" aria-label="Change the chosen tickets">
                <p class="form-error bulk__error" role="alert">{move || message.get()}</p>
                <div class="bulk__row">{fields(choices)}
                    <button class="button button--primary" type="submit" disabled=move || progress.get().is_some()>"Change them"</button>
                    <span class="bulk__done" role="status">{done}</span>
                </div>
            </div>
        </form>
    }
    .into_any()
}

fn fields(choices: Choices) -> impl IntoView {
    let option = |(value, label): (String, String)| view! { <option value=value>{label}</option> };
    let statuses = TicketStatus::ALL.iter().map(|status| (status.to_string(), status.label().to_owned()));
    let priorities =
        TicketPriority::ALL.iter().rev().map(|priority| (priority.to_string(), priority.label().to_owned()));
    let people = choices.people.into_iter().map(|person| (person.id.to_string(), person.name));
    let people = std::iter::once((NONE.to_owned(), "Nobody".to_owned())).chain(people);
    let queues = choices.queues.into_iter().map(|queue| (queue.id.to_string(), queue.name));
    let queues = std::iter::once((NONE.to_owned(), "No queue".to_owned())).chain(queues);
    let choice = |name: &'static str, label: &'static str, options: Vec<(String, String)>| {
        view! { <select name=name aria-label=label><option value="">{label}"…"</option>{options.into_iter().map(option).collect_view()}</select> }
    };
    view! {
        {choice("assigned_to_id", "Assign", people.collect())}
        {choice("status", "Status", statuses.collect())}
        {choice("priority", "Priority", priorities.collect())}
        {choice("queue_id", "Queue", queues.collect())}
        <input class="bulk__said" name="said" maxlength="1000" aria-label="What solved it, or why it is cancelled" placeholder="What solved it, or why it is cancelled"/>
    }
}

#[derive(Clone, Default)]
struct Change {
    ids: Vec<String>,
    status: Option<String>,
    priority: Option<String>,
    assigned_to_id: Option<String>,
    queue_id: Option<String>,
    said: Option<String>,
}

#[cfg(not(feature = "hydrate"))]
fn change(_: &leptos::ev::SubmitEvent) -> Option<Change> {
    Some(Change::default())
}

#[cfg(not(feature = "hydrate"))]
fn unchoose() {}

#[cfg(not(feature = "hydrate"))]
fn row_act(_: &leptos::ev::SubmitEvent) -> Option<String> {
    None
}

/// The button of a single row, if it was one that was pressed.
#[cfg(feature = "hydrate")]
fn row_act(event: &leptos::ev::SubmitEvent) -> Option<String> {
    use wasm_bindgen::JsCast;
    let button = event.submitter()?.dyn_into::<web_sys::HtmlButtonElement>().ok()?;
    (button.name() == "act").then(|| {
        event.prevent_default();
        button.value()
    })
}

#[cfg(feature = "hydrate")]
fn change(event: &leptos::ev::SubmitEvent) -> Option<Change> {
    event.prevent_default();
    let data = leptos::form::form_data_from_event(event).ok()?;
    let field = |name: &str| data.get(name).as_string().filter(|text| !text.is_empty());
    let ids = data.get_all("ids[]").iter().filter_map(|id| id.as_string()).collect();
    Some(Change {
        ids,
        status: field("status"),
        priority: field("priority"),
        assigned_to_id: field("assigned_to_id"),
        queue_id: field("queue_id"),
        said: field("said"),
    })
}

/// The form as it was: nothing chosen.
#[cfg(feature = "hydrate")]
fn unchoose() {
    use wasm_bindgen::JsCast;
    let form = document().get_element_by_id("bulk").and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let Some(form) = form {
        form.reset();
    }
}
