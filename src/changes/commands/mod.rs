//! What is done with changes.

mod blackouts;
mod carry_out;
mod deputies;
mod review;
mod save;
mod state;
mod tasks;
mod templates;
mod vote;

pub use blackouts::{delete_blackout, save_blackout};
pub use carry_out::{close_change, implement_change};
pub use deputies::{end_deputy, name_deputy};
pub use review::move_change;
pub use save::save_change;
pub use tasks::{add_task, set_task_done};
pub use templates::save_template;
pub use vote::vote;
