//! What a vote is bound to: a change of any of it asks again. What is not in here (title's spelling, tasks, notes) may be
//! mended without asking.

use crate::changes::{ChangeType, RiskLevel};
use crate::{Timestamp, assets::AssetId};
use sha2::{Digest, Sha256};

/// What matters of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content<'a> {
    pub kind: ChangeType,
    pub description: &'a str,
    pub plan: &'a str,
    pub backout_plan: &'a str,
    pub test_plan: &'a str,
    pub risk_level: Option<RiskLevel>,
    pub window: (Option<Timestamp>, Option<Timestamp>),
    pub assets: &'a [AssetId],
}

/// SHA-256 over each part with its length before it, so that no two contents write the same.
pub fn content_hash(content: &Content<'_>) -> Vec<u8> {
    let mut assets: Vec<String> = content.assets.iter().map(ToString::to_string).collect();
    assets.sort();
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let parts = [
        content.kind.to_string(),
        content.description.trim().to_owned(),
        content.plan.trim().to_owned(),
        content.backout_plan.trim().to_owned(),
        content.test_plan.trim().to_owned(),
        content.risk_level.map(|risk| risk.to_string()).unwrap_or_default(),
        at(content.window.0),
        at(content.window.1),
        assets.join(","),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}
