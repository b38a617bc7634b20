//! The keys: `j k` move, `Enter` opens, `c` new, `/` search, `r` reply, `n` note, `⌘↵` or `Ctrl ↵` sends.

/// Listens as long as the page is open.
pub fn listen() {
    #[cfg(feature = "hydrate")]
    leptos::prelude::Effect::new(|_| browser::listen());
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlElement, HtmlFormElement, KeyboardEvent};

    pub fn listen() {
        let handle = window_event_listener(leptos::ev::keydown, |event| pressed(&event));
        // The page's keys live as long as the tab.
        std::mem::forget(handle);
    }

    fn pressed(event: &KeyboardEvent) {
        let focused = document().active_element();
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            if let Some(form) = focused.as_ref().and_then(|element| element.closest("form").ok().flatten()) {
                event.prevent_default();
                submit(form);
            }
            return;
        }
        if event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || focused.is_some_and(|element| takes_text(&element))
        {
            return;
        }
        let done = match event.key().as_str() {
            "j" => move_by(1),
            "k" => move_by(-1),
            "/" => focus("[role=search] input"),
            "c" => click("[data-key=c]").or_else(|| go("/tickets/new")),
            key @ ("r" | "n") => click(&format!("[data-key={key}]")).and_then(|()| focus("#comment")),
            _ => None,
        };
        if done.is_some() {
            event.prevent_default();
        }
    }

    /// Letters typed there are text.
    fn takes_text(element: &Element) -> bool {
        let kind = element.get_attribute("type").unwrap_or_default();
        match element.tag_name().as_str() {
            "TEXTAREA" | "SELECT" => true,
            "INPUT" => !matches!(kind.as_str(), "radio" | "checkbox" | "file"),
            _ => false,
        }
    }

    fn find(selector: &str) -> Option<HtmlElement> {
        document().query_selector(selector).ok()??.dyn_into().ok()
    }

    fn focus(selector: &str) -> Option<()> {
        find(selector)?.focus().ok()
    }

    fn click(selector: &str) -> Option<()> {
        find(selector).map(|element| element.click())
    }

    /// Opens a page, for those who work in the shell.
    fn go(path: &str) -> Option<()> {
        find(".shell")?;
        window().location().set_href(path).ok()
    }

    /// Focuses the row that is `step` rows from the focused one; the first when none is.
    fn move_by(step: i32) -> Option<()> {
        let rows = document().query_selector_all(".row").ok()?;
        let count = i32::try_from(rows.length()).ok()?;
        let focused = document().active_element();
        let current = (0..count).find(|index| {
            rows.item(*index as u32).and_then(|node| node.dyn_into::<Element>().ok()) == focused && focused.is_some()
        });
        let next = current.map_or(0, |index| (index + step).clamp(0, count - 1));
        rows.item(u32::try_from(next).ok()?)?.dyn_into::<HtmlElement>().ok()?.focus().ok()
    }

    fn submit(form: Element) {
        if let Ok(form) = form.dyn_into::<HtmlFormElement>() {
            let _ = form.request_submit();
        }
    }
}
