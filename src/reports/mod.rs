//! Reports: how the desk does. Sums of days, kept by a job, so that a year of a busy desk opens at once.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod rules;

pub use model::*;
