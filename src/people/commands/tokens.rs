//! API tokens.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::{Actor, Error, Result, Timestamp, bounded, secret};

/// Makes an API token for the actor. This is the only time it can be read.
pub async fn create_token(desk: &Desk, actor: &Actor, name: &str, expires_in_days: Option<i32>) -> Result<String> {
    let user = actor.signed_in()?;
    let name = bounded("name", name, 100)?;
    if expires_in_days.is_some_and(|days| !(1..=3650).contains(&days)) {
        return Err(Error::invalid("expires", "Between 1 and 3650 days, please."));
    }
    let token = secret::new_token("oxd_");
    let mut tx = desk.db.begin().await?;
    let made = sqlx::query!(
        r#"INSERT INTO api_tokens (user_id, name, token_hash, expires_at)
           VALUES ($1, $2, $3, now() + make_interval(days => $4)) RETURNING id, expires_at AS "expires_at: Timestamp""#,
        user as _,
        name,
        secret::token_hash(&token),
        expires_in_days,
    )
    .fetch_one(&mut *tx)
    .await?;
    let until = made.expires_at.map_or("never expires".to_owned(), |at| format!("expires {at}"));
    let entry = AuditEntry::new("CREATE", "API_TOKEN").entity(made.id).describe(format!("{name}, {until}"));
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(token)
}
