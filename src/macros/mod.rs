//! Macros: a text with placeholders and what it does to a ticket, behind one name.

mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
