//! SLA: when the desk works, what it promises to whom, and what happens when a promise comes near. Working time is counted
//! over calendars, exact to the second, through changes of the clock; what runs on a ticket is brought up to date in the
//! transaction that changes it; what falls due is swept.

mod ical;
mod model;
mod written;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod rules;

pub use model::*;
pub use written::{parse_holidays, parse_shifts, write_holidays, write_shifts};
