//! Accounts and roles as administrators arrange them.

use super::{OrganisationId, RoleId, Team, User};
use crate::tickets::QueueId;
use crate::{Permission, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which accounts a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFilter {
    /// Each of these words, or its beginning, stands in the name, the address or the telephone number.
    pub words: String,
    /// A role's name.
    pub role: Option<String>,
    /// Whether they may sign in.
    pub active: Option<bool>,
    /// By name; else in the order they were made.
    pub by_name: bool,
}

/// An account with all that an administrator wants to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user: User,
    pub organisation: Option<(OrganisationId, String)>,
    pub teams: Vec<Team>,
    /// The queues whose tickets they see, where they do not see all.
    pub queues: Vec<QueueId>,
    /// What they may do, and the roles that say so.
    pub permissions: Vec<(Permission, Vec<String>)>,
    pub has_password: bool,
    /// Since when codes are asked for beside it.
    pub second_factor_since: Option<Timestamp>,
    /// By when their roles want a second factor that they have not.
    pub second_factor_due: Option<Timestamp>,
    /// Until when the link in their mail works.
    pub link_until: Option<Timestamp>,
    /// Browsers that are signed in.
    pub sessions: i64,
    pub tokens: i64,
}

/// What an administrator writes of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountForm {
    /// The version that was read.
    pub version: i32,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    /// As the time zone database calls it: Europe/Berlin.
    pub time_zone: String,
    /// By name.
    pub roles: BTreeSet<String>,
    /// Which organisation they belong to from now on, or none; not said: it stays as it is.
    pub organisation_id: Option<Option<OrganisationId>>,
}

/// What people with it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub id: RoleId,
    pub version: i32,
    pub name: String,
    pub description: Option<String>,
    pub permissions: BTreeSet<Permission>,
    /// Every installation has it.
    pub built_in: bool,
    /// How many have it.
    pub people: i64,
    /// Within so many days whoever has it has a second factor; nobody has to, where nothing is said.
    pub second_factor_days: Option<i16>,
}

/// What is written of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleForm {
    /// Counts for a new one: it never changes, as approvals name roles by it.
    pub name: String,
    pub description: Option<String>,
    pub permissions: BTreeSet<Permission>,
    /// Within so many days whoever has it has to have a second factor.
    pub second_factor_days: Option<i16>,
}
