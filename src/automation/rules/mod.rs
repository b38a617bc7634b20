//! Whether a rule fires, and its words.

mod evaluate;
mod sentence;

pub use evaluate::{Facts, Miss, evaluate, required_statuses};
pub use sentence::{Names, action_in_words, condition_in_words, moment_in_words, sentence};
