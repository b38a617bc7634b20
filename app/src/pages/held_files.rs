//! Files of an asset or a change: a list, and a form that adds to it. Both work without scripts.

use crate::live::use_live;
use crate::ui::{Icon, QuickForm, file_link};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use oxdesk::attachments::{HeldFile, HolderKind};

/// What the reader may do with them.
#[derive(Clone, Copy)]
pub struct FileDeeds {
    pub add: bool,
    pub remove: bool,
}

pub fn held_files(kind: HolderKind, number: &str, files: Vec<HeldFile>, may: FileDeeds) -> AnyView {
    if files.is_empty() && !may.add {
        return ().into_any();
    }
    let row = |file: HeldFile| {
        let label = format!("Take {} away", file.file_name);
        let day = file.created_at.to_string().chars().take(10).collect::<String>();
        let from = file.uploaded_by.map_or_else(|| day.clone(), |by| format!("{by}, {day}"));
        let (id, link) = (file.id.to_string(), file_link(kind.file_path(file.id), file.file_name, file.file_size));
        let take = may.remove.then(|| {
            view! {
                <QuickForm endpoint="remove_attachment" class="quick--inline" done="Taken away.">
                    <input type="hidden" name="holder" value=kind.to_string()/><input type="hidden" name="id" value=id/>
                    <button type="submit" class="button button--ghost button--icon" aria-label=label.clone() title=label><Icon icon=Icon::Cross/></button>
                </QuickForm>
            }
        });
        view! { <li class="kept__row"><span class="kept__text">{link}<small>{from}</small></span>{take}</li> }
    };
    let rows = files.into_iter().map(row).collect_view();
    let form = may.add.then(|| send_form(format!("/{kind}s/{number}/attachments")));
    view! { <section aria-label="Files"><h2>"Files"</h2><ul class="kept__list">{rows}</ul>{form}</section> }.into_any()
}

fn send_form(address: String) -> AnyView {
    let hydrated = RwSignal::new(false);
    let said = RwSignal::new(String::new());
    let failed = use_query_map().read_untracked().get("error");
    let (live, to, input) = (use_live(), StoredValue::new(address.clone()), NodeRef::<html::Input>::new());
    let chosen = move || {
        #[cfg(feature = "hydrate")]
        if let Some(input) = input.get_untracked() {
            send(&input, to, said, live);
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (live, to);
    };
    Effect::new(move |_| {
        hydrated.set(true);
        // What was chosen while the page woke up.
        chosen();
    });
    view! {
        <form method="post" enctype="multipart/form-data" action=address class="held__send">
            <label for="held-files">"Add files"</label>
            <input id="held-files" node_ref=input type="file" name="file" multiple required on:change=move |_| chosen()/>
            <button class="button" type="submit" hidden=move || hydrated.get()>"Send"</button>
            <p class="form-error" role="alert">{failed}</p>
            <p class="muted" role="status">{move || said.get()}</p>
        </form>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
fn send(input: &web_sys::HtmlInputElement, to: StoredValue<String>, said: RwSignal<String>, live: crate::live::Live) {
    let Ok(form) = web_sys::FormData::new() else { return };
    let files = crate::pages::composer::listed(input.files());
    if files.is_empty() {
        return;
    }
    for file in files {
        let _ = form.append_with_blob("file", &file);
    }
    input.set_value("");
    said.set("Sending…".to_owned());
    let _ =
        crate::send::files::<Vec<oxdesk::tickets::AttachmentId>>(&to.get_value(), &form, move |answer| match answer {
            Ok(_) => {
                let _ = said.try_set(String::new());
                live.bump();
            }
            Err(error) => drop(said.try_set(error.to_string())),
        });
}
