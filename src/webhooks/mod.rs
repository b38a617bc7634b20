//! Webhooks that go out: the desk tells other programs what happens, signed (Standard Webhooks 1.0), again where they did
//! not take it, and never to where nobody but this house should reach.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod rules;

pub use model::*;
