//! Queues: where tickets stand until someone has them, who works there, and to whom a new one goes.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
