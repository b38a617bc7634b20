//! What may become of a change, what votes come to, what its risk is, and when it may be done.

mod approval;
#[cfg(feature = "ssr")]
mod content;
mod form;
mod risk;
mod stage_line;
mod status;
mod window;

pub use approval::{Outcome, Stage, Voice, asked, outcome};
#[cfg(feature = "ssr")]
pub use content::{Content, content_hash};
pub use form::{Checked, TEXT_MAX, TITLE_MAX, check_blackout, check_change, check_ready, check_template};
pub use risk::{QUESTIONS, proposed_risk};
pub use stage_line::{StageLine, check_stage_line, stage_line};
pub use status::{By, TRANSITIONS, check_change_status, may_attach, may_detach, may_edit, next};
pub use window::{WINDOW_MAX, check_window, overlap};
