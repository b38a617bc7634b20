//! Making and changing a change. While it is in review, what matters of it is asked about again.

use super::review::{ask_next, seat_approvers};
use super::state::{Locked, lock_own, note, rehash, set_status, voices};
use crate::assets::{self, AssetId};
use crate::audit::{self, AuditEntry};
use crate::changes::rules::{Checked, Outcome, check_change, check_window, may_edit, outcome};
use crate::changes::{ChangeForm, ChangeId, ChangeStatus, ChangeType};
use crate::desk::Desk;
use crate::tickets::{self, TicketId};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::PgConnection;

/// Makes a change, a draft with the year's next number, or changes one; `version` is the one that was read.
pub async fn save_change(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(ChangeId, i32)>,
    form: &ChangeForm,
) -> Result<ChangeId> {
    actor.require(Permission::ChangeCreate)?;
    let new = check_change(form)?;
    let (assets, ticket) = (named_assets(desk, actor, form).await?, named_ticket(desk, actor, form).await?);
    let mut tx = desk.db.begin().await?;
    check_template(&mut tx, &new).await?;
    let id = match changes {
        None => {
            check_window(new.window.0, new.window.1, Timestamp::now(), None)?;
            let id = insert(&mut tx, actor, &new, ticket).await?;
            set_assets(&mut tx, id, &assets).await?;
            rehash(&mut tx, actor, id).await?;
            note(&mut tx, actor, id, "made it", None).await?;
            id
        }
        Some((id, version)) => {
            let before = lock_own(&mut tx, actor, id, version).await?;
            if !may_edit(before.status) {
                return Err(Error::invalid("status", "What is over stays as it was."));
            }
            check_window(new.window.0, new.window.1, Timestamp::now(), before.planned_start_date)?;
            let keeps_ticket = ticket.is_none() && has_hidden_ticket(&mut tx, actor, id).await?;
            update(&mut tx, actor, id, &new, ticket, keeps_ticket).await?;
            set_assets(&mut tx, id, &assets).await?;
            asked_again(desk, &mut tx, actor, &before, new.kind).await?;
            id
        }
    };
    let deed = if changes.is_some() { "UPDATE" } else { "CREATE" };
    audit::record(&mut *tx, actor, AuditEntry::new(deed, "CHANGE_REQUEST").entity(id).describe(&new.title)).await?;
    tx.commit().await?;
    Ok(id)
}

/// What became of what was said, if what matters is another now.
async fn asked_again(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    before: &Locked,
    kind: ChangeType,
) -> Result<()> {
    let hash = rehash(tx, actor, before.id).await?;
    if before.content_hash.as_ref() == Some(&hash) {
        return note(tx, actor, before.id, "changed its words", None).await;
    }
    match before.status {
        // Of another kind, it goes another way.
        ChangeStatus::Submitted | ChangeStatus::InReview | ChangeStatus::Approved if kind != before.kind => {
            set_status(tx, actor, before.id, ChangeStatus::Draft).await?;
            super::review::forget_votes(tx, before.id).await?;
            note(tx, actor, before.id, "made it a change of another kind: a draft again", None).await
        }
        ChangeStatus::Approved if kind == ChangeType::Standard => {
            set_status(tx, actor, before.id, ChangeStatus::Draft).await?;
            note(tx, actor, before.id, "changed what matters: a draft again", None).await
        }
        ChangeStatus::InReview | ChangeStatus::Approved => {
            seat_approvers(tx, before.id).await?;
            // What it says now may be what all of them said yes to before.
            if outcome(kind, &voices(tx, before.id).await?, &hash) == Outcome::Approved {
                set_status(tx, actor, before.id, ChangeStatus::Approved).await?;
                return note(tx, actor, before.id, "made it what was approved again", None).await;
            }
            if before.status == ChangeStatus::Approved {
                set_status(tx, actor, before.id, ChangeStatus::InReview).await?;
            }
            note(tx, actor, before.id, "changed what matters: earlier votes no longer count", None).await?;
            ask_next(desk, tx, actor, before.id).await
        }
        _ => note(tx, actor, before.id, "changed it", None).await,
    }
}

