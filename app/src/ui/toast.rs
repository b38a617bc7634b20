//! Short messages at the edge: what was done, what the server refused, and the way to take it back.

use super::Icon;
use leptos::prelude::*;
use std::time::Duration;

/// How long a message stays. One that offers something stays longer.
const STAYS: Duration = Duration::from_secs(5);
const STAYS_WITH_OFFER: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    failed: bool,
    offer: Option<(&'static str, Callback<()>)>,
}

/// The messages that are shown now.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
}

pub fn provide_toasts() {
    provide_context(Toasts { shown: RwSignal::new(Vec::new()), last: StoredValue::new(0) });
}

pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Says what was done.
    pub fn say(self, text: impl Into<String>) {
        self.show(text.into(), false, None, STAYS);
    }

    /// Says what did not work.
    pub fn fail(self, text: impl Into<String>) {
        self.show(text.into(), true, None, STAYS_WITH_OFFER);
    }

    /// Says what was done and offers, for example, to undo it.
    pub fn offer(self, text: impl Into<String>, label: &'static str, act: Callback<()>) {
        self.show(text.into(), false, Some((label, act)), STAYS_WITH_OFFER);
    }

    fn show(self, text: String, failed: bool, offer: Option<(&'static str, Callback<()>)>, stays: Duration) {
        self.last.update_value(|last| *last = last.wrapping_add(1));
        let id = self.last.get_value();
        self.shown.update(|shown| shown.push(Toast { id, text, failed, offer }));
        set_timeout(move || self.remove(id), stays);
    }

    fn remove(self, id: u32) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where the messages stand; read out by screen readers as they come.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <ToastView text=toast.text failed=toast.failed offer=toast.offer close=Callback::new(move |()| toasts.remove(toast.id))/>
            </For>
        </div>
    }
    .into_any()
}

#[component]
pub fn ToastView(
    text: String,
    failed: bool,
    offer: Option<(&'static str, Callback<()>)>,
    close: Callback<()>,
) -> impl IntoView {
    let icon = if failed { Icon::Warning } else { Icon::Check };
    let offer = offer.map(|(label, act)| {
        let chosen = move |_| {
            act.run(());
            close.run(());
        };
        view! { <button type="button" class="toast__offer" on:click=chosen>{label}</button> }
    });
    view! {
        <div class="toast" class:toast--failed=failed>
            <Icon icon/>
            <span>{text}</span>
            {offer}
            <button type="button" class="toast__close" aria-label="Dismiss" on:click=move |_| close.run(())><Icon icon=Icon::Cross/></button>
        </div>
    }
    .into_any()
}
