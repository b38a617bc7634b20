//! What is suggested beside a ticket: what its fields may be, and what a model drafts. Nothing of it happens by itself.

use super::super::composer::Writing;
use crate::functions::ai::draft_text;
use crate::ui::QuickForm;
use leptos::prelude::*;
use oxdesk::ai::{Tone, Triage};
use oxdesk::categories::Category;
use oxdesk::tickets::{Queue, Ticket, TicketId};

/// What solved tickets like it have: each taken with a click, or none.
#[component]
pub fn Suggested(ticket: Ticket, triage: Triage, categories: Vec<Category>, queues: Vec<Queue>) -> impl IntoView {
    let (id, version) = (ticket.id.to_string(), ticket.version.to_string());
    // Only what could be chosen by hand.
    let category = triage.category.filter(|(name, below)| {
        oxdesk::categories::place(&categories, Some(name), below.as_deref()).category.as_ref() == Some(name)
    });
    let queue = triage.queue.filter(|(id, _)| queues.iter().any(|queue| queue.id == *id));
    let offer = |what: &'static str, shown: String, fields: Vec<(&'static str, String)>| {
        let (id, version) = (id.clone(), version.clone());
        // Not the name of the field itself, which is another control.
        let label = format!("Take “{shown}”");
        let fields = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        view! {
            <li>
                <span><span class="muted">{what}</span>" "<b>{shown}</b></span>
                <QuickForm endpoint="accept_triage" done="Taken.">
                    <input type="hidden" name="id" value=id/><input type="hidden" name="version" value=version/>
                    {fields.collect_view()}
                    <button class="button" type="submit" aria-label=label>"Take"</button>
                </QuickForm>
            </li>
        }
        .into_any()
    };
    let mut offers = Vec::new();
    if let Some((name, below)) = category {
        let shown = below.as_ref().map_or_else(|| name.clone(), |below| format!("{name} / {below}"));
        let mut fields = vec![("category", name)];
        fields.extend(below.map(|below| ("subcategory", below)));
        offers.push(offer("Category", shown, fields));
    }
    if let Some((queue, name)) = queue {
        offers.push(offer("Queue", name, vec![("queue_id", queue.to_string())]));
    }
    if let Some(priority) = triage.priority {
        offers.push(offer("Priority", priority.label().to_owned(), vec![("priority", priority.to_string())]));
    }
    let of = triage.of;
    (!offers.is_empty())
        .then(|| {
            let id = id.clone();
            view! {
                <section class="known suggested" aria-label="Suggested">
                    <h2>"Suggested"</h2>
                    <p class="muted">{format!("By {of} solved tickets like it.")}</p>
                    <ul>{offers}</ul>
                    <QuickForm endpoint="dismiss_triage" done="Nothing more is suggested for it.">
                        <input type="hidden" name="id" value=id/>
                        <button class="button button--ghost" type="submit">"No, thank you"</button>
                    </QuickForm>
                </section>
            }
            .into_any()
        })
        .into_any()
}

/// What is asked of the model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Summary,
    Reply,
    Translation,
}

impl Wanted {
    fn word(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Reply => "reply",
            Self::Translation => "translation",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Reply => "Drafted reply",
            Self::Translation => "Translation",
        }
    }
}

/// Has the composer write a note, as a click does; false where there is no such choice.
#[cfg(feature = "hydrate")]
fn turn_to_note() -> bool {
    use wasm_bindgen::JsCast;
    let choice = document().query_selector("input[name=kind][value=note]").ok().flatten();
    let choice = choice.and_then(|choice| choice.dyn_into::<web_sys::HtmlElement>().ok());
    choice.inspect(web_sys::HtmlElement::click).is_some()
}

#[cfg(not(feature = "hydrate"))]
fn turn_to_note() -> bool {
    false
}

/// What was drafted, and what is asked for: it stays while the ticket around it is shown anew.
#[derive(Clone, Copy)]
pub struct Assisting {
    tone: RwSignal<String>,
    language: RwSignal<String>,
    busy: RwSignal<Option<Wanted>>,
    message: RwSignal<Option<String>>,
    /// Of which ticket, what, and its text.
    draft: RwSignal<Option<(TicketId, Wanted, String)>>,
}

