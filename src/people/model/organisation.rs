//! Organisations: whom people belong to, and whether colleagues see each other's tickets.

use super::OrganisationId;
use serde::{Deserialize, Serialize};

/// The specification's Organization, with what the desk adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
pub struct Organisation {
    pub id: OrganisationId,
    pub version: i32,
    pub name: String,
    /// Whoever writes from one of these belongs to it.
    pub domains: Vec<String>,
    /// Whether its people see each other's tickets.
    pub shares_tickets: bool,
    /// How many belong to it.
    pub people: i64,
}

/// What is written of an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganisationForm {
    pub name: String,
    /// As typed: parted by blanks, commas or lines.
    pub domains: String,
    pub shares_tickets: bool,
}
