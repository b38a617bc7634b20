//! What is known of a problem: the cause of others, and how people work on meanwhile.

use super::{History, record, write_history};
use crate::desk::Desk;
use crate::tickets::queries::lock_visible;
use crate::tickets::{ProblemForm, TicketId};
use crate::{Actor, Error, Permission, Result, Validation, optional};
use serde_json::json;
use sqlx::PgConnection;

/// The longest cause or workaround, in characters.
const TEXT_MAX: usize = 20_000;

/// Makes a ticket a problem, or writes down what is known of it; `version` is the one that was read, none of a ticket that is
/// none yet.
pub async fn save_problem(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    version: Option<i32>,
    form: &ProblemForm,
) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let form = checked(form)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let was_known = check_version(&mut tx, ticket, version).await?;
    sqlx::query!(
        "INSERT INTO problems (ticket_id, root_cause, workaround, is_known_error, updated_by_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (ticket_id) DO UPDATE SET root_cause = EXCLUDED.root_cause, workaround = EXCLUDED.workaround,
           is_known_error = EXCLUDED.is_known_error, updated_by_id = EXCLUDED.updated_by_id, version = problems.version + 1",
        ticket as _,
        form.root_cause,
        form.workaround,
        form.is_known_error,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    let word = |known: bool| if known { "known error" } else { "problem" };
    let (before, after) = (was_known.map(word), word(form.is_known_error));
    write_history(&mut tx, actor, ticket, History::internal("UPDATED", "problem", before, Some(after))).await?;
    told(&mut tx, actor, ticket).await?;
    tx.commit().await?;
    Ok(())
}

/// Says that a ticket is no problem after all: what was known of it goes.
pub async fn drop_problem(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let gone = sqlx::query!("DELETE FROM problems WHERE ticket_id = $1", ticket as _).execute(&mut *tx).await?;
    if gone.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    write_history(&mut tx, actor, ticket, History::internal("UPDATED", "problem", Some("problem"), None)).await?;
    told(&mut tx, actor, ticket).await?;
    tx.commit().await?;
    Ok(())
}

fn checked(form: &ProblemForm) -> Result<ProblemForm> {
    let mut check = Validation::default();
    let root_cause = check.take(optional("root_cause", form.root_cause.as_deref(), TEXT_MAX));
    let workaround = check.take(optional("workaround", form.workaround.as_deref(), TEXT_MAX));
    check.finish()?;
    if form.is_known_error && root_cause.is_none() && workaround.is_none() {
        return Err(Error::invalid("workaround", "A known error has a cause or a workaround: please write one down."));
    }
    Ok(ProblemForm { root_cause, workaround, is_known_error: form.is_known_error })
}

/// Whether it was a known error, where it was a problem at all.
async fn check_version(tx: &mut PgConnection, ticket: TicketId, version: Option<i32>) -> Result<Option<bool>> {
    let before =
        sqlx::query!("SELECT version, is_known_error FROM problems WHERE ticket_id = $1 FOR UPDATE", ticket as _)
            .fetch_optional(tx)
            .await?;
    match (&before, version) {
        (Some(before), version) if version != Some(before.version) => Err(Error::Conflict { current: before.version }),
        (None, Some(_)) => Err(Error::NotFound),
        _ => Ok(before.map(|before| before.is_known_error)),
    }
}

async fn told(tx: &mut PgConnection, actor: &Actor, ticket: TicketId) -> Result<()> {
    record(tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["problem"] })).await
}
