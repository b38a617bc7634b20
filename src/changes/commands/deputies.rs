//! Who votes for someone who is away.

use crate::desk::Desk;
use crate::people::UserId;
use crate::{Actor, Error, Permission, Result, parse_day};

/// Names who votes for the actor, from one day to another in the actor's time zone, both included.
pub async fn name_deputy(desk: &Desk, actor: &Actor, deputy: UserId, from: &str, until: &str) -> Result<()> {
    let me = actor.signed_in()?;
    actor.require(Permission::ChangeCreate)?;
    let (from, until) = (parse_day("from_day", from)?, parse_day("until_day", until)?);
    if until < from {
        return Err(Error::invalid("until_day", "It ends after it begins, please."));
    }
    if deputy == me {
        return Err(Error::invalid("deputy_id", "Somebody else, please."));
    }
    let saved = sqlx::query!(
        "INSERT INTO deputies (user_id, deputy_id, from_day, until_day)
         SELECT $1, u.id, $3::text::date, $4::text::date FROM users u WHERE u.id = $2 AND u.active AND u.deleted_at IS NULL AND works_on_changes(u.id)
         ON CONFLICT (user_id, deputy_id, from_day) DO UPDATE SET until_day = EXCLUDED.until_day",
        me as _,
        deputy as _,
        from,
        until
    );
    match saved.execute(&desk.db).await?.rows_affected() {
        0 => Err(Error::invalid("deputy_id", "There is no such person, or they do not work on changes.")),
        _ => Ok(()),
    }
}

/// Ends every deputyship of a person for the actor.
pub async fn end_deputy(desk: &Desk, actor: &Actor, deputy: UserId) -> Result<()> {
    let me = actor.signed_in()?;
    let gone = sqlx::query!("DELETE FROM deputies WHERE user_id = $1 AND deputy_id = $2", me as _, deputy as _);
    if gone.execute(&desk.db).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}
