//! Which rows of a list are chosen, and which one has the focus: kept with their tickets when the list is shown anew.
//!
//! A list that is fetched again is written into the rows that stand there. What the browser itself knows of a row, a
//! tick and the focus, would stay at its place, and so go over to another ticket.

#[cfg(not(feature = "hydrate"))]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
pub use browser::{any_chosen, keep};

#[cfg(not(feature = "hydrate"))]
pub fn any_chosen() -> bool {
    false
}

#[cfg(not(feature = "hydrate"))]
pub fn keep(_: RwSignal<bool>) {}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{HtmlElement, HtmlInputElement};

    pub fn any_chosen() -> bool {
        document().query_selector(".row__pick:checked").ok().flatten().is_some()
    }

    /// To be called just before rows are shown anew: once they stand, the same tickets are chosen as before, as far as
    /// they are still among them, and the same one has the focus. `chosen` says whether any is.
    pub fn keep(chosen: RwSignal<bool>) {
        let ticked: Vec<_> = boxes().filter(HtmlInputElement::checked).map(|pick| pick.value()).collect();
        let focused = document().active_element().and_then(|element| {
            let row = element.closest("li").ok()??;
            Some(row.query_selector(".row__pick").ok()??.dyn_into::<HtmlInputElement>().ok()?.value())
        });
        queue_microtask(move || {
            for pick in boxes() {
                let id = pick.value();
                pick.set_checked(ticked.contains(&id));
                if focused.as_ref() == Some(&id) && !has_focus(&pick) {
                    let _ = row_of(&pick).map(|row| row.focus());
                }
            }
            let _ = chosen.try_set(any_chosen());
        });
    }

    fn boxes() -> impl Iterator<Item = HtmlInputElement> {
        let found = document().query_selector_all(".row__pick").ok();
        let count = found.as_ref().map_or(0, web_sys::NodeList::length);
        (0..count).filter_map(move |index| found.as_ref()?.item(index)?.dyn_into().ok())
    }

    /// Whether the focus is somewhere in the row of this box.
    fn has_focus(pick: &HtmlInputElement) -> bool {
        let Ok(Some(row)) = pick.closest("li") else { return false };
        row.contains(document().active_element().as_deref())
    }

    fn row_of(pick: &HtmlInputElement) -> Option<HtmlElement> {
        pick.closest("li").ok()??.query_selector(".row").ok()??.dyn_into().ok()
    }
}
