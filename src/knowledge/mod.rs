//! Knowledge: articles that answer before anyone has to. Each is written in Markdown, has an address that stays, and is read
//! by everyone, by colleagues, or by a team.

mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
