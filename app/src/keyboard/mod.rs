//! The keys: one table that the program acts on, the sheet behind `?` shows, and `docs/keyboard.md` lists.

#[cfg(feature = "hydrate")]
mod browser;
mod sheet;

pub use sheet::{ShortcutSheet, provide_sheet, use_sheet};

/// Where a key does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Everywhere,
    List,
    Ticket,
    Writing,
}

impl Place {
    pub const ALL: [Self; 4] = [Self::Everywhere, Self::List, Self::Ticket, Self::Writing];

    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::List => "In a list",
            Self::Ticket => "On a ticket",
            Self::Writing => "While writing",
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Search,
    NewTicket,
    ShowKeys,
    NextRow,
    PreviousRow,
    /// Ticks the focused row's box.
    Pick,
    /// The browser does it: the focused row is a link.
    OpenRow,
    Reply,
    Note,
    /// Opens the command palette.
    Command,
    Choose(&'static str),
    /// Opens a fold beside the ticket and goes to its first field.
    Unfold(&'static str),
    Send,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// As `KeyboardEvent.key` says it.
    pub key: &'static str,
    /// As people read it.
    pub label: &'static str,
    pub place: Place,
    pub deed: Deed,
    pub does: &'static str,
}

const fn key(key: &'static str, label: &'static str, place: Place, deed: Deed, does: &'static str) -> Key {
    Key { key, label, place, deed, does }
}

pub const KEYS: [Key; 17] = [
    key("/", "/", Place::Everywhere, Deed::Search, "Search"),
    key("k", "⌘K or Ctrl K", Place::Everywhere, Deed::Command, "Go to or do anything"),
    key("c", "C", Place::Everywhere, Deed::NewTicket, "New ticket"),
    key("?", "?", Place::Everywhere, Deed::ShowKeys, "These keys"),
    key("j", "J", Place::List, Deed::NextRow, "Next ticket"),
    key("k", "K", Place::List, Deed::PreviousRow, "Previous ticket"),
    key("Enter", "↵", Place::List, Deed::OpenRow, "Open the ticket"),
    key("x", "X", Place::List, Deed::Pick, "Choose the ticket"),
    key("r", "R", Place::Ticket, Deed::Reply, "Reply"),
    key("n", "N", Place::Ticket, Deed::Note, "Internal note"),
    key("a", "A", Place::Ticket, Deed::Choose("#assigned_to_id"), "Assign"),
    key("s", "S", Place::Ticket, Deed::Choose("#status"), "Change the status"),
    key("p", "P", Place::Ticket, Deed::Choose("#priority"), "Change the priority"),
    key("h", "H", Place::Ticket, Deed::Unfold("follow-up"), "Put off until later"),
    key("l", "L", Place::Ticket, Deed::Unfold("links"), "Link to another ticket"),
    key("m", "M", Place::Ticket, Deed::Unfold("merge"), "Merge into another ticket"),
    key("Enter", "⌘↵ or Ctrl ↵", Place::Writing, Deed::Send, "Send"),
];

/// Listens as long as the page is open.
pub fn listen() {
    let sheet = provide_sheet();
    #[cfg(feature = "hydrate")]
    leptos::prelude::Effect::new(move |_| browser::listen(sheet));
    #[cfg(not(feature = "hydrate"))]
    let _ = sheet;
}

/// Does what a key does, for those who chose it otherwise.
pub fn perform(deed: Deed, sheet: leptos::prelude::RwSignal<bool>) {
    #[cfg(feature = "hydrate")]
    browser::perform(deed, sheet::Sheet(sheet));
    #[cfg(not(feature = "hydrate"))]
    let _ = (deed, sheet);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for (index, one) in KEYS.iter().enumerate() {
            for other in &KEYS[index + 1..] {
                let together = one.place == other.place;
                assert!(one.key != other.key || !together, "{} in {:?}", one.key, one.place);
            }
        }
    }

    #[test]
    fn the_manual_lists_every_key() {
        let manual = include_str!("../../../docs/keyboard.md");
        for key in KEYS {
            let line = format!("| {} | {} | {} |", key.place.title(), key.label, key.does);
            assert!(manual.contains(&line), "docs/keyboard.md lacks: {line}");
        }
    }
}
