//! Search: one field over articles and tickets, by words and by meaning. Every result is the searcher's to see: the
//! permission stands in the query itself.

mod model;
#[cfg(feature = "ssr")]
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
