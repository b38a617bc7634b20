//! Categories: a tree of two levels from which a ticket's category and subcategory are chosen, and what choosing one
//! brings with it.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
