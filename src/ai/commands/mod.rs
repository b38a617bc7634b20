//! Asking a model: each call has its switch and its budget, is logged, and is waited for by nobody but who asked.

mod ask;
mod call;
mod draft;
mod triage;

pub use ask::{Answering, answer, ask, purge_conversations, request_from_conversation};
pub(super) use call::switch_of;
pub use draft::draft;
pub use triage::dismiss_triage;
