//! What the log may say, and when its chain is whole. Pure.

mod chain;
mod changes;
mod lines;

pub use chain::{Walk, line_hash};
pub use changes::{changed_fields, difference, without_secrets};
pub use lines::{csv_heading, csv_line, json_line};
