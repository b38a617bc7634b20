//! Changes: what is planned, who says yes to it, when it is done, and how it went.

mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
