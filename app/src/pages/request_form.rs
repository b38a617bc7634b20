//! The form with which a request is sent, signed in or not.

use crate::ui::{Field, TextArea};
use leptos::prelude::*;
use oxdesk::tickets::SUBJECT_MAX;

#[component]
pub fn RequestForm(subject: String, stranger: bool, #[prop(optional_no_strip)] error: Option<String>) -> impl IntoView {
    let progress = RwSignal::new(None::<u32>);
    let message = RwSignal::new(error);
    let submit = move |event: leptos::ev::SubmitEvent| send(&event, progress, message);
    view! {
        <form class="request-form" method="post" action="/portal/new" enctype="multipart/form-data" on:submit=submit>
            <p class="form-error" role="alert">{move || message.get()}</p>
            {stranger.then(|| view! {
                <div class="sheet__pair">
                    <Field name="requester_name" label="Your name" autocomplete="name" maxlength=200/>
                    <Field name="requester_email" label="Your e-mail" kind="email" autocomplete="email" hint="We answer to this address."/>
                </div>
            })}
            <Field name="subject" label="In a sentence" value=subject maxlength=SUBJECT_MAX/>
            <TextArea name="description" label="What happened, and what did you expect?" rows=7 maxlength=50_000/>
            <div class="field">
                <label for="files">"Files or pictures"<span class="field__optional">" optional"</span></label>
                <input id="files" type="file" name="files" multiple/>
            </div>
            <div class="request-form__trap" aria-hidden="true">
                <label for="website">"Leave this empty"</label>
                <input id="website" name="website" tabindex="-1" autocomplete="off"/>
            </div>
            <progress max="100" value=move || progress.get().unwrap_or(0) hidden=move || progress.get().is_none() aria-label="Upload"></progress>
            <button class="button button--primary button--large" type="submit" disabled=move || progress.get().is_some()>"Send the request"</button>
        </form>
    }
    .into_any()
}

#[cfg(not(feature = "hydrate"))]
fn send(_: &leptos::ev::SubmitEvent, _: RwSignal<Option<u32>>, _: RwSignal<Option<String>>) {}

#[cfg(feature = "hydrate")]
fn send(event: &leptos::ev::SubmitEvent, progress: RwSignal<Option<u32>>, message: RwSignal<Option<String>>) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    let Some(form) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok()) else {
        return;
    };
    message.set(None);
    progress.set(Some(0));
    let Ok(fields) = web_sys::FormData::new_with_form(&form) else { return };
    let _ = crate::send::form_with_files(&form, &fields, progress, move |answer, _| {
        progress.set(None);
        match answer {
            Ok(next) => {
                let _ = window().location().set_href(&next);
            }
            Err(error) => message.set(Some(error.to_string())),
        }
    });
}
