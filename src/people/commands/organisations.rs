//! Organisations: made, changed, deleted, and joined by the domain of an address.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::events;
use crate::people::rules::{CheckedOrganisation, ORGANISATIONS_MAX, check_organisation};
use crate::people::{OrganisationForm, OrganisationId, UserId};
use crate::{Actor, Error, Permission, Result};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// Makes an organisation, or changes the one whose version was read. People from its domains who belong to none join it.
pub async fn save_organisation(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(OrganisationId, i32)>,
    form: &OrganisationForm,
) -> Result<OrganisationId> {
    actor.require(Permission::UserManage)?;
    let form = check_organisation(form)?;
    may_show_tickets(actor, "shares_tickets", form.shares_tickets)?;
    let mut tx = desk.db.begin().await?;
    // One after the other: two could each take the same domain.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('people.organisations'))").execute(&mut *tx).await?;
    let id = match changes {
        Some((id, version)) => change(&mut tx, actor, id, version, &form).await?,
        None => make(&mut tx, actor, &form).await?,
    };
    let joined = sqlx::query!(
        "UPDATE users SET organisation_id = $1, version = version + 1
         WHERE organisation_id IS NULL AND deleted_at IS NULL AND (email_verified OR password_hash IS NULL)
           AND lower(split_part(email, '@', 2)) = ANY($2)",
        id as _,
        &form.domains
    )
    .execute(&mut *tx)
    .await?;
    if joined.rows_affected() > 0 || changes.is_some() {
        events::access_changed(&mut tx, None).await?;
    }
    tx.commit().await?;
    Ok(id)
}

async fn make(tx: &mut PgConnection, actor: &Actor, form: &CheckedOrganisation) -> Result<OrganisationId> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM organisations"#).fetch_one(&mut *tx).await?;
    if count >= ORGANISATIONS_MAX {
        return Err(Error::invalid("name", format!("There are {ORGANISATIONS_MAX} organisations already.")));
    }
    check_free(tx, form, None).await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO organisations (name, domains, shares_tickets) VALUES ($1, $2, $3) RETURNING id AS "id: OrganisationId""#,
        form.name,
        &form.domains,
        form.shares_tickets,
    )
    .fetch_one(&mut *tx)
    .await?;
    let entry = AuditEntry::new("CREATE", "ORGANISATION").entity(id).describe(&form.name);
    audit::record(tx, actor, entry.changes(json!({ "after": said(&form.name, &form.domains, form.shares_tickets) })))
        .await?;
    Ok(id)
}

async fn change(
    tx: &mut PgConnection,
    actor: &Actor,
    id: OrganisationId,
    version: i32,
    form: &CheckedOrganisation,
) -> Result<OrganisationId> {
    let before = sqlx::query!(
        "SELECT version, name, domains, shares_tickets FROM organisations WHERE id = $1 FOR UPDATE",
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    if before.version != version {
        return Err(Error::Conflict { current: before.version });
    }
    check_free(tx, form, Some(id)).await?;
    sqlx::query!(
        "UPDATE organisations SET name = $2, domains = $3, shares_tickets = $4, version = version + 1, updated_at = now() WHERE id = $1",
        id as _,
        form.name,
        &form.domains,
        form.shares_tickets,
    )
    .execute(&mut *tx)
    .await?;
    let changed = json!({
        "before": said(&before.name, &before.domains, before.shares_tickets),
        "after": said(&form.name, &form.domains, form.shares_tickets),
    });
    let entry = AuditEntry::new("UPDATE", "ORGANISATION").entity(id).describe(before.name).changes(changed);
    audit::record(tx, actor, entry).await?;
    Ok(id)
}

/// Deletes an organisation: its people stay, and belong to none.
pub async fn delete_organisation(desk: &Desk, actor: &Actor, id: OrganisationId) -> Result<()> {
    actor.require(Permission::UserManage)?;
    let mut tx = desk.db.begin().await?;
    let deleted =
        sqlx::query!("DELETE FROM organisations WHERE id = $1 RETURNING name, domains, shares_tickets", id as _)
            .fetch_optional(&mut *tx)
            .await;
    let gone = match deleted {
        // A promise that is made to it alone.
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            return Err(Error::invalid("id", "A service level is promised to it: change that first."));
        }
        other => other?.ok_or(Error::NotFound)?,
    };
    let before = json!({ "before": said(&gone.name, &gone.domains, gone.shares_tickets) });
    let entry = AuditEntry::new("DELETE", "ORGANISATION").entity(id).describe(gone.name).changes(before);
    audit::record(&mut *tx, actor, entry).await?;
    events::access_changed(&mut tx, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Somebody whose address is known to be theirs, or who has only ever written from it, belongs to whom its domain belongs.
pub(super) async fn join_by_domain(tx: &mut PgConnection, user: UserId) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET organisation_id = organisation_of(email) WHERE id = $1 AND organisation_id IS NULL",
        user as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Invalid at `organisation_id` where there is none such, or where somebody would see tickets by it that the actor may not see.
pub(super) async fn check_membership(tx: &mut PgConnection, actor: &Actor, id: OrganisationId) -> Result<String> {
    let row = sqlx::query!("SELECT name, shares_tickets FROM organisations WHERE id = $1 FOR SHARE", id as _)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| Error::invalid("organisation_id", "There is no such organisation."))?;
    may_show_tickets(actor, "organisation_id", row.shares_tickets)?;
    Ok(row.name)
}

/// Nobody shows others more than they may see themselves.
fn may_show_tickets(actor: &Actor, field: &str, shows: bool) -> Result<()> {
    match !shows || actor.can(Permission::TicketReadAll) {
        true => Ok(()),
        false => Err(Error::invalid(field, "This would show tickets that you may not see yourself.")),
    }
}

async fn check_free(tx: &mut PgConnection, form: &CheckedOrganisation, own: Option<OrganisationId>) -> Result<()> {
    let taken = sqlx::query!(
        r#"SELECT name, domains FROM organisations
           WHERE id IS DISTINCT FROM $1 AND (lower(name) = lower($2) OR domains && $3) ORDER BY id LIMIT 1"#,
        own as _,
        form.name,
        &form.domains
    )
    .fetch_optional(tx)
    .await?;
    let Some(other) = taken else { return Ok(()) };
    match form.domains.iter().find(|domain| other.domains.contains(domain)) {
        Some(domain) => Err(Error::invalid("domains", format!("{domain} belongs to {}.", other.name))),
        None => Err(Error::invalid("name", "There is one of this name already.")),
    }
}

fn said(name: &str, domains: &[String], shares_tickets: bool) -> Value {
    json!({ "name": name, "domains": domains, "shares_tickets": shares_tickets })
}
