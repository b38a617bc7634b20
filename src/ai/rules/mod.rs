//! What a model is told, and what is made of what it wrote.

mod answer;
mod prompt;

pub use answer::{Heard, heard, may_be_unknown, render_answer};
pub use prompt::{answer_from, article_of, reply_to, summary_of, translation_of};
