//! Telling people, reading what was told, choosing how to be told.

mod change;
mod mail;
mod notify;
mod prefer;
mod read;

pub use change::notify_of_change;
pub use mail::{mail_due, turn_off};
pub use notify::notify_of_event;
pub use prefer::{mute_ticket, save_preferences};
pub use read::{mark_all_read, mark_change_read, mark_read, mark_ticket_read};
