//! The language that texts are searched in.

use crate::desk::Desk;
use crate::{Result, jobs};
use serde_json::json;
use sqlx::PgConnection;

/// So many rows are read again at once: whoever writes one of them meanwhile waits for no more.
const BATCH: i64 = 500;

/// Sets the language, one of [`crate::settings::LANGUAGES`], in the caller's transaction. From then on questions are read in
/// it, and what is written; a job reads again what is there.
pub(crate) async fn set_language(tx: &mut PgConnection, language: &str) -> Result<()> {
    sqlx::query!("SELECT set_search_language($1)", language).fetch_one(&mut *tx).await?;
    jobs::enqueue(tx, jobs::READ_AGAIN, &json!({}), "read_again").await
}

/// Reads every text again in the language that is set; none is changed by it.
pub(crate) async fn read_again(desk: &Desk) -> Result<()> {
    for (table, id, text) in [
        ("kb_articles", "id", "title"),
        ("tickets", "id", "subject"),
        ("ticket_comments", "id", "comment"),
        ("change_requests", "id", "title"),
        ("problems", "ticket_id", "workaround"),
    ] {
        let mut after = uuid::Uuid::nil();
        while let Some(last) = read_batch(desk, table, id, text, after).await? {
            after = last;
        }
    }
    Ok(())
}

/// The last row's id; none once there are no more.
async fn read_batch(desk: &Desk, table: &str, id: &str, text: &str, after: uuid::Uuid) -> Result<Option<uuid::Uuid>> {
    let mut tx = desk.db.begin().await?;
    sqlx::query!("SELECT set_config('oxdesk.reads_again', 'on', true)").fetch_one(&mut *tx).await?;
    // A generated column is made anew when one that it is made of is set, to whatever.
    let sql = format!(
        "WITH batch AS (SELECT {id} FROM {table} WHERE {id} > $1 ORDER BY {id} LIMIT $2),
           again AS (UPDATE {table} SET {text} = {text} WHERE {id} IN (SELECT {id} FROM batch))
         SELECT {id} FROM batch ORDER BY {id} DESC LIMIT 1"
    );
    let last = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(after).bind(BATCH).fetch_optional(&mut *tx).await?;
    tx.commit().await?;
    Ok(last)
}
