//! What was looked for and not found.

use crate::desk::Desk;
use crate::search::rules::{Question, without_personal_data};
use crate::search::{FoundKind, Results};
use crate::{Actor, Permission, Result};

/// A result that scores less is none.
const ENOUGH: f32 = 0.28;
/// So many are kept: anyone may look for anything.
const MISSES_MAX: i64 = 5000;

/// Keeps what was asked for in vain among articles, without who asked, and without what could be someone's.
pub async fn keep_miss(desk: &Desk, question: &Question, results: &Results) -> Result<()> {
    let answers = |score: f32| score >= ENOUGH || !results.by_meaning;
    if results.rows.iter().any(|row| row.kind == FoundKind::Article && answers(row.score)) {
        return Ok(());
    }
    let Some(words) = without_personal_data(&question.text) else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO search_misses AS m (words) SELECT $1 WHERE (SELECT count(*) FROM search_misses) < $2
         ON CONFLICT (words) DO UPDATE SET times = m.times + 1, last_on = current_date",
        words,
        MISSES_MAX
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}

/// Takes it off the list: it was answered, or needs no answer.
pub async fn forget_miss(desk: &Desk, actor: &Actor, words: &str) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    sqlx::query!("DELETE FROM search_misses WHERE words = $1", words).execute(&desk.db).await?;
    Ok(())
}
