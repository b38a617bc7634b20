//! Counting attempts, shared by all nodes: sign-ins, mails asked for, anonymous forms.

use super::Erased;
use crate::{Error, Result};
use sqlx::{PgConnection, PgPool};

/// At most `limit` attempts in `window_seconds` for one `key`.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub limit: i32,
    pub window_seconds: i32,
}

/// Guesses at one account, wherever they come from.
pub const SIGN_IN_PER_ACCOUNT: Limit = Limit { limit: 10, window_seconds: 900 };
/// Guesses from one address, whatever account they try. Roomy: an office shares one address. Sign-ins that succeed are
/// given back: hundreds of people behind one address come on Monday at nine.
pub const SIGN_IN_PER_ADDRESS: Limit = Limit { limit: 100, window_seconds: 900 };
/// Codes tried for one account, at sign-in and in its owner's own pages: one in a hundred thousand guesses is right.
pub const CODES_PER_ACCOUNT: Limit = Limit { limit: 10, window_seconds: 900 };
/// Mails (verification, reset) asked for one address.
pub const MAIL_PER_ADDRESS: Limit = Limit { limit: 5, window_seconds: 3600 };
/// Tickets and accounts made by people who are not signed in.
pub const ANONYMOUS_FORM: Limit = Limit { limit: 20, window_seconds: 3600 };
/// Forms that people who are not signed in send, accepted or not: each may bring files.
pub const ANONYMOUS_UPLOAD: Limit = Limit { limit: 60, window_seconds: 3600 };

/// Questions of people who are not signed in, from one address. Roomy: an office shares one.
pub const ANONYMOUS_QUESTION: Limit = Limit { limit: 300, window_seconds: 3600 };

/// Mails that we send to one address without a person having written them.
pub const AUTOMATIC_PER_ADDRESS: Limit = Limit { limit: 10, window_seconds: 3600 };

/// Files with everything that is kept of somebody, for one person who asks.
pub const DATA_PER_PERSON: Limit = Limit { limit: 10, window_seconds: 3600 };

/// The same refusal of the same person is told once an hour.
pub const REFUSALS_TOLD: Limit = Limit { limit: 1, window_seconds: 3600 };

/// Refusals of one person that are told at all.
pub const REFUSALS_PER_PERSON: Limit = Limit { limit: 60, window_seconds: 3600 };

/// Counts one attempt, in a transaction of its own: a refused attempt stays counted.
pub async fn count(db: &PgPool, key: &str, limit: Limit) -> Result<()> {
    let row = sqlx::query!(
        r#"
        INSERT INTO throttles AS t (key, hits, window_ends)
        VALUES ($1, 1, now() + make_interval(secs => $2::int))
        ON CONFLICT (key) DO UPDATE SET
          hits = CASE WHEN t.window_ends <= now() THEN 1 ELSE t.hits + 1 END,
          window_ends = CASE WHEN t.window_ends <= now() THEN EXCLUDED.window_ends ELSE t.window_ends END
        RETURNING hits, ceil(extract(epoch FROM window_ends - now()))::int AS "seconds_left!"
        "#,
        key,
        limit.window_seconds,
    )
    .fetch_one(db)
    .await?;
    if row.hits > limit.limit {
        return Err(Error::RateLimited { retry_after_seconds: row.seconds_left.max(1).unsigned_abs() });
    }
    Ok(())
}

/// Takes one counted attempt back, after a success that says nothing about the others.
pub async fn give_back(db: &PgPool, key: &str) -> Result<()> {
    sqlx::query!("UPDATE throttles SET hits = hits - 1 WHERE key = $1 AND hits > 0", key).execute(db).await?;
    Ok(())
}

/// Forgets the attempts for `key`, after a success.
pub async fn clear(db: &PgPool, key: &str) -> Result<()> {
    sqlx::query!("DELETE FROM throttles WHERE key = $1", key).execute(db).await?;
    Ok(())
}

/// Attempts at an address are forgotten with whom it belonged to.
pub(super) async fn forget(tx: &mut PgConnection, who: &Erased) -> Result<()> {
    let theirs: Vec<String> = who.emails.iter().cloned().chain([who.user.to_string()]).collect();
    sqlx::query!(
        "DELETE FROM throttles WHERE EXISTS (SELECT FROM unnest($1::text[]) AS theirs (word) WHERE strpos(lower(key), word) > 0)",
        &theirs
    )
    .execute(tx)
    .await?;
    Ok(())
}
