//! Telling people, reading what was told, choosing how to be told.

mod forget;
mod mail;
mod news;
mod notify;
mod prefer;
mod read;

pub(crate) use forget::forget_name;
pub use mail::{mail_due, turn_off};
pub(crate) use news::write_news;
pub use news::{News, notify_of_change, tell_news};
pub use notify::notify_of_event;
pub use prefer::{mute_ticket, save_preferences};
pub use read::{mark_all_read, mark_change_read, mark_read, mark_ticket_read};
