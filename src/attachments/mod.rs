//! Files of assets and changes: invoices and manuals of the one, plans and test results of the other. Those of tickets and
//! articles stand in messages and texts, and are kept with them.

mod model;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

pub use model::*;
