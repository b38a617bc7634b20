//! A small form that changes something beside the page's text: sent where the page stands, with its error under it.
//! Without a script it is an ordinary form, and the page comes back.

use crate::live::{Live, use_live};
use crate::ui::toast::Toasts;
use leptos::prelude::*;

/// How to take something back: a server function and its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    pub endpoint: &'static str,
    pub fields: Vec<(&'static str, String)>,
}

/// What was wrong with a form that was sent without a script: its path, and the error in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFailure {
    pub path: String,
    pub message: String,
}

#[component]
pub fn QuickForm(
    /// The server function, by its endpoint.
    endpoint: &'static str,
    #[prop(optional)] class: &'static str,
    /// Said once it is done.
    #[prop(optional)]
    done: &'static str,
    #[prop(optional_no_strip)] undo: Option<Undo>,
    children: Children,
) -> impl IntoView {
    let action = format!("/fn/{endpoint}");
    let failed = use_context::<FormFailure>().filter(|failure| failure.path == action).map(|failure| failure.message);
    let message = RwSignal::new(failed);
    let outcome = Outcome { message, done, undo, live: use_live(), toasts: use_context::<Toasts>() };
    let submit = move |event: leptos::ev::SubmitEvent| send(event, endpoint, outcome.clone());
    view! {
        <form class=format!("quick {class}") method="post" action=action on:submit=submit>
            {children()}
            <p class="form-error quick__error" role="alert">{move || message.get()}</p>
        </form>
    }
    .into_any()
}

#[derive(Clone)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
struct Outcome {
    message: RwSignal<Option<String>>,
    done: &'static str,
    undo: Option<Undo>,
    live: Live,
    toasts: Option<Toasts>,
}

#[cfg(not(feature = "hydrate"))]
fn send(_: leptos::ev::SubmitEvent, _: &'static str, _: Outcome) {}

#[cfg(feature = "hydrate")]
fn send(event: leptos::ev::SubmitEvent, endpoint: &'static str, outcome: Outcome) {
    use wasm_bindgen::JsCast;
    // A button that shows its answer in a frame sends the form by itself.
    if event.submitter().is_some_and(|button| button.has_attribute("formtarget")) {
        return;
    }
    event.prevent_default();
    let Ok(data) = leptos::form::form_data_from_event(&event) else { return };
    let Ok(fields) = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data) else { return };
    let form = event.target().and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
    outcome.message.set(None);
    let _ = crate::send::fields(endpoint, &fields, move |answer| match answer {
        Ok(next) => outcome.succeed(form, next),
        Err(error) => outcome.message.set(Some(error.to_string())),
    });
}

#[cfg(feature = "hydrate")]
impl Outcome {
    fn succeed(self, form: Option<web_sys::HtmlFormElement>, next: Option<String>) {
        if let Some(form) = form {
            form.reset();
            // What was opened to do this has done its part.
            if let Ok(Some(fold)) = form.closest("details[data-closes]") {
                let _ = fold.remove_attribute("open");
            }
        }
        self.announce();
        match next {
            // Not the router's way: what is shown may no longer exist.
            Some(next) => {
                let _ = window().location().set_href(&next);
            }
            None => self.live.bump(),
        }
    }

    fn announce(&self) {
        let Some(toasts) = self.toasts.filter(|_| !self.done.is_empty()) else { return };
        let Some(undo) = self.undo.clone() else { return toasts.say(self.done) };
        let live = self.live;
        let take_back = move |()| {
            let Ok(fields) = web_sys::UrlSearchParams::new() else { return };
            for (name, value) in &undo.fields {
                fields.append(name, value);
            }
            let _ = crate::send::fields(undo.endpoint, &fields, move |answer| match answer {
                Ok(_) => live.bump(),
                Err(error) => toasts.fail(error.to_string()),
            });
        };
        toasts.offer(self.done, "Undo", Callback::new(take_back));
    }
}
