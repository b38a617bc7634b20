//! Finding changes: by number, and by words of their title and description.

use super::Sought;
use crate::changes::{ChangeNumber, ChangeScope, queries};
use crate::desk::Desk;
use crate::search::{Found, FoundKind, Why};
use crate::{Actor, Result};

/// What all of the words stand in is likely what was meant.
const HAS_ALL: f32 = 0.6;

pub(super) async fn find_changes(desk: &Desk, actor: &Actor, sought: &Sought<'_>) -> Result<Vec<Found>> {
    let text = sought.question.text.trim();
    let number = text.parse::<ChangeNumber>().ok();
    let list = queries::list_changes(desk, actor, ChangeScope::All, Some(text), None, sought.limit).await?;
    let found = list.rows.into_iter().map(|row| {
        let is_its_number = number.as_ref() == Some(&row.change_number);
        let says = [Some(row.status.label().to_owned()), row.window, Some(row.requested_by)];
        Found {
            kind: FoundKind::Change,
            id: row.id.0,
            address: row.change_number.to_string(),
            title: row.title,
            excerpt: vec![(says.into_iter().flatten().collect::<Vec<_>>().join(" · "), false)],
            anchor: None,
            status: None,
            is_public: false,
            is_known_error: false,
            score: if is_its_number { 1.0 } else { HAS_ALL },
            why: Why { is_its_number, words: sought.question.words.clone(), has: HAS_ALL, meaning: None },
        }
    });
    Ok(found.collect())
}