async fn insert(tx: &mut PgConnection, actor: &Actor, new: &Checked, ticket: Option<TicketId>) -> Result<ChangeId> {
    let me = actor.signed_in()?;
    let id = ChangeId::new();
    sqlx::query!(
        "INSERT INTO change_requests (id, change_number, title, description, type, priority, risk_level, risk_answers, plan, backout_plan, test_plan,
           planned_start_date, planned_end_date, template_id, related_ticket_id, requested_by_id, created_by_id, updated_by_id)
         VALUES ($1, next_number('CHG'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $15)",
        id as _,
        new.title,
        new.description,
        new.kind as _,
        new.priority as _,
        new.risk_level as _,
        serde_json::json!(new.risk_answers),
        new.plan,
        new.backout_plan,
        new.test_plan,
        new.window.0 as _,
        new.window.1 as _,
        new.template_id as _,
        ticket as _,
        me as _
    )
    .execute(tx)
    .await?;
    Ok(id)
}

async fn update(
    tx: &mut PgConnection,
    actor: &Actor,
    id: ChangeId,
    new: &Checked,
    ticket: Option<TicketId>,
    // Its ticket is one that the actor cannot see: a form without one says nothing about it.
    keeps_ticket: bool,
) -> Result<()> {
    sqlx::query!(
        "UPDATE change_requests SET title = $2, description = $3, type = $4, priority = $5, risk_level = $6, risk_answers = $7, plan = $8,
           backout_plan = $9, test_plan = $10, planned_start_date = $11, planned_end_date = $12, template_id = $13,
           related_ticket_id = CASE WHEN $16 THEN related_ticket_id ELSE $14 END,
           updated_by_id = $15, version = version + 1 WHERE id = $1",
        id as _,
        new.title,
        new.description,
        new.kind as _,
        new.priority as _,
        new.risk_level as _,
        serde_json::json!(new.risk_answers),
        new.plan,
        new.backout_plan,
        new.test_plan,
        new.window.0 as _,
        new.window.1 as _,
        new.template_id as _,
        ticket as _,
        actor.user_id as _,
        keeps_ticket
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn set_assets(tx: &mut PgConnection, change: ChangeId, assets: &[AssetId]) -> Result<()> {
    sqlx::query!("DELETE FROM change_assets WHERE change_id = $1 AND asset_id <> ALL($2)", change as _, assets as _)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "INSERT INTO change_assets (change_id, asset_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING",
        change as _,
        assets as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Those that the actor may see; each one that they may not is named.
async fn named_assets(desk: &Desk, actor: &Actor, form: &ChangeForm) -> Result<Vec<AssetId>> {
    let numbers: Vec<String> = form.assets.iter().map(ToString::to_string).collect();
    let found = assets::queries::ids_by_number(desk, actor, &numbers).await?;
    let missing: Vec<&str> = numbers.iter().filter(|number| !found.contains_key(*number)).map(String::as_str).collect();
    if missing.is_empty() {
        let mut ids: Vec<AssetId> = found.into_values().collect();
        ids.sort();
        return Ok(ids);
    }
    Err(Error::invalid("assets", format!("There is no such asset, or you may not see it: {}.", missing.join(", "))))
}

async fn named_ticket(desk: &Desk, actor: &Actor, form: &ChangeForm) -> Result<Option<TicketId>> {
    let Some(number) = &form.related_ticket else { return Ok(None) };
    let missing = || Error::invalid("related_ticket", "There is no such ticket, or you may not see it.");
    Ok(Some(tickets::queries::shown_by_number(desk, actor, number).await.map_err(|_| missing())?))
}

/// Whether the change came of a ticket that the actor may not see.
async fn has_hidden_ticket(tx: &mut PgConnection, actor: &Actor, change: ChangeId) -> Result<bool> {
    let ticket = sqlx::query_scalar!(
        r#"SELECT related_ticket_id AS "id: TicketId" FROM change_requests WHERE id = $1"#,
        change as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let Some(ticket) = ticket else { return Ok(false) };
    Ok(tickets::queries::visible_among(tx, actor, &[ticket]).await?.is_empty())
}

/// A standard change is one whose template was approved.
async fn check_template(tx: &mut PgConnection, new: &Checked) -> Result<()> {
    let Some(id) = new.template_id else {
        return match new.kind {
            ChangeType::Standard => Err(Error::invalid("template_id", "A standard change has a template.")),
            _ => Ok(()),
        };
    };
    let kind = sqlx::query_scalar!(
        r#"SELECT type AS "kind: ChangeType" FROM change_templates WHERE id = $1 FOR SHARE"#,
        id as _
    );
    match kind.fetch_optional(tx).await? {
        Some(kind) if kind == new.kind => Ok(()),
        Some(kind) => {
            Err(Error::invalid("template_id", format!("This template is of {} changes.", kind.label().to_lowercase())))
        }
        None => Err(Error::invalid("template_id", "There is no such template.")),
    }
}
