//! What a category is.

use crate::id::id;
use crate::tickets::{QueueId, TicketPriority};
use serde::{Deserialize, Serialize};

id!(CategoryId);

/// A category, or a subcategory when it has a parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    pub id: CategoryId,
    pub parent_id: Option<CategoryId>,
    pub name: String,
    pub description: Option<String>,
    /// Where its tickets go.
    pub queue_id: Option<QueueId>,
    /// The priority its tickets begin with.
    pub priority: Option<TicketPriority>,
    /// Offered in the portal.
    pub is_public: bool,
    pub position: i32,
    pub version: i32,
}

/// A category as an administrator fills it in; see [`super::commands::save_category`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCategory {
    pub name: String,
    pub parent_id: Option<String>,
    pub description: Option<String>,
    pub queue_id: Option<String>,
    pub priority: Option<String>,
    pub is_public: bool,
    pub position: Option<i32>,
}

/// What a ticket's two names mean in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The category and, under it, the subcategory.
    pub ids: Vec<CategoryId>,
    /// As the tree writes them; as they were given where the tree does not know them.
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub queue_id: Option<QueueId>,
    pub priority: Option<TicketPriority>,
}

/// Finds what a ticket's category and subcategory mean. A name the tree does not know stays a name. The subcategory's
/// queue and priority come before its parent's.
pub fn place(tree: &[Category], category: Option<&str>, subcategory: Option<&str>) -> Place {
    let find = |parent: Option<CategoryId>, name: &str| {
        let same = |found: &&Category| found.parent_id == parent && found.name.to_lowercase() == name.to_lowercase();
        tree.iter().find(same)
    };
    let top = category.and_then(|name| find(None, name));
    let sub = top.zip(subcategory).and_then(|(top, name)| find(Some(top.id), name));
    let found = || sub.into_iter().chain(top);
    Place {
        ids: top.into_iter().chain(sub).map(|found| found.id).collect(),
        category: top.map(|top| top.name.clone()).or_else(|| category.map(str::to_owned)),
        subcategory: sub.map(|sub| sub.name.clone()).or_else(|| subcategory.map(str::to_owned)),
        queue_id: found().find_map(|found| found.queue_id),
        priority: found().find_map(|found| found.priority),
    }
}

/// Stands between a category and its subcategory where both are one text.
pub const PATH: &str = " / ";

/// `Hardware / Laptop`, or the category alone.
pub fn path(category: &str, subcategory: Option<&str>) -> String {
    subcategory.map_or_else(|| category.to_owned(), |sub| format!("{category}{PATH}{sub}"))
}

/// The two names of a [`path`].
pub fn split_path(path: &str) -> (Option<String>, Option<String>) {
    let name = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    match path.split_once(PATH) {
        Some((category, subcategory)) => (name(category), name(subcategory)),
        None => (name(path), None),
    }
}

/// Places in a list go so far.
pub const POSITION_MAX: i32 = 1_000_000;

/// A place in a list: from 0 to [`POSITION_MAX`].
pub fn check_position(position: Option<i32>) -> crate::Result<()> {
    match position {
        Some(position) if !(0..=POSITION_MAX).contains(&position) => {
            Err(crate::Error::invalid("position", format!("From 0 to {POSITION_MAX}, please.")))
        }
        _ => Ok(()),
    }
}

/// At most this many categories, subcategories included.
pub const CATEGORIES_MAX: i64 = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn category(id: u128, parent: Option<u128>, name: &str, queue: Option<u128>) -> Category {
        Category {
            id: CategoryId(Uuid::from_u128(id)),
            parent_id: parent.map(|id| CategoryId(Uuid::from_u128(id))),
            name: name.into(),
            description: None,
            queue_id: queue.map(|id| QueueId(Uuid::from_u128(id))),
            priority: None,
            is_public: true,
            position: 0,
            version: 1,
        }
    }

    #[test]
    fn a_subcategory_counts_only_under_its_own_parent() {
        let tree = [
            category(1, None, "Hardware", Some(7)),
            category(2, Some(1), "Laptop", Some(8)),
            category(3, None, "Software", None),
        ];
        let both = place(&tree, Some("hardware"), Some("LAPTOP"));
        assert_eq!((both.category.as_deref(), both.subcategory.as_deref()), (Some("Hardware"), Some("Laptop")));
        assert_eq!((both.ids.len(), both.queue_id), (2, Some(QueueId(Uuid::from_u128(8)))));
        let strange = place(&tree, Some("Software"), Some("Laptop"));
        assert_eq!((strange.ids.len(), strange.queue_id), (1, None));
        assert_eq!(place(&tree, Some("Coffee"), None).category.as_deref(), Some("Coffee"));
    }
}
