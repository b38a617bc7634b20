//! Models: what turns texts into vectors, here or elsewhere. The desk does without any; see docs/ai.md for what leaves the
//! machine, and when.

#[cfg(feature = "ssr")]
mod embedder;
#[cfg(feature = "ssr")]
mod local;
#[cfg(feature = "ssr")]
mod remote;

#[cfg(feature = "ssr")]
pub use embedder::{Ai, Embedder, Embedding, Haste, WIDTH};
#[cfg(feature = "ssr")]
pub use remote::RemoteModel;
