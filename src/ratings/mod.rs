//! Ratings: what requesters say of how it went (CSAT), asked once a ticket.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
