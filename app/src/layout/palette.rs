//! The command palette: go to any ticket, view or page, or do something to the ticket that is shown.

use super::agent::use_rail;
use crate::functions::people::use_viewer;
use crate::functions::search::find_typed;
use crate::keyboard::{Deed, KEYS, Place, perform, use_sheet};
use crate::pages::{href, view_href};
use crate::ui::{Dialog, Icon};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::params::ParamsMap;
use oxdesk::search::{Found, FoundKind};
use oxdesk::tickets::TicketSort;
use oxdesk::views::FIXED_VIEWS;

/// At most this many of each kind are offered.
const OFFERED: usize = 8;

/// Whether the palette is open, and which tickets this tab has shown, newest first.
#[derive(Clone, Copy)]
pub struct Palette {
    pub open: RwSignal<bool>,
    recent: RwSignal<Vec<(String, String)>>,
    /// A ticket is shown on which the viewer can act.
    acts: RwSignal<bool>,
}

pub fn provide_palette() -> Palette {
    let palette = Palette { open: RwSignal::new(false), recent: RwSignal::new(Vec::new()), acts: RwSignal::new(false) };
    provide_context(palette);
    palette
}

impl Palette {
    /// Remembers a ticket that was shown, as long as this tab is open: on a shared machine nothing of it stays behind.
    pub fn remember(self, number: &str, subject: &str) {
        let _ = self.recent.try_update(|recent| {
            recent.retain(|(known, _)| known != number);
            recent.insert(0, (number.to_owned(), subject.to_owned()));
            recent.truncate(OFFERED);
        });
    }

    /// Says whether what is shown is a ticket on which the viewer can act.
    pub fn acts(self, acts: bool) {
        let _ = self.acts.try_set(acts);
    }
}

#[derive(Clone, PartialEq)]
struct Entry {
    label: String,
    /// What kind of thing it is.
    kind: &'static str,
    key: &'static str,
    target: Target,
}

#[derive(Clone, PartialEq)]
enum Target {
    Page(String),
    Deed(Deed),
}

impl Entry {
    fn page(kind: &'static str, label: impl Into<String>, path: impl Into<String>) -> Self {
        Self { label: label.into(), kind, key: "", target: Target::Page(path.into()) }
    }

    fn found(found: &Found) -> Self {
        match found.kind {
            FoundKind::Ticket => Self::ticket(&found.address, &found.title),
            FoundKind::Change => Self::page("Change", format!("{}  {}", found.address, found.title), found.path()),
            FoundKind::Asset => Self::page("Asset", format!("{}  {}", found.address, found.title), found.path()),
            FoundKind::Article => Self::page(found.kind.label(), &found.title, found.path()),
        }
    }

    fn ticket(number: &str, subject: &str) -> Self {
        Self::page("Ticket", format!("{number}  {subject}"), format!("/tickets/{number}"))
    }
}

