//! Views: the lists an agent has at hand, those every desk has and those that people save.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
