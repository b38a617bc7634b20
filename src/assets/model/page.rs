//! An asset as its page shows it.

use super::{Asset, AssetId, AssetNumber, AssetStatus, RelationId, RelationType, TicketRelation};
use crate::Timestamp;
use crate::attachments::HeldFile;
use crate::changes::ChangeRow;
use crate::tickets::{TicketNumber, TicketStatus};
use serde::{Deserialize, Serialize};

/// How another asset stands to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub id: RelationId,
    pub kind: RelationType,
    /// The one that is looked at is the source.
    pub is_source: bool,
    pub asset_number: AssetNumber,
    pub name: String,
    pub status: AssetStatus,
    pub description: Option<String>,
}

/// Who handed it to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    pub from: Option<String>,
    pub to: Option<String>,
    pub by: Option<String>,
    pub note: Option<String>,
    pub at: Timestamp,
}

/// A field that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetChange {
    pub by: Option<String>,
    pub field: String,
    pub old_value: Option<String>,
    pub new_value: Option<String>,
    pub at: Timestamp,
}

/// A ticket about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetTicket {
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub status: TicketStatus,
    pub relation: TicketRelation,
    pub created_at: Timestamp,
}

/// An asset as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetPage {
    pub asset: Asset,
    pub relations: Vec<Relation>,
    pub handovers: Vec<Handover>,
    pub history: Vec<AssetChange>,
    /// Its failure record: the newest first, those that the reader may see.
    pub tickets: Vec<AssetTicket>,
    /// What was and will be changed of it, the newest first.
    pub changes: Vec<ChangeRow>,
    /// The oldest first; none for whoever only has the asset.
    pub attachments: Vec<HeldFile>,
    /// Of a licence: how many have it.
    pub seats_taken: i64,
    pub may_edit: bool,
    pub now: Timestamp,
}

/// An asset that a ticket is about, or may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedAsset {
    pub id: AssetId,
    pub asset_number: AssetNumber,
    pub name: String,
    pub status: AssetStatus,
    pub relation: TicketRelation,
}
