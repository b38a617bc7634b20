//! Saving and deleting views.

use super::queries::agent;
use super::{NAME_MAX, NewView, VIEWS_MAX, ViewId, ViewVisibility};
use crate::desk::Desk;
use crate::people::TeamId;
use crate::tickets::queries::check_filter;
use crate::tickets::{TicketColumn, TicketGrouping, TicketSort, list_filter, rules::rename};
use crate::{Actor, Error, Permission, Result, Validation, bounded};

/// Saves a filter bar under a name. The same name again replaces what the actor saved under it.
pub async fn save_view(desk: &Desk, actor: &Actor, new: NewView) -> Result<ViewId> {
    let me = agent(actor)?;
    let mut check = Validation::default();
    let name = check.take(bounded("name", &new.name, NAME_MAX));
    let bar = check.take(crate::optional("bar", Some(&new.bar), 500)).unwrap_or_default();
    let (filter, wrong) = list_filter(&bar);
    if let Some(wrong) = wrong.first() {
        check.take::<()>(Err(Error::invalid("bar", format!("“{}”: {}", wrong.token, wrong.why))));
    }
    // A view that cannot be counted would take the whole rail with it, its readers' too.
    check.take(check_filter(actor, &filter).map_err(|error| rename(error, "bar")));
    let sort = new.sort.as_deref().unwrap_or("due").parse::<TicketSort>().map_err(|error| rename(error, "sort"));
    let sort = check.try_take(sort);
    let columns = check.take(listed::<TicketColumn>("columns", new.columns.as_deref()));
    let group_by = check.take(listed::<TicketGrouping>("group_by", new.group_by.as_deref())).first().copied();
    let audience = check.try_take(audience(&new.audience));
    check.finish()?;
    let (Some(sort), Some((visibility, team))) = (sort, audience) else { return Err(Error::Internal) };
    if visibility == ViewVisibility::Shared {
        actor.require(Permission::ViewShare)?;
    }

    if team.is_some_and(|team| !actor.teams.iter().any(|own| own.id == team)) {
        return Err(Error::invalid("audience", "You are not in this team."));
    }
    let mut tx = desk.db.begin().await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO saved_views (owner_id, team_id, visibility, name, bar, sort, columns, group_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (owner_id, lower(name)) DO UPDATE SET team_id = EXCLUDED.team_id, visibility = EXCLUDED.visibility,
             name = EXCLUDED.name, bar = EXCLUDED.bar, sort = EXCLUDED.sort, columns = EXCLUDED.columns, group_by = EXCLUDED.group_by, version = saved_views.version + 1
           RETURNING id AS "id: ViewId""#,
        me as _,
        team as _,
        visibility as _,
        name,
        bar,
        sort as _,
        &columns as _,
        group_by as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    let owned = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM saved_views WHERE owner_id = $1"#, me as _);
    if owned.fetch_one(&mut *tx).await? > VIEWS_MAX {
        return Err(Error::invalid("name", format!("At most {VIEWS_MAX} views, please. Delete one first.")));
    }
    tx.commit().await?;
    Ok(id)
}

/// Deletes one of the actor's own views, or with `view.share` a shared one.
pub async fn delete_view(desk: &Desk, actor: &Actor, view: ViewId) -> Result<()> {
    let me = agent(actor)?;
    let deleted = sqlx::query!(
        "DELETE FROM saved_views WHERE id = $1 AND (owner_id = $2 OR (visibility = 'SHARED' AND $3))",
        view as _,
        me as _,
        actor.can(Permission::ViewShare),
    )
    .execute(&desk.db)
    .await?;
    if deleted.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Words separated by commas, each once.
fn listed<T: std::str::FromStr<Err = Error> + PartialEq>(name: &str, text: Option<&str>) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for word in text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let word = word.parse().map_err(|error| rename(error, name))?;
        if !found.contains(&word) {
            found.push(word);
        }
    }
    Ok(found)
}

fn audience(text: &str) -> Result<(ViewVisibility, Option<TeamId>)> {
    match text {
        "" | "OWN" => Ok((ViewVisibility::Own, None)),
        "SHARED" => Ok((ViewVisibility::Shared, None)),
        team => Ok((ViewVisibility::Team, Some(team.parse().map_err(|error| rename(error, "audience"))?))),
    }
}
