//! Settings: each declared once, in `table.rs`, with its type, range and default.

#[cfg(feature = "ssr")]
mod cache;
mod colour;
mod model;
mod table;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

#[cfg(feature = "ssr")]
pub use cache::SettingsCache;
pub use model::*;
pub use table::{LANGUAGES, SEARCH_LANGUAGE, SETTINGS, TIME_ZONE};
