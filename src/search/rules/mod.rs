//! How a question is read, how a text is cut into what has one meaning each, and how words and meaning are weighed.

mod chunk;
mod passage;
mod question;
mod slip;
mod vote;
mod weigh;

pub use chunk::{Chunk, article_chunks, ticket_text};
pub use passage::passage_of;
pub use question::{Question, WORDS_MAX};
pub use slip::{nearest, trigrams};
pub use vote::vote;
pub use weigh::{is_found, score, without_personal_data, worth};
