//! Reading the audit log, and checking it.

mod check;
mod list;
mod verify;

pub use check::last_check;
pub(crate) use list::entries_of_person;
pub use list::{export_entries, export_links, list_entries, list_words};
pub use verify::verify_chain;
