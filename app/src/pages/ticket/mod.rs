//! A ticket as agents work it: the conversation, the properties beside it.

mod about;
mod assistant;
mod conflict;
mod custom_fields;
mod deadlines;
mod editing;
mod folds;
mod presence;
mod problem;
mod properties;
mod side;

use conflict::{Conflict, Stale, offer_undo};
use editing::Editing;
use presence::{Meeting, Presence};
use properties::Properties;
use side::Side;

use super::composer::{Composer, Offers, OutgoingReplies, Writing};
use super::sign_in::{error_of, field_of};
use super::timeline::{Frames, Timeline};
use crate::AppError;
use crate::functions::tickets::{Choices, UpdateTicket, read_ticket, ticket_choices};
use crate::layout::Palette;
use crate::live::use_live;
use crate::ui::{
    CategorySelect, ErrorState, Field, FormFailure, Icon, LoadingRows, QuickForm, StatusBadge, SubmitButton, TagField,
};
use assistant::Assisting;
use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use oxdesk::categories::{Category, path};
use oxdesk::tickets::{SUBJECT_MAX, Ticket, TicketPage};

#[component]
pub fn TicketDetail() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    view! { <OneTicket number/> }
}

/// A ticket by its number: a page of its own, or beside a list.
#[component]
pub fn OneTicket(number: Memo<String>) -> impl IntoView {
    // What is being written into a form beside the conversation must not go when a colleague does something.
    let editing = Editing::new();
    let held = use_live().held_while(editing.is_on());
    let update = ServerAction::<UpdateTicket>::new();
    let page = Resource::new(
        move || (number.get(), held.track(), update.version().get()),
        move |(number, _, _)| {
            let began = held.begin();
            async move {
                let page = read_ticket(number).await;
                held.wait(began).await;
                page
            }
        },
    );
    Effect::new(move |_| {
        number.track();
        update.version().track();
        held.let_go();
        if matches!(update.value().get_untracked(), Some(Ok(()))) {
            editing.saved();
        }
    });
    let choices = Resource::new(|| (), |()| ticket_choices());
    let error = use_query_map().read_untracked().get("error");
    let shown = StoredValue::new(None::<Ticket>);
    let writing = Writing::new(error, true);
    let meeting = Meeting::new(writing);
    provide_context(Assisting::new());
    provide_context(Frames::new());
    provide_form_failure();
    let stale = offer_undo(update, shown);
    if let Some(palette) = use_context::<Palette>() {
        on_cleanup(move || palette.acts(false));
    }
    follow_merge(page, number);
    view! {
        {move || view! { <Title text=number.get()/> }}
        <p class="list__waits" role="status">{move || held.is_waiting().then(|| view! { <button type="button" class="button" on:click=move |_| held.release()>"Show what changed"</button> })}</p>
        <Transition fallback=|| view! { <LoadingRows/> }>
            {move || Suspend::new(async move {
                match (page.await, choices.await) {
                    (Ok(page), Ok(choices)) => view! { <Conversation page choices update shown stale writing meeting editing/> }.into_any(),
                    (Err(error), _) | (_, Err(error)) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// What was wrong with a form that was sent without a script stands in the address.
pub fn provide_form_failure() {
    let query = use_query_map();
    let query = query.read_untracked();
    if let (Some(path), Some(error)) = (query.get("__path"), query.get("__err")) {
        let message = ServerFnUrlError::<AppError>::decode_err(&error).to_string();
        provide_context(FormFailure { path, message });
    }
}

/// A merged ticket's number opens the ticket that it went into, under that one's own address.
fn follow_merge(page: Resource<crate::error::Result<TicketPage>>, number: Memo<String>) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let Some(Ok(shown)) = page.get() else { return };
        let shown = shown.ticket.ticket_number;
        if !number.get_untracked().eq_ignore_ascii_case(shown.as_str()) {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            navigate(&format!("/tickets/{shown}"), options);
        }
    });
}

#[component]
fn Conversation(
    page: TicketPage,
    choices: Choices,
    update: ServerAction<UpdateTicket>,
    shown: StoredValue<Option<Ticket>>,
    stale: Stale,
    writing: Writing,
    meeting: Meeting,
    editing: Editing,
) -> impl IntoView {
    editing.refreshed();
    let TicketPage { ticket, html, original, attachments, timeline, may, bench, rating, now, .. } = page;
    shown.set_value(Some(ticket.clone()));
    if may.note {
        meeting.at(ticket.id);
    }
    if let Some(palette) = use_context::<Palette>() {
        palette.remember(ticket.ticket_number.as_str(), &ticket.subject);
        palette.acts(may.reply || may.note);
    }
    let bench = bench.unwrap_or_default();
    let to = readers(&ticket, &bench.ccs);
    let (drafts, outgoing) = (bench.drafts.clone(), bench.outgoing.clone());
    let offers = Offers { macros: choices.macros.clone(), people: choices.people.clone() };
    let splits = may.update.then_some(ticket.id);
    let (people, queues) = (StoredValue::new(choices.people.clone()), StoredValue::new(choices.queues.clone()));
    view! {
        <div class="ticket" on:input=move |event| editing.write(&event) on:click=move |_| editing.click()>
            <section class="talk" aria-label="Conversation">
                <header class="talk__head">
                    <p><span class="num">{ticket.ticket_number.to_string()}</span><StatusBadge status=ticket.status/>
                        {ticket.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view()}</p>
                    <h1>{ticket.subject.clone()}</h1>
                    <Presence meeting/>
                    {may.update.then(|| view! { <EditTicket ticket=ticket.clone() categories=choices.categories.clone() update/> })}
                </header>
                {move || stale.get().map(|mine| view! { <Conflict mine ticket=shown.get_value() people=people.get_value() queues=queues.get_value() stale update/> })}
                <Notices ticket=ticket.clone() may_restore=may.delete/>
                <Timeline ticket=ticket.clone() html attachments entries=timeline now with_events=true splits mail=original/>
                <OutgoingReplies replies=outgoing writing/>
                {(may.reply || may.note).then(|| view! { <Composer action=format!("/tickets/{}/comments", ticket.ticket_number) ticket=ticket.clone() may to drafts writing offers/> })}
            </section>
            <aside class="side" aria-label="Properties">
                <Properties ticket=ticket.clone() choices=choices.clone() may_update=may.update update/>
                <Side ticket bench choices rating may now writing/>
            </aside>
        </div>
    }
    .into_any()
}

/// To whom a reply goes.
fn readers(ticket: &Ticket, ccs: &[String]) -> String {
    match ccs {
        [] => ticket.requester_label().to_owned(),
        [one] => format!("{}, cc {one}", ticket.requester_label()),
        more => format!("{}, cc {} others", ticket.requester_label(), more.len()),
    }
}

/// What one has to know before working on this ticket.
#[component]
fn Notices(ticket: Ticket, may_restore: bool) -> impl IntoView {
    let deleted = ticket.deleted.map(|deletion| {
        let why = deletion.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        view! {
            <div class="notice notice--alert" role="status">
                <Icon icon=Icon::Bin/><p>{format!("{} deleted this ticket{why}", deletion.by)}</p>
                {may_restore.then(|| view! {
                    <QuickForm endpoint="restore_ticket" class="notice__act" done="Restored.">
                        <input type="hidden" name="id" value=ticket.id.to_string()/>
                        <button class="button" type="submit">"Restore"</button>
                    </QuickForm>
                })}
            </div>
        }
    });
    let merged = ticket.merged_into_id.map(|_| view! {
        <div class="notice" role="status"><Icon icon=Icon::Merge/><p>"This ticket was merged into another that you may not see."</p></div>
    });
    let note = |title: &'static str, text: Option<String>| {
        text.map(|text| view! { <div class="notice"><Icon icon=Icon::Check/><p><b>{title}</b>" "{text}</p></div> })
    };
    view! { {deleted}{merged}{note("Solved:", ticket.resolution_note)}{note("Cancelled:", ticket.cancel_reason)} }
        .into_any()
}

/// The fields of [`EditTicket`], which shows their errors itself.
const EDITED: [&str; 3] = ["subject", "category", "tags"];

/// What is changed seldom, behind a button: subject, category, tags. Opens without a script.
#[component]
fn EditTicket(ticket: Ticket, categories: Vec<Category>, update: ServerAction<UpdateTicket>) -> impl IntoView {
    let error = error_of(update);
    let selected = ticket.category.as_deref().map(|name| path(name, ticket.subcategory.as_deref())).unwrap_or_default();
    view! {
        <details class="edit">
            <summary class="button button--ghost"><Icon icon=Icon::Pencil/>"Edit"</summary>
            <ActionForm action=update attr:class="edit__form">
                <input type="hidden" name="id" value=ticket.id.to_string()/>
                <input type="hidden" name="version" value=ticket.version.to_string()/>
                <Field name="subject" label="Subject" value=ticket.subject maxlength=SUBJECT_MAX error=field_of(error, "subject")/>
                <div class="sheet__pair">
                    <CategorySelect categories selected/>
                    <TagField value=ticket.tags.join(", ") error=field_of(error, "tags")/>
                </div>
                <SubmitButton label="Save" pending=update.pending()/>
            </ActionForm>
        </details>
    }
    .into_any()
}
