//! The sheet behind `?`: all keys, by place.

use super::{KEYS, Place};
use crate::ui::Dialog;
use leptos::prelude::*;

/// Whether the sheet is open.
#[derive(Clone, Copy)]
pub struct Sheet(pub RwSignal<bool>);

pub fn provide_sheet() -> Sheet {
    let sheet = Sheet(RwSignal::new(false));
    provide_context(sheet);
    sheet
}

pub fn use_sheet() -> RwSignal<bool> {
    expect_context::<Sheet>().0
}

#[component]
pub fn ShortcutSheet() -> impl IntoView {
    let open = use_sheet();
    view! {
        <Dialog open name="keys" title="Keyboard">
            <Show when=move || open.get()><div class="keys">{places()}</div></Show>
        </Dialog>
    }
    .into_any()
}

fn places() -> impl IntoView {
    let place = |place: Place| {
        let keys = KEYS
            .into_iter()
            .filter(|key| key.place == place)
            .map(|key| view! { <div><dt><kbd>{key.label}</kbd></dt><dd>{key.does}</dd></div> })
            .collect_view();
        view! { <section class="keys__place"><h3>{place.title()}</h3><dl>{keys}</dl></section> }
    };
    Place::ALL.map(place).collect_view()
}
