//! Making vectors, learning words, and keeping what was not found.

mod embed;
mod learn;
mod miss;

pub use embed::{begin_model, embed_waiting, embedding_progress};
pub(crate) use embed::{want_article, want_ticket_of_event};
pub use learn::learn_words;
pub use miss::{forget_miss, keep_miss};
