//! Mail: what comes in, and the outbox, where every mail to be sent is written in the transaction that causes it.

mod model;

#[cfg(feature = "ssr")]
pub mod outbox;
#[cfg(feature = "ssr")]
pub mod parse;

pub use model::*;
