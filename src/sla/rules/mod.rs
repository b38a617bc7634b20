//! Working time: pure arithmetic, no database. `open_hours` reads a calendar, `working_time` counts over it, `explain`
//! says why a deadline is when it is.

mod explain;
mod open_hours;
mod working_time;

pub use open_hours::OpenHours;

#[cfg(test)]
mod tests;
