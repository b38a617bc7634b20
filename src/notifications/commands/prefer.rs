//! How someone wants to be told.

use crate::desk::Desk;
use crate::notifications::{Preferences, QuietHours};
use crate::tickets::TicketId;
use crate::tickets::commands::may_see;
use crate::{Actor, Error, Result, Validation};

/// Keeps what the actor chose; what waits to go by mail goes when it says so now. Invalid for an unknown time zone and
/// for quiet hours without an end.
pub async fn save_preferences(desk: &Desk, actor: &Actor, chosen: &Preferences) -> Result<()> {
    let me = actor.signed_in()?;
    let mut wrong = Validation::default();
    if jiff::tz::TimeZone::get(&chosen.time_zone).is_err() || chosen.time_zone.is_empty() {
        let message = format!("“{}” is no time zone: one looks like Europe/Berlin.", chosen.time_zone);
        wrong.take::<()>(Err(Error::invalid("time_zone", message)));
    }
    if let Some(QuietHours { from, to }) = chosen.quiet
        && (from == to || !(0..1440).contains(&from) || !(0..1440).contains(&to))
    {
        wrong.take::<()>(Err(Error::invalid("quiet_to", "Quiet hours end at another time than they begin.")));
    }
    wrong.finish()?;
    let (kinds, channels): (Vec<_>, Vec<_>) =
        chosen.channels.iter().map(|(kind, channels)| (kind.as_str().to_owned(), *channels)).unzip();
    let in_app: Vec<_> = channels.iter().map(|channels| channels.in_app).collect();
    let by_mail: Vec<_> = channels.iter().map(|channels| channels.by_mail).collect();
    let mut tx = desk.db.begin().await?;
    sqlx::query!("UPDATE users SET time_zone = $2 WHERE id = $1 AND time_zone <> $2", me as _, chosen.time_zone)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "INSERT INTO notification_preferences (user_id, type, in_app, by_mail)
         SELECT $1, * FROM unnest($2::text[], $3::bool[], $4::bool[])
         ON CONFLICT (user_id, type) DO UPDATE SET in_app = EXCLUDED.in_app, by_mail = EXCLUDED.by_mail",
        me as _,
        &kinds,
        &in_app,
        &by_mail
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO notification_schedules (user_id, digest, quiet_from, quiet_to) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET digest = EXCLUDED.digest, quiet_from = EXCLUDED.quiet_from, quiet_to = EXCLUDED.quiet_to",
        me as _,
        chosen.digest.as_str(),
        chosen.quiet.map(|quiet| quiet.from),
        chosen.quiet.map(|quiet| quiet.to),
    )
    .execute(&mut *tx)
    .await?;
    // What no longer goes by mail does not, though it was to.
    sqlx::query!(
        "UPDATE notifications n SET mail_due_at = NULL FROM notification_preferences p
         WHERE n.user_id = $1 AND n.mail_due_at IS NOT NULL AND p.user_id = n.user_id AND p.type = n.type AND NOT p.by_mail",
        me as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the actor hears of a ticket only when they are mentioned.
pub async fn mute_ticket(desk: &Desk, actor: &Actor, ticket: TicketId, muted: bool) -> Result<()> {
    let me = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    if !may_see(&mut tx, actor, ticket).await? {
        return Err(Error::NotFound);
    }
    if muted {
        sqlx::query!(
            "INSERT INTO ticket_mutes (ticket_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            ticket as _,
            me as _
        )
        .execute(&mut *tx)
        .await?;
    } else {
        sqlx::query!("DELETE FROM ticket_mutes WHERE ticket_id = $1 AND user_id = $2", ticket as _, me as _)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}
