//! What a rule is, and what it leaves behind.

mod action;
mod condition;
mod log;
mod rule;

pub use action::*;
pub use condition::*;
pub use log::*;
pub use rule::*;
