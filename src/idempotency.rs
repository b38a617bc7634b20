//! Answers kept for a day under the key a client chose, so that a repeated request is not done twice.

use crate::desk::Desk;
use crate::{Actor, Result, secret};

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Not used yet: it is the caller's now, to be settled.
    Fresh,
    /// The same request was answered already.
    Answered { status: u16, body: String },
    /// Used for another request.
    Other,
    /// The same request is being worked on. After a minute without an answer its key may be claimed again.
    InProgress,
}

/// What to keep of a claimed request.
#[derive(Debug, Clone)]
pub enum Keep {
    Answer { status: u16, body: String },
    Nothing,
}

/// Claims `key` for the request with this `fingerprint`.
pub async fn claim(desk: &Desk, actor: &Actor, key: &str, fingerprint: &[u8]) -> Result<Claim> {
    let user = actor.signed_in()?;
    let hash = secret::bytes_hash(fingerprint);
    let claimed = sqlx::query!(
        "INSERT INTO idempotency_keys AS k (user_id, key, request_hash) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, key) DO UPDATE SET created_at = now()
         WHERE k.status IS NULL AND k.request_hash = EXCLUDED.request_hash AND k.created_at < now() - interval '1 minute'",
        user as _,
        key,
        hash
    )
    .execute(&desk.db)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Claim::Fresh);
    }
    let row = sqlx::query!(
        "SELECT request_hash, status, body FROM idempotency_keys WHERE user_id = $1 AND key = $2",
        user as _,
        key
    )
    .fetch_optional(&desk.db)
    .await?;
    Ok(match row {
        Some(row) if row.request_hash != hash => Claim::Other,
        Some(row) => match (row.status, row.body) {
            (Some(status), Some(body)) => Claim::Answered { status: status.unsigned_abs(), body },
            _ => Claim::InProgress,
        },
        // Given up between the two statements: the client tries again.
        None => Claim::InProgress,
    })
}

/// Keeps the answer, or gives the key up.
pub async fn settle(desk: &Desk, actor: &Actor, key: &str, keep: Keep) -> Result<()> {
    let user = actor.signed_in()?;
    match keep {
        Keep::Answer { status, body } => {
            sqlx::query!(
                "UPDATE idempotency_keys SET status = $3, body = $4 WHERE user_id = $1 AND key = $2",
                user as _,
                key,
                i16::try_from(status).unwrap_or(500),
                body
            )
            .execute(&desk.db)
            .await?;
        }
        Keep::Nothing => {
            sqlx::query!("DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2", user as _, key)
                .execute(&desk.db)
                .await?;
        }
    }
    Ok(())
}
