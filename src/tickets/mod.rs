//! Tickets: what people ask for, and what is said and done until it is solved.

mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod attachments;
#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
mod files;
#[cfg(feature = "ssr")]
pub mod queries;

#[cfg(feature = "ssr")]
pub use files::{FileStore, IncomingFile};
pub use model::*;
