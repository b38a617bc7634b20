//! What a macro is.

use crate::id::id;
use crate::tickets::{TicketPriority, TicketStatus};
use serde::{Deserialize, Serialize};

id!(MacroId);

/// The longest name, in characters.
pub const NAME_MAX: usize = 60;
/// At most this many macros are offered to one person: their own and the shared ones.
pub const MACROS_MAX: i64 = 200;

/// A canned reply, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Macro {
    pub id: MacroId,
    pub name: String,
    /// Written with placeholders: see [`super::rules::PLACEHOLDERS`]. May be empty.
    pub body: String,
    /// Everyone who works tickets has it; else only who made it.
    pub is_shared: bool,
    /// The status that sending the reply brings.
    pub status: Option<TicketStatus>,
    pub priority: Option<TicketPriority>,
    pub assign_to_me: bool,
    /// Added to the ticket's.
    pub tags: Vec<String>,
    pub may_edit: bool,
}

/// What a macro is made from. Parsed and checked by [`super::commands::save_macro`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMacro {
    pub name: String,
    pub body: String,
    pub is_shared: bool,
    pub status: Option<String>,
    pub priority: Option<String>,
    pub assign_to_me: bool,
    pub tags: Vec<String>,
}

/// What using a macro leaves to the composer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub text: String,
    pub then: Option<TicketStatus>,
}
