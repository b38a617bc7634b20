//! Assets (the CMDB): what the organisation runs, who has it, what depends on what, and which tickets it caused.

mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
