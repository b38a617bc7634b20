//! Keeping promises: what runs on each ticket, what is done when it falls due, and the policies themselves.

mod arrange;
mod sweep;
mod track;

pub use arrange::{PolicyForm, StepForm, delete_calendar, delete_policy, save_calendar, save_policy};
pub use sweep::{Swept, sweep};
pub use track::recount;
pub(crate) use track::track;
