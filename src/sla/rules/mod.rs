//! Working time: pure arithmetic, no database. `open_hours` reads a calendar, `working_time` counts over it, `explain`
//! says why a deadline is when it is, `plan` what a policy means for a ticket.

mod explain;
mod open_hours;
mod plan;
mod working_time;

pub use open_hours::OpenHours;
pub use plan::{DueStep, Facts, Plan, Running, Terms, choose, plan};

#[cfg(test)]
mod tests;
