//! API tokens: what programs sign in with.

use crate::id::id;
use crate::{Permission, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

id!(TokenId);

/// A token, without the secret: only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    /// What it may do of what its owner may; everything, where nothing is said.
    pub scopes: Option<BTreeSet<Permission>>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// It never expires, where nothing is said.
    pub expires_at: Option<Timestamp>,
}

/// What is said of a token that is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewToken {
    pub name: String,
    pub expires_in_days: Option<i32>,
    pub scopes: Option<BTreeSet<Permission>>,
}

impl NewToken {
    /// One that may do all that its owner may, and never expires.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}
