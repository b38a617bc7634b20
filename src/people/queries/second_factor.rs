//! One's own second factor, as its page shows it.

use crate::desk::Desk;
use crate::people::rules::second_factor::{key_bytes, otpauth_link};
use crate::people::{Preparation, SecondFactor};
use crate::{Actor, Error, Result, Timestamp, settings};

/// How it is. While it is being set up, with its secret: this is the only time that it is shown.
pub async fn second_factor(desk: &Desk, actor: &Actor) -> Result<SecondFactor> {
    let user = actor.signed_in()?;
    let row = sqlx::query!(
        r#"SELECT f.secret, f.confirmed_at AS "confirmed_at: Timestamp", f.new_codes,
             (SELECT count(*) FROM recovery_codes c WHERE c.user_id = f.user_id AND c.used_at IS NULL) AS "codes_left!"
           FROM second_factors f WHERE f.user_id = $1 AND (f.confirmed_at IS NOT NULL OR f.created_at > now() - interval '1 hour')"#,
        user as _
    );
    let Some(row) = row.fetch_optional(&desk.db).await? else { return Ok(SecondFactor::Off) };
    let new_codes: Vec<String> = row
        .new_codes
        .and_then(|sealed| desk.secret.unseal(&sealed))
        .map(|codes| codes.lines().map(str::to_owned).collect())
        .unwrap_or_default();
    if let Some(since) = row.confirmed_at {
        return Ok(SecondFactor::On { since, codes_left: row.codes_left, new_codes });
    }
    // Sealed with a key that is gone: it is made anew.
    let Some(key) = desk.secret.unseal(&row.secret) else { return Ok(SecondFactor::Off) };
    let name = settings::queries::brand(desk).await?.name;
    let account = actor.email.as_ref().map_or(actor.name.as_str(), |email| email.as_str());
    let link = otpauth_link(&key_bytes(&key).ok_or(Error::Internal)?, &name, account)?;
    Ok(SecondFactor::Preparing(Preparation { key, link, recovery_codes: new_codes }))
}
