//! Notifications on the viewer's desktop, once they allowed it: the browser's own, shown while the page is not.

use leptos::prelude::*;
use oxdesk::notifications::Unread;

/// Asks for the permission, where it was neither given nor refused.
#[component]
pub fn AllowDesktop() -> impl IntoView {
    let asks = RwSignal::new(false);
    Effect::new(move |_| asks.set(browser::may_ask()));
    let ask = move |_| {
        browser::ask();
        asks.set(false);
    };
    view! { <button type="button" class="button button--ghost" hidden=move || !asks.get() on:click=ask>"Show them on this desktop"</button> }
        .into_any()
}

/// Shows what is new, while the viewer looks elsewhere.
pub fn show_on_desktop(unread: Resource<crate::error::Result<Unread>>) {
    Effect::new(move |before: Option<Option<String>>| {
        let before = before.flatten();
        let latest = unread.get().and_then(Result::ok)?.latest;
        let id = latest.as_ref().map(|latest| latest.id.to_string()).unwrap_or_default();
        if let Some(latest) = latest.filter(|_| before.is_some_and(|before| before < id)) {
            browser::show(&latest.title, &latest.message, latest.link);
        }
        Some(id)
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{Notification, NotificationOptions, NotificationPermission};

    fn is_known() -> bool {
        js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or_default()
    }

    pub fn may_ask() -> bool {
        is_known() && Notification::permission() == NotificationPermission::Default
    }

    pub fn ask() {
        let _ = Notification::request_permission();
    }

    pub fn show(title: &str, message: &str, link: Option<String>) {
        if !is_known() || Notification::permission() != NotificationPermission::Granted || !document().hidden() {
            return;
        }
        let options = NotificationOptions::new();
        options.set_body(message);
        // One for each ticket, the newest in place of the one before.
        options.set_tag(link.as_deref().unwrap_or(title));
        let Ok(shown) = Notification::new_with_options(title, &options) else { return };
        let open = Closure::once_into_js(move || {
            let _ = window().focus();
            if let Some(link) = link {
                let _ = window().location().set_href(&link);
            }
        });
        shown.set_onclick(Some(open.unchecked_ref()));
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    pub fn may_ask() -> bool {
        false
    }

    pub fn ask() {}

    pub fn show(_: &str, _: &str, _: Option<String>) {}
}
