//! Presence: which colleagues are looking at a ticket, and which of them are writing. Nothing of it is history.

use crate::people::UserId;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod queries;

/// Someone else at the same ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    pub id: UserId,
    pub name: String,
    pub is_writing: bool,
}

/// Someone who is at some ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtWork {
    pub name: String,
    pub is_writing: bool,
}

/// Whoever was not heard of for so long is gone, in seconds. Browsers say that they are there twice as often.
pub const GONE_AFTER: i32 = 40;

/// The kind of event that tells that someone came, began or stopped to write, or left.
pub const EVENT: &str = "ticket.presence";
