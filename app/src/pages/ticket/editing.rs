//! What is being written into the forms around a conversation: while that is so, the page stands still.

use leptos::prelude::*;

/// Whether a form is open, or has been written into. The composer does not count: what stands there outlives the page's
/// being fetched again.
#[derive(Clone, Copy)]
pub struct Editing {
    open: RwSignal<bool>,
    written: RwSignal<bool>,
}

impl Editing {
    pub fn new() -> Self {
        Self { open: RwSignal::new(false), written: RwSignal::new(false) }
    }

    pub fn is_on(self) -> Signal<bool> {
        Signal::derive(move || self.open.get() || self.written.get())
    }

    /// The page was fetched again. A form that was open still is, with what stands in it.
    pub fn refreshed(self) {
        #[cfg(feature = "hydrate")]
        request_animation_frame(move || {
            let is_open = browser::any_form_open();
            let _ = self.open.try_set(is_open);
            if !is_open {
                let _ = self.written.try_set(false);
            }
        });
    }

    /// What was written was taken: its form has done its part.
    pub fn saved(self) {
        #[cfg(feature = "hydrate")]
        browser::close_edit();
        self.open.set(false);
        self.written.set(false);
    }

    #[cfg_attr(not(feature = "hydrate"), allow(unused_variables))]
    pub fn write(self, event: &leptos::ev::Event) {
        #[cfg(feature = "hydrate")]
        if !browser::is_in_composer(event) {
            self.written.set(true);
        }
    }

    /// Something was clicked, which may have opened or closed a form: it has once the click is over.
    pub fn click(self) {
        #[cfg(feature = "hydrate")]
        request_animation_frame(move || {
            let _ = self.open.try_set(browser::any_form_open());
        });
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;

    pub fn is_in_composer(event: &leptos::ev::Event) -> bool {
        let field = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        field.is_some_and(|field| field.closest(".composer").ok().flatten().is_some())
    }

    pub fn close_edit() {
        if let Ok(Some(edit)) = document().query_selector(".ticket .edit[open]") {
            let _ = edit.remove_attribute("open");
        }
    }

    pub fn any_form_open() -> bool {
        document().query_selector(".ticket details[data-closes][open], .ticket .edit[open]").ok().flatten().is_some()
    }
}
