//! SLA: when the desk works, and what is due when. Calendars say when the desk works; working time is counted over them,
//! exact to the second, through changes of the clock.

mod model;
#[cfg(feature = "ssr")]
pub mod rules;

pub use model::*;
