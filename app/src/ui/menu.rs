//! A menu behind a button. The browser's own popover: it opens, closes on Escape and on a click elsewhere without a
//! script.

use leptos::prelude::*;

/// `name` is its id. The items are links and buttons of class `menu__item`.
#[component]
pub fn Menu(
    name: &'static str,
    /// What the button is called, where it shows no words.
    #[prop(optional)]
    label: Option<&'static str>,
    /// What the button shows.
    button: AnyView,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" class=format!("menu-button {class}") popovertarget=name aria-label=label title=label>{button}</button>
        <div class="menu" id=name popover="auto">{children()}</div>
    }
    .into_any()
}
