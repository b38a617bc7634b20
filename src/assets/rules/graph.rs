//! Which assets depend on which: circles that may not be, and what fails with what.

use crate::assets::{AssetId, RelationType};
use std::collections::{HashMap, HashSet, VecDeque};

/// An edge of the graph, as the spec's `AssetRelationship` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Edge {
    pub source: AssetId,
    pub target: AssetId,
    pub kind: RelationType,
}

impl Edge {
    /// Who fails when the other does, as (cause, affected): what is within a thing that fails, what depends on it, and what is
    /// connected to it only if it depends on it, too. A licence that ends ends what it is for.
    pub fn failure(self) -> Option<(AssetId, AssetId)> {
        match self.kind {
            RelationType::Contains | RelationType::LicensedFor => Some((self.source, self.target)),
            RelationType::DependsOn => Some((self.target, self.source)),
            RelationType::ConnectedTo => None,
        }
    }
}

/// Whether `new` would close a circle of its kind.
pub fn closes_circle(edges: &[Edge], new: Edge) -> bool {
    if !new.kind.forbids_circles() {
        return false;
    }
    let mut next: HashMap<AssetId, Vec<AssetId>> = HashMap::new();
    for edge in edges.iter().filter(|edge| edge.kind == new.kind) {
        next.entry(edge.source).or_default().push(edge.target);
    }
    let (mut seen, mut queue) = (HashSet::from([new.target]), VecDeque::from([new.target]));
    while let Some(at) = queue.pop_front() {
        if at == new.source {
            return true;
        }
        queue.extend(next.get(&at).into_iter().flatten().copied().filter(|one| seen.insert(*one)));
    }
    false
}

/// What fails with `from`, each with the number of steps to it: the model that the database's answer is tested against.
pub fn affected(edges: &[Edge], from: AssetId) -> HashMap<AssetId, u32> {
    let mut next: HashMap<AssetId, Vec<AssetId>> = HashMap::new();
    for (cause, hit) in edges.iter().filter_map(|edge| edge.failure()) {
        next.entry(cause).or_default().push(hit);
    }
    let (mut found, mut queue) = (HashMap::new(), VecDeque::from([(from, 0)]));
    while let Some((at, steps)) = queue.pop_front() {
        for hit in next.get(&at).into_iter().flatten() {
            if *hit != from && !found.contains_key(hit) {
                found.insert(*hit, steps + 1);
                queue.push_back((*hit, steps + 1));
            }
        }
    }
    found
}
