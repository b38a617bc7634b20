//! The product itself: what a service desk is and what may happen in it.
//!
//! Types and rules compile everywhere, the browser included. What reads and writes PostgreSQL stands behind the
//! feature `ssr`. Nothing here knows HTTP, HTML or Leptos: `app` and `server` are told what happened and say it their
//! own way. `docs/architecture.md` draws the whole house.

mod actor;
mod error;
mod id;
mod text;
mod time;

pub mod ai;
pub mod assets;
pub mod attachments;
pub mod audit;
pub mod automation;
pub mod categories;
pub mod changes;
pub mod events;
pub mod fields;
pub mod knowledge;
pub mod macros;
pub mod mail;
pub mod notifications;
pub mod people;
pub mod presence;
pub mod queues;
pub mod ratings;
pub mod reports;
pub mod search;
pub mod settings;
pub mod sla;
pub mod tickets;
pub mod views;
pub mod webhooks;

#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod idempotency;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod markdown;
#[cfg(feature = "ssr")]
pub mod secret;
#[cfg(feature = "ssr")]
pub mod seed;

#[cfg(feature = "testing")]
pub mod testing;

pub use actor::{Actor, Origin, Permission};
pub use error::{Error, FieldErrors, Result, Validation};
pub use text::{EmailAddress, bounded, optional};
pub use time::{Timestamp, parse_day};
