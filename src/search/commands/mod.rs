//! Making vectors, learning words, reading in another language, and keeping what was not found.

mod embed;
mod language;
mod learn;
mod miss;

pub use embed::{begin_model, embed_waiting, embedding_progress};
pub(crate) use embed::{want_article, want_ticket_of_event};
pub(crate) use language::{read_again, set_language};
pub use learn::learn_words;
pub use miss::{forget_miss, keep_miss};
