//! Acting on the keys.

use super::sheet::Sheet;
use super::{Deed, KEYS, Place};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFormElement, KeyboardEvent};

pub fn listen(sheet: Sheet) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| pressed(&event, sheet));
    // The page's keys live as long as the tab.
    std::mem::forget(handle);
}

fn pressed(event: &KeyboardEvent, sheet: Sheet) {
    // Where one writes, the key has done its part already.
    if event.default_prevented() {
        return;
    }
    let focused = document().active_element();
    let command = event.ctrl_key() || event.meta_key();
    if command && event.key() == "k" && !in_dialog() {
        if click("[data-key=palette]").is_some() {
            event.prevent_default();
        }
        return;
    }
    let writing = command && event.key() == "Enter";
    if !writing && (command || event.alt_key() || focused.as_ref().is_some_and(takes_text) || in_dialog()) {
        return;
    }
    let key = KEYS
        .iter()
        .find(|key| key.key == event.key() && (key.place == Place::Writing) == writing && key.deed != Deed::Command);
    if key.and_then(|key| act(key.deed, focused, sheet)).is_some() {
        event.prevent_default();
    }
}

/// What was chosen in the palette, once that has closed.
pub fn perform(deed: Deed, sheet: Sheet) {
    let then = move || {
        let _ = act(deed, document().active_element(), sheet);
    };
    set_timeout(then, std::time::Duration::from_millis(30));
}

/// `None` when there is nothing here to do it to.
fn act(deed: Deed, focused: Option<Element>, sheet: Sheet) -> Option<()> {
    match deed {
        Deed::Search => focus("[role=search] input"),
        Deed::Command => click("[data-key=palette]"),
        Deed::NewTicket => click("[data-key=c]").or_else(|| go("/tickets/new")),
        Deed::ShowKeys => {
            sheet.0.set(true);
            Some(())
        }
        Deed::NextRow => move_by(1),
        Deed::PreviousRow => move_by(-1),
        Deed::OpenRow => None,
        Deed::Pick => {
            let row = focused?.closest("li").ok()??;
            row.query_selector(".row__pick").ok()??.dyn_into::<HtmlElement>().ok()?.click();
            Some(())
        }
        Deed::Reply => click("[data-key=r]").and_then(|()| focus("#comment")),
        Deed::Note => click("[data-key=n]").and_then(|()| focus("#comment")),
        Deed::Choose(selector) => focus(&format!(".properties {selector}")),
        Deed::Unfold(name) => {
            find(&format!("[data-fold={name}]"))?.set_attribute("open", "").ok()?;
            focus(&format!("[data-fold={name}] :is(button, input:not([type=hidden]), select)"))
        }
        Deed::Send => submit(focused?.closest("form").ok()??),
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

fn in_dialog() -> bool {
    find("dialog[open]").is_some()
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

fn submit(form: Element) -> Option<()> {
    form.dyn_into::<HtmlFormElement>().ok()?.request_submit().ok()
}
