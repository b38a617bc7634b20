//! Reading views: what stands in the rail.

use super::{AssetView, FIXED_VIEWS, Rail, SavedView, VIEWS_MAX, ViewId, ViewVisibility, ViewedList, queue_bar};
use crate::desk::Desk;
use crate::people::{TeamId, UserId};
use crate::tickets::{TicketSort, list_filter, queries as tickets};
use crate::{Actor, Error, Permission, Result};

/// Every view the actor has, with its count, in three queries.
pub async fn rail(desk: &Desk, actor: &Actor) -> Result<Rail> {
    let saved = list_views(desk, actor).await?;
    let queues = tickets::own_queues(desk, actor).await?;
    let of_queues: Vec<String> = queues.iter().map(|queue| queue_bar(&queue.name)).collect();
    let bars = FIXED_VIEWS.iter().map(|(_, bar)| *bar).chain(saved.iter().map(|view| view.bar.as_str()));
    let bars = bars.chain(of_queues.iter().map(String::as_str));
    // A view that this actor may not count, or that was saved under older rules, counts nothing and harms no other.
    let filters: Vec<_> = bars
        .map(|bar| list_filter(bar).0)
        .map(|filter| tickets::check_filter(actor, &filter).is_ok().then_some(filter))
        .collect();
    let countable: Vec<_> = filters.iter().flatten().cloned().collect();
    let mut counted = tickets::count_tickets(desk, actor, &countable).await?.into_iter();
    let mut counts: Vec<i64> =
        filters.iter().map(|filter| filter.as_ref().and_then(|_| counted.next()).unwrap_or(0)).collect();
    let mut of_saved = counts.split_off(FIXED_VIEWS.len());
    let of_queues = of_saved.split_off(saved.len());
    Ok(Rail {
        fixed: counts,
        saved: saved.into_iter().zip(of_saved).collect(),
        queues: queues.into_iter().zip(of_queues).collect(),
    })
}

/// The actor's own views, then their teams' and the shared ones, by name: others cannot push one's own out.
pub async fn list_views(desk: &Desk, actor: &Actor) -> Result<Vec<SavedView>> {
    let me = agent(actor)?;
    let view = |row: Kept| SavedView {
        may_edit: row.may_edit(me, actor),
        id: row.id,
        name: row.name,
        bar: row.bar,
        sort: row.sort.parse().unwrap_or(TicketSort::Due),
        columns: row.columns.iter().filter_map(|word| word.parse().ok()).collect(),
        group_by: row.group_by.and_then(|word| word.parse().ok()),
        visibility: row.visibility,
        team: row.team,
        owner_id: row.owner_id,
    };
    Ok(kept(desk, actor, me, ViewedList::Tickets).await?.into_iter().map(view).collect())
}

/// Lists of assets, in the same order.
pub async fn list_asset_views(desk: &Desk, actor: &Actor) -> Result<Vec<AssetView>> {
    let me = asset_reader(actor)?;
    let view = |row: Kept| AssetView {
        may_edit: row.may_edit(me, actor),
        id: row.id,
        name: row.name,
        bar: row.bar,
        columns: row.columns.iter().filter_map(|word| word.parse().ok()).collect(),
        visibility: row.visibility,
        team: row.team,
    };
    Ok(kept(desk, actor, me, ViewedList::Assets).await?.into_iter().map(view).collect())
}

/// A view as it is kept, of whichever list.
struct Kept {
    id: ViewId,
    name: String,
    bar: String,
    sort: String,
    columns: Vec<String>,
    group_by: Option<String>,
    visibility: ViewVisibility,
    owner_id: UserId,
    team: Option<String>,
}

impl Kept {
    fn may_edit(&self, me: UserId, actor: &Actor) -> bool {
        self.owner_id == me || (self.visibility == ViewVisibility::Shared && actor.can(Permission::ViewShare))
    }
}

async fn kept(desk: &Desk, actor: &Actor, me: UserId, list: ViewedList) -> Result<Vec<Kept>> {
    let teams: Vec<TeamId> = actor.teams.iter().map(|team| team.id).collect();
    let rows = sqlx::query_as!(
        Kept,
        r#"SELECT v.id AS "id: ViewId", v.name, v.bar, v.sort, v.columns, v.group_by, v.visibility AS "visibility: ViewVisibility", v.owner_id AS "owner_id: UserId", t.name AS "team?"
           FROM saved_views v LEFT JOIN teams t ON t.id = v.team_id
           WHERE v.list = $4 AND (v.owner_id = $1 OR v.visibility = 'SHARED' OR v.team_id = ANY($2))
           ORDER BY v.owner_id <> $1, lower(v.name), v.id LIMIT $3"#,
        me as _,
        &teams as _,
        VIEWS_MAX,
        list as _,
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

/// Lists of assets are for those who see them all.
pub(super) fn asset_reader(actor: &Actor) -> Result<UserId> {
    let me = actor.signed_in()?;
    let may = actor.can(Permission::AssetRead) || actor.can(Permission::AssetWrite);
    if may { Ok(me) } else { Err(Error::Forbidden) }
}

/// Views are for those who work tickets.
pub(super) fn agent(actor: &Actor) -> Result<UserId> {
    let me = actor.signed_in()?;
    if actor.is_agent() { Ok(me) } else { Err(Error::Forbidden) }
}
