//! Writing the audit log, and letting go of what is older than it has to be kept.

mod check;
mod expire;
mod record;

pub use check::ask_for_check;
pub(crate) use check::check;
pub use expire::{close_day, expire_entries};
pub use record::{AuditEntry, record, record_export, record_refusal, row};
