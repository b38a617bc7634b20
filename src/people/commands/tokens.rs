//! API tokens.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::rules::{TOKENS_MAX, check_within_reach};
use crate::people::{NewToken, TokenId};
use crate::{Actor, Error, Origin, Permission, Result, Timestamp, bounded, secret};

/// Makes an API token for the actor. This is the only time it can be read. A token makes no tokens: one that may do little would make
/// itself one that may do all.
pub async fn create_token(desk: &Desk, actor: &Actor, new: &NewToken) -> Result<String> {
    let user = actor.signed_in()?;
    if actor.origin == Origin::ApiToken {
        return Err(Error::Forbidden);
    }
    let name = bounded("name", &new.name, 100)?;
    if new.expires_in_days.is_some_and(|days| !(1..=3650).contains(&days)) {
        return Err(Error::invalid("expires", "Between 1 and 3650 days, please."));
    }
    if let Some(scopes) = &new.scopes {
        if scopes.is_empty() {
            return Err(Error::invalid("scopes", "Tick at least one thing that it may do."));
        }
        check_within_reach(actor, "scopes", scopes)?;
    }
    let scopes = new.scopes.as_ref().map(|scopes| scopes.iter().map(Permission::to_string).collect::<Vec<_>>());
    let token = secret::new_token("oxd_");
    let mut tx = desk.db.begin().await?;
    sqlx::query!("SELECT id FROM users WHERE id = $1 FOR UPDATE", user as _).fetch_one(&mut *tx).await?;
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM api_tokens WHERE user_id = $1"#, user as _)
        .fetch_one(&mut *tx)
        .await?;
    if count >= TOKENS_MAX {
        return Err(Error::invalid("name", format!("There are {TOKENS_MAX} already: end one that is not used.")));
    }
    let made = sqlx::query!(
        r#"INSERT INTO api_tokens (user_id, name, token_hash, expires_at, scopes)
           VALUES ($1, $2, $3, now() + make_interval(days => $4), $5) RETURNING id, expires_at AS "expires_at: Timestamp""#,
        user as _,
        name,
        secret::token_hash(&token),
        new.expires_in_days,
        scopes.as_deref(),
    )
    .fetch_one(&mut *tx)
    .await?;
    let until = made.expires_at.map_or("never expires".to_owned(), |at| format!("expires {at}"));
    let may = scopes.map_or("all that its owner may".to_owned(), |scopes| scopes.join(", "));
    let entry = AuditEntry::new("CREATE", "API_TOKEN").entity(made.id).describe(format!("{name}, {until}, {may}"));
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(token)
}

/// Ends one of the actor's own tokens, at once.
pub async fn revoke_token(desk: &Desk, actor: &Actor, token: TokenId) -> Result<()> {
    let user = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    let name =
        sqlx::query_scalar!("DELETE FROM api_tokens WHERE id = $1 AND user_id = $2 RETURNING name", token.0, user as _)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::NotFound)?;
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "API_TOKEN").entity(token).describe(name)).await?;
    tx.commit().await?;
    Ok(())
}
