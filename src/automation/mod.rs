//! Automation: rules that do what agents would otherwise do again and again. A rule waits for an event or for a time, looks
//! at the ticket, and acts; what it did, and why it did not, can be read. No rule fires on what itself brought about.

mod model;
pub mod rules;
pub mod written;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
mod facts;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
