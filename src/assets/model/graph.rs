//! What is reached from an asset, and what stands around it.

use super::{AssetNumber, AssetRow, AssetStatus, AssetType, RelationType};
use serde::{Deserialize, Serialize};

/// Which way to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// What fails with it.
    Affected,
    /// What it needs.
    Needed,
}

/// What is reached from an asset one way, to any depth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// The nearest first, up to a number.
    pub rows: Vec<AssetRow>,
    pub total: i64,
    /// Open tickets about them.
    pub tickets: i64,
    /// People who have one of them.
    pub people: i64,
}

/// What stands around an asset, placed for a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
    /// So many have no room.
    pub hidden: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphNode {
    pub asset_number: AssetNumber,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: AssetType,
    pub status: AssetStatus,
    /// Columns from the asset that is looked at; what fails with it is positive.
    pub column: i32,
    pub row: usize,
    pub rows: usize,
    pub open_tickets: i64,
}

/// Joins two of the nodes, by their places in the list: the source of the relation, and its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphEdge {
    pub source: usize,
    pub target: usize,
    #[serde(rename = "type")]
    pub kind: RelationType,
}
