//! Models: what turns texts into vectors, and what writes answers and drafts, here or elsewhere. The desk does without any;
//! see docs/ai.md for what leaves the machine, and when.

mod model;

#[cfg(feature = "ssr")]
mod chat;
#[cfg(feature = "ssr")]
mod embedder;
#[cfg(feature = "ssr")]
mod local;
#[cfg(feature = "ssr")]
mod remote;
#[cfg(feature = "ssr")]
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

#[cfg(feature = "ssr")]
pub use chat::{Chat, Message, Role};
#[cfg(feature = "ssr")]
pub use embedder::{Ai, Embedder, Embedding, Haste, WIDTH};
pub use model::*;
#[cfg(feature = "ssr")]
pub use remote::RemoteModel;
