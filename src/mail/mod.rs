//! Mail: what comes in, and the outbox, where every mail to be sent is written in the transaction that causes it.

#[cfg(feature = "ssr")]
pub(crate) mod automatic;
mod model;

#[cfg(feature = "ssr")]
pub mod fetch;
#[cfg(feature = "ssr")]
mod forget;
#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod mailboxes;
#[cfg(feature = "ssr")]
pub mod original;
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
pub mod suppression;
pub mod templates;
#[cfg(feature = "ssr")]
mod trust;
#[cfg(feature = "ssr")]
pub mod webhooks;

#[cfg(feature = "ssr")]
pub(crate) use forget::forget_correspondent;
pub use model::*;
#[cfg(feature = "ssr")]
pub(crate) use trust::tls;
#[cfg(feature = "ssr")]
pub use trust::trust_authorities;
