//! The audit log: who did what to whom, from where.

#[cfg(feature = "ssr")]
mod commands;

#[cfg(feature = "ssr")]
pub use commands::{AuditEntry, record};
