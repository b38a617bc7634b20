//! What a view is.

use crate::assets::AssetColumn;
use crate::id::{id, words};
use crate::people::{Team, UserId};
use crate::tickets::{Queue, TicketColumn, TicketGrouping, TicketSort, with_token};
use crate::{Actor, Permission};
use serde::{Deserialize, Serialize};

id!(ViewId);

words! {
    /// Who has a saved view at hand.
    ViewVisibility { Own = "OWN", Team = "TEAM", Shared = "SHARED" }
}

words! {
    /// Of which list a view is.
    ViewedList { Tickets = "TICKETS", Assets = "ASSETS" }
}

/// The views every desk has: name and filter bar.
pub const FIXED_VIEWS: [(&str, &str); 4] =
    [("Inbox", ""), ("My tickets", "assignee:me"), ("Unassigned", "assignee:none"), ("Overdue", "is:overdue")];

/// What the filter bar says for one queue.
pub fn queue_bar(name: &str) -> String {
    with_token("", "queue", Some(name))
}

/// The longest name, in characters.
pub const NAME_MAX: usize = 60;

/// At most this many saved views stand in one person's rail.
pub const VIEWS_MAX: i64 = 30;

/// A filter bar with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: ViewId,
    pub name: String,
    pub bar: String,
    pub sort: TicketSort,
    /// What it shows beside what every list shows; empty for the usual.
    pub columns: Vec<TicketColumn>,
    pub group_by: Option<TicketGrouping>,
    pub visibility: ViewVisibility,
    pub team: Option<String>,
    pub owner_id: UserId,
    /// Whether the one who asks may change or delete it.
    pub may_edit: bool,
}

/// A list of assets with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetView {
    pub id: ViewId,
    pub name: String,
    pub bar: String,
    /// Empty for the usual.
    pub columns: Vec<AssetColumn>,
    pub visibility: ViewVisibility,
    pub team: Option<String>,
    pub may_edit: bool,
}

/// The rail: how many tickets each fixed view holds, and the saved views with theirs. Numbers stop at
/// [`crate::tickets::COUNT_MAX`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rail {
    pub fixed: Vec<i64>,
    pub saved: Vec<(SavedView, i64)>,
    /// The queues the actor works in, with what is open there.
    pub queues: Vec<(Queue, i64)>,
}

/// For whom the one who asks may save a view, beside themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audiences {
    pub teams: Vec<Team>,
    pub everyone: bool,
}

impl Audiences {
    pub fn of(actor: &Actor) -> Self {
        Self { teams: actor.teams.clone(), everyone: actor.can(Permission::ViewShare) }
    }
}

/// What is saved. Parsed and checked by [`super::commands::save_view`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewView {
    pub name: String,
    pub bar: String,
    pub sort: Option<String>,
    /// Columns by their words, separated by commas.
    pub columns: Option<String>,
    pub group_by: Option<String>,
    /// OWN, SHARED or a team's id.
    pub audience: String,
}

/// A list of assets, saved. Parsed and checked by [`super::commands::save_asset_view`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewAssetView {
    pub name: String,
    pub bar: String,
    /// Columns by their words, separated by commas.
    pub columns: Option<String>,
    /// OWN, SHARED or a team's id.
    pub audience: String,
}
