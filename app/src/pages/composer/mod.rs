//! Where one writes: a reply or a note, with files. A plain form that scripts make better: what is typed is kept on the
//! server until it is sent, and how far an upload is is shown.

mod attach;
mod drafts;
mod offers;
mod outgoing;
mod toolbar;

pub use drafts::Writing;
pub use outgoing::OutgoingReplies;
#[cfg(feature = "hydrate")]
pub use {attach::listed, attach::pasted_files, toolbar::write_around};

use crate::live::use_live;
use crate::ui::Icon;
use attach::Files;
use leptos::html;
use leptos::prelude::*;
use offers::{MacroMenu, Mentions, Preview};
use oxdesk::macros::Macro;
use oxdesk::people::Person;
use oxdesk::tickets::rules::{Side, next_statuses};
use oxdesk::tickets::{Abilities, COMMENT_MAX, Draft, Ticket, TicketStatus};
use toolbar::Toolbar;

#[component]
pub fn Composer(
    /// Where the form is sent.
    action: String,
    ticket: Ticket,
    may: Abilities,
    to: String,
    drafts: Vec<Draft>,
    writing: Writing,
    /// What agents are offered while they write.
    #[prop(optional)]
    offers: Option<Offers>,
) -> impl IntoView {
    let live = use_live();
    let node = writing.node;
    let first = !may.reply;
    writing.show(ticket.id, first, drafts.clone());
    let (macros, people) = offers.map_or((None, None), |offers| (Some(offers.macros), Some(offers.people)));
    let submit = move |event: leptos::ev::SubmitEvent| send(event, writing, live);
    let turn = move |is_internal: bool| move |_| writing.turn_to(is_internal, node);
    let attached = writing.attached;
    // Where scripts run, the files' names are listed: the field itself need not be seen.
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| {
        hydrated.set(true);
        writing.adopt();
    });
    let body = drafts.into_iter().find(|draft| draft.is_internal == first).map(|draft| draft.body);
    view! {
        <form class="composer" method="post" action=action enctype="multipart/form-data" on:submit=submit>
            <div class="composer__tabs" role="radiogroup" aria-label="Kind">
                {may.reply.then(|| view! { <label><input type="radio" name="kind" value="reply" checked data-key="r" on:change=turn(false)/>"Reply"</label> })}
                {may.note.then(|| view! { <label><input type="radio" name="kind" value="note" checked=first data-key="n" on:change=turn(true)/><Icon icon=Icon::Lock/>"Note"</label> })}
                <span class="composer__to">"to "{to}</span>
            </div>
            {move || writing.then.get().map(|then| view! { <input type="hidden" name="then" value=then.as_str()/> })}
            <label class="sr-only" for="comment">"Your text"</label>
            <textarea class="composer__text" id="comment" name="comment" rows="4" required maxlength=COMMENT_MAX placeholder="Write…" node_ref=node
                on:input=move |event| writing.typed(event_target_value(&event)) on:keydown=move |event| toolbar::pressed(&event, writing, node)
                on:paste=move |event| attached.pasted(&event) on:dragover=move |event| event.prevent_default() on:drop=move |event| attached.dropped(&event)>{body}</textarea>
            <Files attached/>
            {people.map(|people| view! { <Mentions people writing node/> })}
            {move || writing.conflict().map(|other| view! { <OtherTab other writing node/> })}
            <p class="form-error composer__error" role="alert">{move || writing.message.get()}</p>
            <div class="composer__foot">
                <label class="composer__files" class:composer__files--listed=hydrated title="Attach files"><Icon icon=Icon::Clip/><span class="sr-only">"Attach files"</span><input type="file" name="files" multiple node_ref=attached.field on:change=move |_| attached.look()/></label>
                {macros.is_some().then(|| view! { <Toolbar writing node/><Preview writing/> })}
                {macros.map(|macros| view! { <MacroMenu ticket=ticket.id macros writing node/> })}
                <progress max="100" value=move || writing.progress.get().unwrap_or(0) hidden=move || writing.progress.get().is_none() aria-label="Upload"></progress>
                <span class="composer__kept" aria-live="polite">{move || writing.kept.get()}</span>
                <span class="grow"></span>
                {may.update.then(|| endings(ticket.status, writing))}
                <button class="button button--primary" type="submit" disabled=move || writing.progress.get().is_some()>{move || writing.then.get().map_or_else(|| "Send".to_owned(), |then| format!("Send, {}", then.label().to_lowercase()))}<kbd aria-hidden="true">"⌘↵"</kbd></button>
            </div>
        </form>
    }
    .into_any()
}

/// What agents are offered while they write.
#[derive(Clone, Debug)]
pub struct Offers {
    pub macros: Vec<Macro>,
    /// Who can be mentioned.
    pub people: Vec<Person>,
}

/// Sending that also says whose turn it is, where the status machine lets an agent.
fn endings(status: TicketStatus, writing: Writing) -> impl IntoView {
    [(TicketStatus::Waiting, "Send and wait"), (TicketStatus::Resolved, "Send and resolve")]
        .into_iter()
        .filter(|(to, _)| next_statuses(status, Side::Agent).any(|next| next.to == *to))
        .map(|(to, label)| {
            let busy = move || writing.progress.get().is_some();
            view! { <button class="button composer__then" type="submit" name="then" value=to.as_str() disabled=busy>{label}</button> }
        })
        .collect_view()
}

/// Another tab, or another device, has written at the same draft.
#[component]
fn OtherTab(other: Draft, writing: Writing, node: NodeRef<html::Textarea>) -> impl IntoView {
    let (theirs, version) = (other.body.clone(), other.version);
    view! {
        <div class="composer__other" role="alert">
            <p>"You wrote this in another window:"</p>
            <blockquote>{other.body}</blockquote>
            <button class="button" type="button" on:click=move |_| writing.take_other(theirs.clone(), version, node)>"Use that"</button>
            <button class="button" type="button" on:click=move |_| writing.keep_mine(version)>"Keep what I have here"</button>
        </div>
    }
    .into_any()
}

#[cfg(not(feature = "hydrate"))]
fn send(_: leptos::ev::SubmitEvent, _: Writing, _: crate::live::Live) {}

/// Sends the form with its progress shown, and empties it once the server has it.
#[cfg(feature = "hydrate")]
fn send(event: leptos::ev::SubmitEvent, writing: Writing, live: crate::live::Live) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    let Some(form) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok()) else {
        return;
    };
    let Ok(fields) = leptos::form::form_data_from_event(&event) else { return };
    // Where it can be shown how, a reply can be taken back for a moment.
    let _ = fields.append_with_str("waits", "yes");
    writing.message.set(None);
    writing.progress.set(Some(0));
    let started = crate::send::form_with_files(&form, &fields, writing.progress, move |answer, form| {
        writing.progress.set(None);
        match answer {
            Ok(_) => {
                form.reset();
                writing.sent(form);
                live.bump();
            }
            Err(error) => writing.message.set(Some(error.to_string())),
        }
    });
    if started.is_none() {
        writing.progress.set(None);
        writing.message.set(Some("This could not be sent. Please reload the page.".to_owned()));
    }
}
