//! Files of what is being written: chosen, dropped or pasted. They stand in the form's own file field; this shows which
//! they are.

use crate::ui::Icon;
use leptos::html;
use leptos::prelude::*;

/// The form's file field, and the names of what it holds.
#[derive(Clone, Copy)]
pub struct Attached {
    pub field: NodeRef<html::Input>,
    names: RwSignal<Vec<String>>,
}

impl Attached {
    pub fn new() -> Self {
        Self { field: NodeRef::new(), names: RwSignal::new(Vec::new()) }
    }

    /// Reads the field again: something was chosen, or the form was sent.
    pub fn look(self) {
        #[cfg(feature = "hydrate")]
        {
            let names = browser::files(self.field).iter().map(web_sys::File::name).collect();
            let _ = self.names.try_set(names);
        }
    }

    /// Takes what was pasted or dropped, when it is files.
    pub fn pasted(self, _event: &leptos::ev::ClipboardEvent) {
        #[cfg(feature = "hydrate")]
        if browser::add(self.field, pasted_files(_event)) {
            _event.prevent_default();
            self.look();
        }
    }

    pub fn dropped(self, _event: &leptos::ev::DragEvent) {
        #[cfg(feature = "hydrate")]
        if browser::add(self.field, _event.data_transfer()) {
            _event.prevent_default();
            self.look();
        }
    }

    fn take_away(self, _place: usize) {
        #[cfg(feature = "hydrate")]
        {
            browser::keep(self.field, |place| place != _place);
            self.look();
        }
    }
}

#[component]
pub fn Files(attached: Attached) -> impl IntoView {
    let file = move |(place, name): (usize, String)| {
        let label = format!("Take {name} away");
        view! {
            <li class="composer__file"><Icon icon=Icon::Clip/><span>{name}</span>
                <button type="button" class="button button--ghost button--icon" aria-label=label.clone() title=label on:click=move |_| attached.take_away(place)><Icon icon=Icon::Cross/></button>
            </li>
        }
    };
    view! { <ul class="composer__list" aria-label="Files">{move || attached.names.get().into_iter().enumerate().map(file).collect_view()}</ul> }.into_any()
}

#[cfg(feature = "hydrate")]
pub use browser::listed;

/// What a paste brings, unless it is text: what is copied from a table comes as a picture, too, which nobody means.
#[cfg(feature = "hydrate")]
pub fn pasted_files(event: &leptos::ev::ClipboardEvent) -> Option<web_sys::DataTransfer> {
    event.clipboard_data().filter(|brought| brought.get_data("text/plain").is_ok_and(|text| text.is_empty()))
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::html;
    use leptos::prelude::*;
    use web_sys::{DataTransfer, File, FileList};

    /// The files of a field, a paste or a drop.
    pub fn listed(list: Option<FileList>) -> Vec<File> {
        let Some(list) = list else { return Vec::new() };
        (0..list.length()).filter_map(|index| list.get(index)).collect()
    }

    pub fn files(field: NodeRef<html::Input>) -> Vec<File> {
        listed(field.get_untracked().and_then(|input| input.files()))
    }

    /// Adds the files of a paste or a drop to what the field holds; `false` when there are none.
    pub fn add(field: NodeRef<html::Input>, brought: Option<DataTransfer>) -> bool {
        let new = listed(brought.and_then(|brought| brought.files()));
        if new.is_empty() {
            return false;
        }
        put(field, files(field).into_iter().chain(new));
        true
    }

    pub fn keep(field: NodeRef<html::Input>, wanted: impl Fn(usize) -> bool) {
        let kept = files(field).into_iter().enumerate().filter(|(place, _)| wanted(*place)).map(|(_, file)| file);
        put(field, kept);
    }

    fn put(field: NodeRef<html::Input>, files: impl Iterator<Item = File>) {
        let (Some(input), Ok(transfer)) = (field.get_untracked(), DataTransfer::new()) else { return };
        for file in files {
            let _ = transfer.items().add_with_file(&file);
        }
        input.set_files(transfer.files().as_ref());
    }
}
