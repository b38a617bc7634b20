//! Tickets follow their category's name.

use crate::desk::Desk;
use crate::{Error, Result};

/// So many rows are changed in one transaction: no list waits for long.
const BATCH: i64 = 1000;

/// Gives every ticket of a category, or of a category's subcategory, the new names. A job; idempotent.
pub(crate) async fn rename_category(desk: &Desk, from: &[String], to: &[String]) -> Result<()> {
    let (Some(old), Some(new)) = (from.first(), to.first()) else {
        return Err(Error::internal("a category without a name"));
    };
    loop {
        let renamed = sqlx::query!(
            "UPDATE tickets SET category = $2, subcategory = CASE WHEN $3::text IS NULL THEN subcategory ELSE $4 END,
               version = version + 1
             WHERE id IN (SELECT id FROM tickets WHERE lower(category) = lower($1) AND category IS NOT NULL
               AND ($3::text IS NULL OR lower(subcategory) = lower($3))
               AND (category <> $2 OR ($3::text IS NOT NULL AND subcategory IS DISTINCT FROM $4)) LIMIT $5)",
            old,
            new,
            from.get(1),
            to.get(1),
            BATCH,
        )
        .execute(&desk.db)
        .await?
        .rows_affected();
        if renamed == 0 {
            return Ok(());
        }
    }
}
