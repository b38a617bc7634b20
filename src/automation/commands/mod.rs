//! Making rules, and doing what they say.

mod act;
mod arrange;
mod run;
mod sweep;

pub(super) use arrange::parse_rule;
pub use arrange::{RuleForm, delete_rule, enable_rule, import_rules, save_rule, set_assignment};
pub use run::run_rules;
pub(super) use sweep::moment;
pub use sweep::sweep_rules;
