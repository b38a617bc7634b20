//! What the log may say, and when its chain is whole. Pure.

#[cfg(feature = "ssr")]
mod chain;
mod changes;
#[cfg(feature = "ssr")]
mod lines;

#[cfg(feature = "ssr")]
pub use chain::{Walk, line_hash};
pub use changes::{changed_fields, difference, without_secrets};
#[cfg(feature = "ssr")]
pub use lines::{csv_heading, csv_line, json_line};
