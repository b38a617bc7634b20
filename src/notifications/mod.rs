//! Notifications: what people are told of, in the app and by mail, and how each of them wants it.

mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
