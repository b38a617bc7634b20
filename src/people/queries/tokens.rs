//! One's own API tokens.

use crate::desk::Desk;
use crate::people::{ApiToken, TokenId};
use crate::{Actor, Result, Timestamp};

/// The actor's own, the latest first. Those that have expired are among them until they are ended.
pub async fn list_tokens(desk: &Desk, actor: &Actor) -> Result<Vec<ApiToken>> {
    let user = actor.signed_in()?;
    let rows = sqlx::query!(
        r#"SELECT id, name, scopes, created_at AS "created_at: Timestamp", last_used_at AS "last_used_at: Timestamp", expires_at AS "expires_at: Timestamp"
           FROM api_tokens WHERE user_id = $1 ORDER BY id DESC LIMIT 200"#,
        user as _
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ApiToken {
            id: TokenId(row.id),
            name: row.name,
            scopes: row.scopes.map(|words| words.iter().filter_map(|word| word.parse().ok()).collect()),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        })
        .collect())
}
