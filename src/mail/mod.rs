//! Mail: what comes in, and the outbox, where every mail to be sent is written in the transaction that causes it.

mod model;

#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod mailboxes;
#[cfg(feature = "ssr")]
pub mod outbox;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod quarantine;
#[cfg(feature = "ssr")]
mod reply_address;
#[cfg(feature = "ssr")]
pub mod send;
#[cfg(feature = "ssr")]
pub mod webhooks;

pub use model::*;
