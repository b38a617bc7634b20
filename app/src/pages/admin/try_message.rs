//! Trying a message: what intake sees of it, and, if one likes, taking it in.

use super::options;
use super::quarantine::ReadMessage;
use crate::functions::mailing::{MailSettings, read_mail_settings, try_message};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;

const EXAMPLE: &str = "From: Vera Novak <vera@example.com>\nSubject: The printer eats paper\n\nIt did so at noon.";

#[component]
pub fn TryMessage() -> impl IntoView {
    provide_form_failure();
    let message = RwSignal::new(String::new());
    let asked = RwSignal::new(String::new());
    let read = Resource::new(
        move || asked.get(),
        |message| async move { if message.is_empty() { Ok(None) } else { try_message(message).await.map(Some) } },
    );
    let settings = Resource::new(|| (), |()| read_mail_settings());
    // Without scripts the form goes into a frame.
    let look = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        asked.set(message.get_untracked());
    };
    view! {
        <Title text="Try a message"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Try a message"</h1><p class="muted">"Drop an .eml file here, or paste a message with its head: you see what intake sees. Nothing is kept until you take it in."</p></header>
            <QuickForm endpoint="take_in_mail" class="try">
                <label for="message">"The message"</label>
                <textarea id="message" name="message" class="try__raw" rows="12" required spellcheck="false"
                    placeholder=EXAMPLE
                    prop:value=move || message.get()
                    on:input=move |event| message.set(event_target_value(&event))
                    on:dragover=move |event| event.prevent_default()
                    on:drop=move |event| drop_file(&event, message)></textarea>
                <div class="try__deeds">
                    <button class="button" type="submit" formaction="/mail-try" formtarget="tried" on:click=look>"Look"</button>
                    <Transition>{move || Suspend::new(async move { into(settings.await) })}</Transition>
                </div>
            </QuickForm>
            <noscript><iframe class="read__frame" name="tried" title="What intake sees"></iframe></noscript>
            <Transition fallback=|| view! { <LoadingRows rows=3/> }>
                {move || Suspend::new(async move {
                    match read.await {
                        Ok(None) => ().into_any(),
                        Ok(Some(mail)) => view! { <section class="try__read"><h2>"What intake sees"</h2><ReadMessage mail/></section> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// The mailbox that a message may be taken into.
fn into(settings: crate::error::Result<MailSettings>) -> AnyView {
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return view! { <ErrorState error/> }.into_any(),
    };
    if settings.mailboxes.is_empty() {
        return view! { <p class="muted">"To take it in, connect a "<a class="link" href="/admin/mailboxes">"mailbox"</a>" first."</p> }.into_any();
    }
    let mailboxes = settings.mailboxes.into_iter().map(|mailbox| (mailbox.id.to_string(), mailbox.name)).collect();
    view! {
        <span class="grow"></span>
        <label for="into">"Into"</label>
        <select id="into" name="mailbox">{options(mailboxes, "")}</select>
        <button class="button button--primary" type="submit">"Take it in"</button>
    }
    .into_any()
}

/// Reads a file that was dropped, as text.
#[cfg(feature = "hydrate")]
fn drop_file(event: &web_sys::DragEvent, message: RwSignal<String>) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) else { return };
    event.prevent_default();
    let Ok(reader) = web_sys::FileReader::new() else { return };
    let read = reader.clone();
    let done = Closure::once_into_js(move || {
        if let Some(text) = read.result().ok().and_then(|text| text.as_string()) {
            message.set(text);
        }
    });
    reader.set_onload(Some(done.unchecked_ref()));
    let _ = reader.read_as_text(&file);
}

#[cfg(not(feature = "hydrate"))]
fn drop_file(_: &leptos::ev::DragEvent, _: RwSignal<String>) {}
