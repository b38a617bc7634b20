//! Buttons and keys that write Markdown around what is selected.

use super::Writing;
use leptos::html;
use leptos::prelude::*;

/// What is written before and after the selection; the last begins each line.
const MARKS: [(&str, &str, &str, &str); 4] =
    [("B", "Bold", "**", "**"), ("I", "Italic", "_", "_"), ("<>", "Code", "`", "`"), ("“”", "Quote", "> ", "")];

#[component]
pub fn Toolbar(writing: Writing, node: NodeRef<html::Textarea>) -> impl IntoView {
    let buttons = MARKS.map(|(face, name, before, after)| {
        let write = move |_| wrap(before, after, writing, node);
        view! { <button type="button" class="composer__mark" title=name aria-label=name on:click=write>{face}</button> }
    });
    // Without scripts the buttons could do nothing.
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    view! { <span class="composer__marks" role="group" aria-label="Formatting" hidden=move || !hydrated.get()>{buttons.collect_view()}</span> }
        .into_any()
}

#[cfg(not(feature = "hydrate"))]
fn wrap(_: &str, _: &str, _: Writing, _: NodeRef<html::Textarea>) {}

#[cfg(not(feature = "hydrate"))]
pub fn pressed(_: &leptos::ev::KeyboardEvent, _: Writing, _: NodeRef<html::Textarea>) {}

/// `/` in an empty answer opens the macros.
#[cfg(feature = "hydrate")]
pub fn pressed(event: &leptos::ev::KeyboardEvent, writing: Writing, node: NodeRef<html::Textarea>) {
    use wasm_bindgen::JsCast;
    let command = event.ctrl_key() || event.meta_key();
    let mark = match event.key().as_str() {
        "b" if command => Some(MARKS[0]),
        "i" if command => Some(MARKS[1]),
        _ => None,
    };
    if let Some((_, _, before, after)) = mark {
        event.prevent_default();
        return wrap(before, after, writing, node);
    }
    if event.key() == "/" && writing.text.get_untracked().is_empty() {
        let menu = document().query_selector("[popovertarget=macros]").ok().flatten();
        if let Some(menu) = menu.and_then(|menu| menu.dyn_into::<web_sys::HtmlElement>().ok()) {
            event.prevent_default();
            menu.click();
            let first = document().query_selector("#macros .menu__item").ok().flatten();
            if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = first.focus();
            }
        }
    }
}

#[cfg(feature = "hydrate")]
fn wrap(before: &str, after: &str, writing: Writing, node: NodeRef<html::Textarea>) {
    let Some(area) = node.get_untracked() else { return };
    writing.typed(write_around(&area, before, after));
}

/// Writes before and after what is selected, which stays selected; what stands there now.
#[cfg(feature = "hydrate")]
pub fn write_around(area: &web_sys::HtmlTextAreaElement, before: &str, after: &str) -> String {
    // The browser counts in UTF-16.
    let text: Vec<u16> = area.value().encode_utf16().collect();
    let place = |at: Option<u32>| at.map_or(text.len(), |at| at as usize).min(text.len());
    let (from, to) = (place(area.selection_start().ok().flatten()), place(area.selection_end().ok().flatten()));
    let part = |range: &[u16]| String::from_utf16_lossy(range);
    let chosen = part(&text[from..to]);
    // A quote is one on every line.
    let chosen = if after.is_empty() { chosen.replace('\n', &format!("\n{before}")) } else { chosen };
    let written = format!("{}{before}{chosen}{after}{}", part(&text[..from]), part(&text[to..]));
    area.set_value(&written);
    let begin = (from + before.encode_utf16().count()) as u32;
    let end = begin + chosen.encode_utf16().count() as u32;
    let _ = area.set_selection_range(begin, end);
    let _ = area.focus();
    written
}
