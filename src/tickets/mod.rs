//! Tickets: what people ask for, and what is said and done until it is solved.

mod filter;
mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod attachments;
#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
mod files;
#[cfg(feature = "ssr")]
pub mod guest;
#[cfg(feature = "ssr")]
pub mod queries;

#[cfg(feature = "ssr")]
pub use files::{FileStore, IncomingFile};
pub use filter::{FILTER_KEYS, NotAFilter, filter_tokens, list_filter, parse_filter, token_value, with_token};
pub use model::*;
