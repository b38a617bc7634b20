//! Server functions: who is asking, call the command or query, map the error. Nothing else.

pub mod macros;
pub mod people;
pub mod tickets;
pub mod views;
pub mod work;