#[component]
pub fn CommandPalette(palette: Palette) -> impl IntoView {
    view! {
        <Dialog open=palette.open name="palette" title="Go to or do">
            <Show when=move || palette.open.get()><Chooser palette/></Show>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Chooser(palette: Palette) -> impl IntoView {
    // A palette that was opened before its page was there must still hear of it.
    let fixed = Memo::new(move |_| fixed_entries(palette));
    let typed = RwSignal::new(String::new());
    let place = RwSignal::new(0_usize);
    let search = Action::new_local(|words: &String| found(words.clone()));
    let entries = Memo::new(move |_| {
        let words = typed.get();
        let (asked, rows) = search.value().get().unwrap_or_default();
        let rows = if asked == words { rows } else { Vec::new() };
        matching(&words, &fixed.read(), &rows)
    });
    let (navigate, sheet) = (use_navigate(), use_sheet());
    let choose = StoredValue::new_local(move |entry: Entry| {
        palette.open.set(false);
        match entry.target {
            // The portal's pages are of another part of the program.
            Target::Page(path) if path.starts_with("/portal") => drop(window().location().set_href(&path)),
            Target::Page(path) => navigate(&path, Default::default()),
            Target::Deed(deed) => perform(deed, sheet),
        }
    });
    let write = move |event| {
        typed.set(event_target_value(&event));
        place.set(0);
        if typed.read_untracked().trim().chars().count() >= 2 {
            search.dispatch_local(typed.get_untracked());
        }
    };
    let press = move |event: leptos::ev::KeyboardEvent| {
        let last = entries.read_untracked().len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => place.update(|place| *place = (*place + 1).min(last)),
            "ArrowUp" => place.update(|place| *place = place.saturating_sub(1)),
            "Enter" => {
                if let Some(entry) = entries.read_untracked().get(place.get_untracked()).cloned() {
                    choose.with_value(|choose| choose(entry));
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = node.get() {
            let _ = input.focus();
        }
    });
    let option = move |(index, entry): (usize, Entry)| {
        let chosen = entry.clone();
        view! {
            <li class="palette__entry" role="option" id=format!("palette-{index}") aria-selected=move || (place.get() == index).to_string()
                on:mousemove=move |_| place.set(index) on:click=move |_| choose.with_value(|choose| choose(chosen.clone()))>
                <span class="palette__label">{entry.label}</span><small>{entry.kind}</small>
                {(!entry.key.is_empty()).then(|| view! { <kbd>{entry.key}</kbd> })}
            </li>
        }
    };
    view! {
        <div class="palette">
            <div class="palette__field"><Icon icon=Icon::Search/>
                <input node_ref=node role="combobox" aria-label="Go to or do" aria-expanded="true" aria-controls="palette-entries" aria-autocomplete="list"
                    aria-activedescendant=move || format!("palette-{}", place.get()) autocomplete="off" maxlength="200"
                    placeholder="A ticket, a view, something to do" on:input=write on:keydown=press/>
            </div>
            <ul class="palette__entries" id="palette-entries" role="listbox" aria-label="What there is">
                {move || entries.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
            <p class="palette__none" role="status">{move || entries.read().is_empty().then_some("Nothing by this name.")}</p>
        </div>
    }
    .into_any()
}

/// What is offered before anything is typed: what can be done here, recent tickets, views, pages.
fn fixed_entries(palette: Palette) -> Vec<Entry> {
    let mut entries: Vec<Entry> = palette
        .recent
        .get()
        .iter()
        .map(|(number, subject)| Entry { kind: "Recent", ..Entry::ticket(number, subject) })
        .collect();
    if palette.acts.get() {
        let deeds = KEYS.into_iter().filter(|key| key.place == Place::Ticket);
        entries.extend(deeds.map(|key| Entry {
            label: key.does.to_owned(),
            kind: "This ticket",
            key: key.label,
            target: Target::Deed(key.deed),
        }));
    }
    entries.extend(FIXED_VIEWS.map(|(name, bar)| Entry::page("View", name, href(bar, TicketSort::Due))));
    if let Some(Ok(rail)) = use_rail().get_untracked() {
        let view = |view: &oxdesk::views::SavedView| Entry::page("View", &view.name, view_href(view));
        entries.extend(rail.saved.iter().map(|(saved, _)| view(saved)));
    }
    if let Some(Ok(rail)) = use_rail().get_untracked() {
        let queue = |(queue, _): &(oxdesk::tickets::Queue, i64)| {
            Entry::page("Queue", &queue.name, href(&oxdesk::views::queue_bar(&queue.name), TicketSort::Due))
        };
        entries.extend(rail.queues.iter().map(queue));
    }
    for (name, bar) in [("Put off", "is:snoozed"), ("Everything", "status:any")] {
        entries.push(Entry::page("View", name, href(bar, TicketSort::Due)));
    }
    for (name, path) in [
        ("New ticket", "/tickets/new"),
        ("Notifications", "/notifications"),
        ("Macros", "/macros"),
        ("Queues", "/admin/queues"),
        ("Teams", "/admin/teams"),
        ("Categories", "/admin/categories"),
        ("Fields", "/admin/fields"),
        ("Knowledge", "/knowledge"),
        ("Assets", "/assets"),
        ("New asset", "/assets/new"),
        ("Changes", "/changes"),
        ("Calendar of changes", "/changes/calendar"),
        ("New change", "/changes/new"),
        ("Service levels", "/admin/service-levels"),
        ("Automation", "/admin/automation"),
        ("Webhooks", "/admin/webhooks"),
        ("Reports", "/reports"),
        ("Wallboard", "/wallboard"),
        ("Account", "/account"),
        ("Portal", "/portal"),
    ] {
        entries.push(Entry::page("Page", name, path));
    }
    if use_viewer().is_some_and(|viewer| viewer.is_admin) {
        entries.push(Entry::page("Page", "Admin", "/admin"));
        for (name, path) in [
            ("People", "/admin/people"),
            ("Organisations", "/admin/organisations"),
            ("Roles", "/admin/roles"),
            ("Settings", "/admin/settings"),
            ("Audit log", "/admin/audit"),
            ("Mailboxes", "/admin/mailboxes"),
            ("Quarantine", "/admin/quarantine"),
            ("Try a message", "/admin/try-message"),
            ("Mail texts", "/admin/mail-texts"),
            ("Outbox", "/admin/outbox"),
        ] {
            entries.push(Entry::page("Page", name, path));
        }
    }
    entries.push(Entry { label: "Keyboard".to_owned(), kind: "Help", key: "?", target: Target::Deed(Deed::ShowKeys) });
    entries
}

/// What fits the words: first what begins with them, then what holds them, then the tickets that were found.
fn matching(words: &str, fixed: &[Entry], rows: &[Found]) -> Vec<Entry> {
    let words = words.trim().to_lowercase();
    let label = |entry: &&Entry| entry.label.to_lowercase();
    let begin = fixed.iter().filter(|entry| label(entry).starts_with(&words));
    let hold = fixed.iter().filter(|entry| !label(entry).starts_with(&words) && label(entry).contains(&words));
    let found = rows.iter().map(Entry::found);
    let mut entries: Vec<Entry> = begin.chain(hold).cloned().collect();
    if !words.is_empty() {
        entries.truncate(OFFERED);
        let known: Vec<_> = entries.iter().map(|entry| entry.target.clone()).collect();
        entries.extend(found.filter(|entry| !known.contains(&entry.target)).take(OFFERED));
        let mut query = ParamsMap::new();
        query.insert("q", words.clone());
        entries.push(Entry::page(
            "Search",
            format!("Search everything for “{words}”"),
            format!("/search{}", query.to_query_string()),
        ));
        let page = href(&words, TicketSort::Updated);
        entries.push(Entry::page("Search", format!("Search tickets for “{words}”"), page));
    }
    entries
}

async fn found(words: String) -> (String, Vec<Found>) {
    let rows = find_typed(words.clone()).await.unwrap_or_default();
    (words, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_the_words_comes_first_and_a_search_last() {
        let fixed = [
            Entry::page("View", "Put off", "/a"),
            Entry::page("Page", "Portal", "/b"),
            Entry::page("View", "All ports", "/c"),
        ];
        let labels = |words: &str| matching(words, &fixed, &[]).into_iter().map(|e| e.label).collect::<Vec<_>>();
        assert_eq!(
            labels("port"),
            ["Portal", "All ports", "Search everything for “port”", "Search tickets for “port”"]
        );
        assert_eq!(labels(""), ["Put off", "Portal", "All ports"]);
        assert_eq!(labels("zzz"), ["Search everything for “zzz”", "Search tickets for “zzz”"]);
    }
}
