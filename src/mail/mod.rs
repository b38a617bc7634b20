//! Mail. Here: the outbox, where every mail to be sent is written in the transaction that causes it.

mod model;

#[cfg(feature = "ssr")]
pub mod outbox;

pub use model::*;
