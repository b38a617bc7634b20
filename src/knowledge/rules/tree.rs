//! Categories in the order in which a tree is read.

use crate::knowledge::{KbCategory, KbCategoryId};

/// A category, and before which it would stand one step up or down among those beside it: none where it is the first or the
/// last already; `Some(None)` is the last place.
#[derive(Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    pub category: &'a KbCategory,
    pub depth: usize,
    pub up: Option<Option<KbCategoryId>>,
    pub down: Option<Option<KbCategoryId>>,
}

/// Each with those under it behind it. What hangs on nothing that is there stands at the end.
pub fn in_tree_order(all: &[KbCategory]) -> Vec<Placed<'_>> {
    let mut placed = Vec::with_capacity(all.len());
    below(None, 0, all, &mut placed);
    for category in all {
        if !placed.iter().any(|known: &Placed<'_>| known.category.id == category.id) {
            placed.push(Placed { category, depth: 0, up: None, down: None });
        }
    }
    placed
}

fn below<'a>(parent: Option<KbCategoryId>, depth: usize, all: &'a [KbCategory], placed: &mut Vec<Placed<'a>>) {
    let beside: Vec<&KbCategory> = all.iter().filter(|one| one.parent_id == parent).collect();
    for (at, category) in beside.iter().enumerate() {
        let up = at.checked_sub(1).map(|before| Some(beside[before].id));
        let down = (at + 1 < beside.len()).then(|| beside.get(at + 2).map(|one| one.id));
        placed.push(Placed { category, depth, up, down });
        below(Some(category.id), depth + 1, all, placed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(id: u128, parent: Option<u128>) -> KbCategory {
        let as_id = |id| KbCategoryId(uuid::Uuid::from_u128(id));
        KbCategory {
            id: as_id(id),
            parent_id: parent.map(as_id),
            name: id.to_string(),
            description: None,
            order: 0,
            active: true,
            articles: 0,
            version: 1,
        }
    }

    #[test]
    fn each_stands_before_those_under_it_and_knows_its_next_places() {
        let all = [category(1, None), category(2, None), category(3, Some(1)), category(4, None), category(5, Some(9))];
        let seen: Vec<_> = in_tree_order(&all)
            .iter()
            .map(|one| {
                (one.category.name.clone(), one.depth, one.up.is_some(), one.down.map(|to| to.map(|id| id.0.as_u128())))
            })
            .collect();
        let expected = [
            ("1", 0, false, Some(Some(4))),
            ("3", 1, false, None),
            ("2", 0, true, Some(None)),
            ("4", 0, true, None),
            ("5", 0, false, None),
        ];
        assert_eq!(seen, expected.map(|(name, depth, up, down)| (name.to_owned(), depth, up, down)));
    }
}
