//! What most of several have, each counted as much as it is alike.

use std::collections::HashMap;
use std::hash::Hash;

/// So many must agree, and so large a share of the weight of those that have any.
const AGREE: usize = 2;
const SHARE: f64 = 0.6;

/// The value that enough of them have; what has none does not vote.
pub fn vote<T: Eq + Hash>(ballots: impl IntoIterator<Item = (Option<T>, f64)>) -> Option<T> {
    let mut boxes: HashMap<T, (usize, f64)> = HashMap::new();
    let mut total = 0.0;
    for (value, weight) in ballots {
        let Some(value) = value else { continue };
        let (count, sum) = boxes.entry(value).or_default();
        *count += 1;
        *sum += weight;
        total += weight;
    }
    let most = boxes.into_iter().max_by(|(_, (_, one)), (_, (_, other))| one.total_cmp(other));
    most.filter(|(_, (count, sum))| *count >= AGREE && *sum >= SHARE * total).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_must_agree() {
        assert_eq!(vote([(Some("a"), 0.9)]), None);
        assert_eq!(vote([(Some("a"), 0.9), (Some("a"), 0.5), (None, 0.9), (Some("b"), 0.6)]), Some("a"));
        assert_eq!(vote([(Some("a"), 0.5), (Some("a"), 0.4), (Some("b"), 0.7), (Some("b"), 0.3)]), None);
        assert_eq!(vote::<&str>([]), None);
    }
}
