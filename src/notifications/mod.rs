//! Notifications: what people are told in the app.

#[cfg(feature = "ssr")]
pub mod commands;
