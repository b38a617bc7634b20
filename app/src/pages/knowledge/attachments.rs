//! Files of the article that is being written: pictures for its text, and what is downloaded beside it.

use crate::functions::knowledge::remove_article_attachment;
use crate::ui::{Icon, file_link};
use leptos::html;
use leptos::prelude::*;
use oxdesk::knowledge::{ArticleAttachment, ArticleAttachmentId};

/// The files, and the text that they can be put into.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub struct Attachments {
    list: RwSignal<Vec<ArticleAttachment>>,
    /// What became of the last that were sent.
    said: RwSignal<String>,
    address: StoredValue<String>,
    text: NodeRef<html::Textarea>,
    /// Told what stands in the text when something was put there.
    typed: Callback<String>,
}

impl Attachments {
    /// Of the article with the id, or of a new one.
    pub fn new(
        id: Option<&str>,
        list: Vec<ArticleAttachment>,
        text: NodeRef<html::Textarea>,
        typed: Callback<String>,
    ) -> Self {
        let address = format!("/knowledge/{}/attachments", id.unwrap_or("new"));
        Self {
            list: RwSignal::new(list),
            said: RwSignal::new(String::new()),
            address: StoredValue::new(address),
            text,
            typed,
        }
    }

    /// Sends what was pasted into the text, when it is files, and puts it there.
    pub fn pasted(self, _event: &leptos::ev::ClipboardEvent) {
        #[cfg(feature = "hydrate")]
        if self.take(crate::pages::composer::pasted_files(_event)) {
            _event.prevent_default();
        }
    }

    pub fn dropped(self, _event: &leptos::ev::DragEvent) {
        #[cfg(feature = "hydrate")]
        if self.take(_event.data_transfer()) {
            _event.prevent_default();
        }
    }

    /// Writes it where the text is being written.
    fn put(self, _file: &ArticleAttachment) {
        #[cfg(feature = "hydrate")]
        if let Some(area) = self.text.get_untracked() {
            self.typed.run(crate::pages::composer::write_around(&area, &_file.markdown(), ""));
        }
    }

    fn remove(self, id: ArticleAttachmentId) {
        leptos::task::spawn_local(async move {
            match remove_article_attachment(id.to_string()).await {
                Ok(()) => drop(self.list.try_update(|list| list.retain(|file| file.id != id))),
                Err(error) => drop(self.said.try_set(error.to_string())),
            }
        });
    }
}

#[cfg(feature = "hydrate")]
impl Attachments {
    fn take(self, brought: Option<web_sys::DataTransfer>) -> bool {
        let files = crate::pages::composer::listed(brought.and_then(|brought| brought.files()));
        let has_files = !files.is_empty();
        if has_files {
            self.send(files, true);
        }
        has_files
    }

    fn send(self, files: Vec<web_sys::File>, into_text: bool) {
        let Ok(form) = web_sys::FormData::new() else { return };
        for file in &files {
            let _ = form.append_with_blob("file", file);
        }
        self.said.set("Sending…".to_owned());
        let _ = crate::send::files(&self.address.get_value(), &form, move |answer| match answer {
            Ok(added) => self.added(added, into_text),
            Err(error) => drop(self.said.try_set(error.to_string())),
        });
    }

    fn added(self, added: Vec<ArticleAttachment>, into_text: bool) {
        let many = added.len();
        let _ = self.said.try_set(if many == 1 { "Added.".to_owned() } else { format!("{many} files added.") });
        for file in added.iter().filter(|_| into_text) {
            self.put(file);
        }
        let _ = self.list.try_update(|list| list.extend(added));
    }
}

/// The list, and a form that adds to it; both work without scripts.
pub fn attachments(files: Attachments) -> AnyView {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let chosen = move |_event: leptos::ev::Event| {
        #[cfg(feature = "hydrate")]
        {
            let input = event_target::<web_sys::HtmlInputElement>(&_event);
            files.send(crate::pages::composer::listed(input.files()), false);
            input.set_value("");
        }
    };
    let row = move |file: ArticleAttachment| {
        let (id, name) = (file.id, file.file_name.clone());
        let (put, take) = (format!("Put {name} into the text"), format!("Take {name} away"));
        let link = file_link(file.path(), name, file.file_size);
        let removed = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            files.remove(id);
        };
        view! {
            <li>
                {link}
                <button type="button" class="button button--ghost button--icon" aria-label=put.clone() title=put hidden=move || !hydrated.get() on:click=move |_| files.put(&file)><Icon icon=Icon::Plus/></button>
                <form method="post" action="/fn/remove_article_attachment" on:submit=removed>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button type="submit" class="button button--ghost button--icon" aria-label=take.clone() title=take><Icon icon=Icon::Cross/></button>
                </form>
            </li>
        }
    };
    view! {
        <section class="kb__files" aria-labelledby="kb-files-head">
            <h2 id="kb-files-head">"Files"</h2>
            <ul class="files">{move || files.list.get().into_iter().map(row).collect_view()}</ul>
            <form method="post" enctype="multipart/form-data" action=files.address.get_value() class="kb__send">
                <label class="sr-only" for="kb-files">"Add files"</label>
                <input id="kb-files" type="file" name="file" multiple required on:change=chosen/>
                <button class="button" type="submit" hidden=move || hydrated.get()>"Add"</button>
            </form>
            <p class="field__hint" hidden=move || !hydrated.get()>"Paste a picture into the text, or drop files there."</p>
            <p class="field__hint" hidden=move || hydrated.get()>"Save the text first: adding files opens this page anew."</p>
            <p class="muted" role="status">{move || files.said.get()}</p>
        </section>
    }
    .into_any()
}
