//! Calendars and how a deadline explains itself; policies and what they promise.

mod calendar;
mod policy;

pub use calendar::*;
pub use policy::*;
