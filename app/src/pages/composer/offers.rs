//! What the composer offers while one writes: macros, colleagues to mention, and how it will look.

use super::Writing;
use crate::functions::macros::{apply_macro, preview_markdown};
use crate::live::use_live;
use crate::ui::{Icon, Menu, close_menu};
use leptos::html;
use leptos::prelude::*;
use oxdesk::macros::Macro;
use oxdesk::people::Person;
use oxdesk::tickets::TicketId;

/// The menu of macros. Choosing one does what it does to the ticket, and writes its text.
#[component]
pub fn MacroMenu(
    ticket: TicketId,
    macros: Vec<Macro>,
    writing: Writing,
    node: NodeRef<html::Textarea>,
) -> impl IntoView {
    let live = use_live();
    let choose = move |chosen: &Macro| {
        let id = chosen.id.to_string();
        leptos::task::spawn_local(async move {
            match apply_macro(ticket.to_string(), id).await {
                Ok(applied) => {
                    writing.add(&applied.text, node);
                    let _ = writing.then.try_set(applied.then);
                    live.bump();
                }
                Err(error) => {
                    let _ = writing.message.try_set(Some(error.to_string()));
                }
            }
        });
        close_menu("macros");
    };
    let items = macros
        .into_iter()
        .map(|found| {
            let name = found.name.clone();
            view! { <button type="button" class="menu__item" on:click=move |_| choose(&found)>{name}</button> }
        })
        .collect_view();
    let face = view! { "/ Macro" }.into_any();
    view! {
        <Menu name="macros" button=face class="composer__offer">
            {items}
            <hr class="menu__line"/>
            <a class="menu__item" href="/macros"><Icon icon=Icon::Pencil/>"Edit macros"</a>
        </Menu>
    }
    .into_any()
}

/// Colleagues whose names begin with what follows the last `@`.
#[component]
pub fn Mentions(people: Vec<Person>, writing: Writing, node: NodeRef<html::Textarea>) -> impl IntoView {
    let people = StoredValue::new(people);
    let offered = move || {
        let text = writing.text.get();
        let Some(begun) = begun(&text) else { return Vec::new() };
        let fits = |person: &&Person| person.name.to_lowercase().starts_with(&begun);
        people.with_value(|people| people.iter().filter(fits).take(5).map(|person| person.name.clone()).collect())
    };
    let offers = move || {
        offered()
            .into_iter()
            .map(|name| {
                let chosen = name.clone();
                view! { <button type="button" class="tag tag--offered" on:click=move |_| writing.mention(&chosen, node)>"@"{name}</button> }
            })
            .collect_view()
    };
    view! { <p class="composer__mentions" aria-live="polite">{offers}</p> }.into_any()
}

/// What has been typed of a name: after the last `@` that begins a word, in lower case.
fn begun(text: &str) -> Option<String> {
    let (before, name) = text.rsplit_once('@')?;
    let begins_word = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    let short = !name.is_empty() && name.chars().count() <= 40 && !name.contains(['\n', ',', '.', ';', ':']);
    (begins_word && short).then(|| name.to_lowercase())
}

/// How the text will look, made by the server that will make it.
#[component]
pub fn Preview(writing: Writing) -> impl IntoView {
    let shown = RwSignal::new(None::<String>);
    let toggle = move |_| {
        if shown.get_untracked().is_some() {
            shown.set(None);
            return;
        }
        let text = writing.text.get_untracked();
        leptos::task::spawn_local(async move {
            let html = preview_markdown(Some(text)).await.unwrap_or_else(|_| "This cannot be shown now.".to_owned());
            let _ = shown.try_set(Some(html));
        });
    };
    let label = move || if shown.get().is_some() { "Hide preview" } else { "Preview" };
    view! {
        <button type="button" class="menu-button composer__offer" on:click=toggle>{label}</button>
        <div class="composer__preview message__text" hidden=move || shown.get().is_none() inner_html=move || shown.get().unwrap_or_default()></div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::begun;

    #[test]
    fn a_mention_begins_a_word_and_ends_with_the_name() {
        assert_eq!(begun("please @An").as_deref(), Some("an"));
        assert_eq!(begun("@Ana R").as_deref(), Some("ana r"));
        for none in ["ana@example", "@", "@Ana, thank you", "no", "@Ana\nnext"] {
            assert_eq!(begun(none), None, "{none}");
        }
    }
}
