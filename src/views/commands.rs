//! Saving and deleting views.

use super::queries::{agent, asset_reader};
use super::{NAME_MAX, NewAssetView, NewView, VIEWS_MAX, ViewId, ViewVisibility, ViewedList};
use crate::assets::rules::require_asset_filter;
use crate::assets::{AssetColumn, COLUMNS_MAX};
use crate::desk::Desk;
use crate::people::{TeamId, UserId};
use crate::tickets::queries::check_filter;
use crate::tickets::{TicketColumn, TicketGrouping, TicketSort, list_filter, rules::rename};
use crate::{Actor, Error, Permission, Result, Validation, bounded};
use sqlx::PgConnection;

/// Saves a filter bar under a name. The same name again replaces what the actor saved under it.
pub async fn save_view(desk: &Desk, actor: &Actor, new: NewView) -> Result<ViewId> {
    agent(actor)?;
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
    let (Some(sort), Some(audience)) = (sort, audience) else { return Err(Error::Internal) };
    let kept = Kept {
        list: ViewedList::Tickets,
        name,
        bar,
        sort: sort.to_string(),
        columns: words(&columns),
        group_by,
        audience,
    };
    keep(desk, actor, kept).await
}

/// Saves a list of assets under a name, for whoever sees assets; with the same rules as [`save_view`].
pub async fn save_asset_view(desk: &Desk, actor: &Actor, new: NewAssetView) -> Result<ViewId> {
    asset_reader(actor)?;
    let mut check = Validation::default();
    let name = check.take(bounded("name", &new.name, NAME_MAX));
    let bar = check.take(crate::optional("bar", Some(&new.bar), 500)).unwrap_or_default();
    check.take(require_asset_filter(&bar).map_err(|error| rename(error, "bar")));
    let columns = check.take(listed::<AssetColumn>("columns", new.columns.as_deref()));
    if columns.len() > COLUMNS_MAX {
        check.take::<()>(Err(Error::invalid("columns", format!("At most {COLUMNS_MAX} columns, please."))));
    }
    let audience = check.try_take(audience(&new.audience));
    check.finish()?;
    let Some(audience) = audience else { return Err(Error::Internal) };
    // What it is sorted by stands in its bar.
    let kept = Kept {
        list: ViewedList::Assets,
        name,
        bar,
        sort: String::new(),
        columns: words(&columns),
        group_by: None,
        audience,
    };
    keep(desk, actor, kept).await
}

/// A view, checked.
struct Kept {
    list: ViewedList,
    name: String,
    bar: String,
    sort: String,
    columns: Vec<String>,
    group_by: Option<TicketGrouping>,
    audience: (ViewVisibility, Option<TeamId>),
}

async fn keep(desk: &Desk, actor: &Actor, view: Kept) -> Result<ViewId> {
    let me = actor.signed_in()?;
    let (visibility, team) = view.audience;
    if visibility == ViewVisibility::Shared {
        actor.require(Permission::ViewShare)?;
    }
    if team.is_some_and(|team| !actor.teams.iter().any(|own| own.id == team)) {
        return Err(Error::invalid("audience", "You are not in this team."));
    }
    let mut tx = desk.db.begin().await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO saved_views (owner_id, team_id, visibility, name, bar, sort, columns, group_by, list)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (owner_id, list, lower(name)) DO UPDATE SET team_id = EXCLUDED.team_id, visibility = EXCLUDED.visibility,
             name = EXCLUDED.name, bar = EXCLUDED.bar, sort = EXCLUDED.sort, columns = EXCLUDED.columns, group_by = EXCLUDED.group_by, version = saved_views.version + 1
           RETURNING id AS "id: ViewId""#,
        me as _,
        team as _,
        visibility as _,
        view.name,
        view.bar,
        view.sort,
        &view.columns,
        view.group_by as _,
        view.list as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    let owned = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM saved_views WHERE owner_id = $1 AND list = $2"#,
        me as _,
        view.list as _
    );
    if owned.fetch_one(&mut *tx).await? > VIEWS_MAX {
        return Err(Error::invalid("name", format!("At most {VIEWS_MAX} views, please. Delete one first.")));
    }
    tx.commit().await?;
    Ok(id)
}

/// Deletes one of the actor's own views, or with `view.share` a shared one.
pub async fn delete_view(desk: &Desk, actor: &Actor, view: ViewId) -> Result<()> {
    let me = actor.signed_in()?;
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

/// The longest list of words, in bytes: no list of columns comes near it.
const LISTED_MAX: usize = 4000;

/// Words separated by commas, each once.
fn listed<T: std::str::FromStr<Err = Error> + PartialEq>(name: &str, text: Option<&str>) -> Result<Vec<T>> {
    let mut found = Vec::new();
    if text.is_some_and(|text| text.len() > LISTED_MAX) {
        return Err(Error::invalid(name, "That is too much."));
    }
    for word in text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let word = word.parse().map_err(|error| rename(error, name))?;
        if !found.contains(&word) {
            found.push(word);
        }
    }
    Ok(found)
}

fn words<T: ToString>(columns: &[T]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

/// Views that others use stay when their owner goes: they become somebody else's.
pub(crate) async fn hand_over_shared(tx: &mut PgConnection, from: UserId, to: Option<UserId>) -> Result<()> {
    sqlx::query!(
        "UPDATE saved_views v SET owner_id = $2 WHERE owner_id = $1 AND visibility <> 'OWN' AND $2::uuid IS NOT NULL AND NOT EXISTS (
           SELECT FROM saved_views o WHERE o.owner_id = $2 AND o.list = v.list AND lower(o.name) = lower(v.name))",
        from as _,
        to as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// For whom, as far as its text tells; [`keep`] asks whether one may.
fn audience(text: &str) -> Result<(ViewVisibility, Option<TeamId>)> {
    match text {
        "" | "OWN" => Ok((ViewVisibility::Own, None)),
        "SHARED" => Ok((ViewVisibility::Shared, None)),
        team => Ok((ViewVisibility::Team, Some(team.parse().map_err(|error| rename(error, "audience"))?))),
    }
}
