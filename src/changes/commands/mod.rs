//! What is done with changes.

mod announce;
mod approver;
mod attach;
mod blackouts;
mod carry_out;
mod deputies;
mod draft;
mod remind;
mod review;
mod save;
mod state;
mod tasks;
mod templates;
mod vote;

pub use announce::announce_change;
pub(crate) use approver::merge_approvals;
pub(crate) use attach::{lock_to_attach, lock_to_detach};
pub use blackouts::{delete_blackout, save_blackout};
pub use carry_out::{close_change, implement_change};
pub use deputies::{end_deputy, name_deputy};
pub(crate) use draft::draft_change_of_ticket;
pub use remind::remind_approvers;
pub use review::move_change;
pub use save::save_change;
pub use tasks::{add_task, set_task_done};
pub use templates::save_template;
pub use vote::vote;