impl Assisting {
    pub fn new() -> Self {
        Self {
            tone: RwSignal::new(Tone::Friendly.word().to_owned()),
            language: RwSignal::new("English".to_owned()),
            busy: RwSignal::new(None),
            message: RwSignal::new(None),
            draft: RwSignal::new(None),
        }
    }
}

/// A summary, a drafted reply or a translation, to be put into the answer or dropped. It is made by a script, because it is
/// waited for beside other work.
#[component]
pub fn Assistant(id: TicketId, writing: Writing) -> impl IntoView {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let Assisting { tone, language, busy, message, draft } = use_context::<Assisting>().unwrap_or_else(Assisting::new);
    let ask = move |wanted: Wanted| {
        if busy.get_untracked().is_some() {
            return;
        }
        busy.set(Some(wanted));
        message.set(None);
        let (tone, language) = (tone.get_untracked(), language.get_untracked());
        leptos::task::spawn_local(async move {
            let made = draft_text(id.to_string(), wanted.word().to_owned(), Some(tone), Some(language)).await;
            let _ = busy.try_set(None);
            match made {
                Ok(text) => drop(draft.try_set(Some((id, wanted, text)))),
                Err(error) => drop(message.try_set(Some(error.to_string()))),
            }
        });
    };
    let waits = move || busy.get().is_some();
    let chosen = tone.get_untracked();
    let option =
        |tone: Tone| view! { <option value=tone.word() selected=tone.word() == chosen>{tone.label()}</option> };
    let tones = Tone::ALL.into_iter().map(option).collect_view();
    let shown = move || {
        draft.get().filter(|(of, ..)| *of == id).map(|(_, wanted, text)| {
            let taken = text.clone();
            // A summary knows what stands in notes: it goes nowhere else.
            let is_summary = wanted == Wanted::Summary;
            let put = move |_| {
                if is_summary && !turn_to_note() {
                    message.set(Some("You may not write notes here.".to_owned()));
                    return;
                }
                writing.add(&taken, writing.node);
                draft.set(None);
            };
            let label = if is_summary { "Put it into a note" } else { "Put it into the answer" };
            view! {
                <div class="assistant__draft">
                    <h3>{wanted.title()}</h3>
                    <p class="assistant__text" tabindex="0" role="region" aria-label=wanted.title()>{text}</p>
                    <p class="assistant__deeds">
                        <button type="button" class="button" on:click=put>{label}</button>
                        <button type="button" class="button button--ghost" on:click=move |_| draft.set(None)>"Drop it"</button>
                    </p>
                </div>
            }
        })
    };
    view! {
        <section class="known assistant" aria-label="Assistant" hidden=move || !hydrated.get()>
            <h2>"Assistant"</h2>
            <div class="assistant__row"><button type="button" class="button" disabled=waits on:click=move |_| ask(Wanted::Summary)>"Sum up"</button></div>
            <div class="assistant__row">
                <button type="button" class="button" disabled=waits on:click=move |_| ask(Wanted::Reply)>"Draft a reply"</button>
                <label class="sr-only" for="assistant-tone">"Tone"</label>
                <select id="assistant-tone" on:change=move |event| tone.set(event_target_value(&event))>{tones}</select>
            </div>
            <div class="assistant__row">
                <button type="button" class="button" disabled=waits on:click=move |_| ask(Wanted::Translation)>"Translate the last"</button>
                <label class="sr-only" for="assistant-language">"Into the language"</label>
                <input id="assistant-language" maxlength="40" value="English" prop:value=move || language.get() on:input=move |event| language.set(event_target_value(&event))/>
            </div>
            <p class="muted" role="status">{move || waits().then_some("The model writes…")}</p>
            <p class="form-error" role="alert">{move || message.get()}</p>
            {shown}
        </section>
    }
    .into_any()
}
