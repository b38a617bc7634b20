//! The host in process: every door, as each kind of visitor.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api;
mod articles;
mod assets;
mod doors;
mod doors_table;
mod faults;
mod forms;
mod live;
mod signing_in;
mod test_app;
mod webhooks;
