//! The texts of mails: each declared once, here, and made an administrator's own where they like.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
mod render;

pub use model::*;
#[cfg(feature = "ssr")]
pub use render::{Rendered, content, frame, render};

/// How someone is addressed.
#[cfg(feature = "ssr")]
pub(crate) fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}
