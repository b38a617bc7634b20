//! Where one writes: a reply or a note, with files. A plain form that scripts make better.

use crate::live::use_live;
use crate::ui::Icon;
use leptos::prelude::*;
use oxdesk::tickets::Abilities;

#[component]
pub fn Composer(
    /// Where the form is sent.
    action: String,
    may: Abilities,
    to: String,
    /// What was wrong with the last attempt, when no script runs.
    #[prop(optional_no_strip)]
    error: Option<String>,
) -> impl IntoView {
    let live = use_live();
    let progress = RwSignal::new(None::<u32>);
    let message = RwSignal::new(error);
    let submit = move |event: leptos::ev::SubmitEvent| send(&event, progress, message, live);
    view! {
        <form class="composer" method="post" action=action enctype="multipart/form-data" on:submit=submit>
            <div class="composer__tabs" role="radiogroup" aria-label="Kind">
                {may.reply.then(|| view! { <label><input type="radio" name="kind" value="reply" checked data-key="r"/>"Reply"</label> })}
                {may.note.then(|| view! { <label><input type="radio" name="kind" value="note" checked=!may.reply data-key="n"/><Icon icon=Icon::Lock/>"Note"</label> })}
                <span class="composer__to">"to "{to}</span>
            </div>
            <label class="sr-only" for="comment">"Your text"</label>
            <textarea class="composer__text" id="comment" name="comment" rows="4" required maxlength="50000" placeholder="Write…"></textarea>
            <p class="form-error composer__error" role="alert">{move || message.get()}</p>
            <div class="composer__foot">
                <label class="composer__files"><Icon icon=Icon::Clip/><span class="sr-only">"Attach files"</span><input type="file" name="files" multiple/></label>
                <progress max="100" value=move || progress.get().unwrap_or(0) hidden=move || progress.get().is_none() aria-label="Upload"></progress>
                <span class="grow"></span>
                <button class="button button--primary" type="submit" disabled=move || progress.get().is_some()>"Send"<kbd aria-hidden="true">"⌘↵"</kbd></button>
            </div>
        </form>
    }
    .into_any()
}

#[cfg(not(feature = "hydrate"))]
fn send(_: &leptos::ev::SubmitEvent, _: RwSignal<Option<u32>>, _: RwSignal<Option<String>>, _: crate::live::Live) {}

/// Sends the form with its progress shown, and empties it once the server has it.
#[cfg(feature = "hydrate")]
fn send(
    event: &leptos::ev::SubmitEvent,
    progress: RwSignal<Option<u32>>,
    message: RwSignal<Option<String>>,
    live: crate::live::Live,
) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    let Some(form) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok()) else {
        return;
    };
    message.set(None);
    progress.set(Some(0));
    let finished = move |answer: Result<String, String>, form: &web_sys::HtmlFormElement| {
        progress.set(None);
        match answer {
            Ok(_) => {
                form.reset();
                live.bump();
            }
            Err(text) => message.set(Some(text)),
        }
    };
    if super::upload::start(&form, progress, finished).is_none() {
        progress.set(None);
        message.set(Some("This could not be sent. Please reload the page.".to_owned()));
    }
}
