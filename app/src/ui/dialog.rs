//! A dialog over the page: the browser's own, with its focus, its Escape and its backdrop.

use super::Icon;
use leptos::html;
use leptos::prelude::*;

/// Scripts open it; what it offers must have another way for those who have none. `name` is its id.
#[component]
pub fn Dialog(open: RwSignal<bool>, name: &'static str, title: &'static str, children: Children) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let title_id = format!("{name}-title");
    let titled_by = title_id.clone();
    view! {
        <dialog class="dialog" id=name node_ref=node aria-labelledby=titled_by closedby="any" on:close=move |_| open.set(false)>
            <header class="dialog__head">
                <h2 id=title_id>{title}</h2>
                <form method="dialog"><button class="button button--ghost button--icon" aria-label="Close"><Icon icon=Icon::Cross/></button></form>
            </header>
            <div class="dialog__body">{children()}</div>
        </dialog>
    }
    .into_any()
}
