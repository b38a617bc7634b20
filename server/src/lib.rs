//! The axum host of Oxdesk and what its command line does.

// A page is one nested type; its layout is computed by recursion.
#![recursion_limit = "512"]

pub mod api;
pub mod config;
pub mod health;
pub mod host;
pub mod listen;
pub mod live;
pub mod mail;
mod mail_preview;
pub mod originals;
pub mod postgres;
pub mod run;
pub mod security;
pub mod session;
pub mod sla;
mod unsubscribe;
pub mod uploads;
pub mod webhooks;
