//! What was looked for in vain.

use crate::desk::Desk;
use crate::search::Miss;
use crate::{Actor, Permission, Result};

/// The newest hundred of those looked for most, for those who write articles.
pub async fn list_misses(desk: &Desk, actor: &Actor) -> Result<Vec<Miss>> {
    actor.require(Permission::ArticleWrite)?;
    let misses = sqlx::query_as!(
        Miss,
        r#"SELECT words, times, last_on::text AS "last_on!" FROM search_misses ORDER BY times DESC, last_on DESC, words LIMIT 100"#
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(misses)
}
