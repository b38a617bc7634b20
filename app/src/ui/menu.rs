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
        <div class="menu" id=name popover="auto" on:click=move |event| close_after_link(&event, name)>{children()}</div>
    }
    .into_any()
}

/// Closes a menu, once what it was opened for is done.
#[cfg(feature = "hydrate")]
pub fn close_menu(name: &str) {
    use wasm_bindgen::JsCast;
    let Some(menu) = document().get_element_by_id(name) else { return };
    // Refused when it is closed already.
    if let Ok(hide) = js_sys::Reflect::get(&menu, &"hidePopover".into())
        && let Ok(hide) = hide.dyn_into::<js_sys::Function>()
    {
        let _ = hide.call0(&menu);
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn close_menu(_: &str) {}

/// A link that stays on the page leaves its menu open otherwise.
#[cfg(feature = "hydrate")]
fn close_after_link(event: &leptos::ev::MouseEvent, name: &str) {
    use wasm_bindgen::JsCast;
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if target.and_then(|target| target.closest("a").ok().flatten()).is_some() {
        close_menu(name);
    }
}

#[cfg(not(feature = "hydrate"))]
fn close_after_link(_: &leptos::ev::MouseEvent, _: &str) {}
