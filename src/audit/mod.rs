//! The audit log: who did what to whom, from where, each entry chained to the one before it.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod rules;

#[cfg(feature = "ssr")]
pub use commands::{AuditEntry, record, row};
pub use model::*;
