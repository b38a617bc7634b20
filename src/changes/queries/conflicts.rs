//! What else is planned for the same time, and touches the same.

use super::{push_seen, sees_all, window_text};
use crate::assets::queries::step;
use crate::assets::{AssetId, Way};
use crate::changes::{Affected, CONFLICTS_MAX, ChangeId, ChangeNumber, Conflict};
use crate::desk::Desk;
use crate::{Actor, Permission, Result, Timestamp};
use sqlx::{FromRow, Postgres, QueryBuilder};
use std::collections::BTreeSet;

/// Those whose window counts.
pub(super) const PLANNED: &str =
    "c.deleted_at IS NULL AND c.planned_start_date IS NOT NULL AND c.status IN ('SUBMITTED', 'IN_REVIEW', 'APPROVED')";

/// `touched (root, asset_id)`: the pairs of `base`, and what fails with their assets, to any depth. A root is an asset and not a
/// change: what hangs on the core switch is looked up once, however many changes name it.
fn touched(base: &str) -> String {
    format!(
        "touched (root, asset_id) AS ({base} UNION SELECT t.root, f.hit FROM touched t {})",
        step("t.asset_id", Way::Affected)
    )
}

#[derive(FromRow)]
struct Row {
    change_number: Option<ChangeNumber>,
    title: String,
    starts: Timestamp,
    ends: Timestamp,
    assets: Vec<String>,
}

/// Changes whose window overlaps and which touch what `assets` touch (themselves, and all that fails with them), and blackouts
/// in that time. Of a change that the actor may not see, they learn only when it is.
pub async fn conflicts(
    desk: &Desk,
    actor: &Actor,
    except: Option<ChangeId>,
    window: (Timestamp, Timestamp),
    assets: &[AssetId],
) -> Result<Vec<Conflict>> {
    actor.signed_in()?;
    if window.1 <= window.0 {
        return Ok(Vec::new());
    }
    let mut query =
        QueryBuilder::<Postgres>::new("WITH RECURSIVE other AS MATERIALIZED (SELECT c.* FROM change_requests c WHERE ");
    query.push(PLANNED).push(" AND c.planned && tstzrange(").push_bind(window.0).push(", ").push_bind(window.1);
    query.push(", '[)') AND c.id IS DISTINCT FROM ").push_bind(except).push("), base AS (SELECT DISTINCT ca.asset_id AS root, ca.asset_id FROM change_assets ca JOIN other o ON o.id = ca.change_id UNION ALL SELECT NULL::uuid, unnest(");
    query.push_bind(assets.to_vec()).push("::uuid[])), ");
    query.push(touched("SELECT root, asset_id FROM base"));
    // What both name comes first, then what only fails with it.
    query.push(", met AS (SELECT o.root, a.name, o.asset_id = o.root OR o.asset_id = ANY(");
    query.push_bind(assets.to_vec()).push(
        ") AS is_named FROM touched o JOIN touched m ON m.asset_id = o.asset_id AND m.root IS NULL
             JOIN assets a ON a.id = o.asset_id AND a.deleted_at IS NULL WHERE o.root IS NOT NULL),
           near AS (SELECT root, name, is_named FROM (SELECT met.*, row_number() OVER (PARTITION BY root ORDER BY is_named DESC, name) AS place FROM met) p WHERE place <= 20),
           named AS (SELECT ca.change_id, n.name, bool_or(n.is_named) AS is_named FROM change_assets ca JOIN other o ON o.id = ca.change_id
             JOIN near n ON n.root = ca.asset_id GROUP BY ca.change_id, n.name),
           both_touch AS (SELECT change_id, array_agg(name ORDER BY is_named DESC, name) AS names FROM named GROUP BY change_id)
         SELECT CASE WHEN ",
    );
    push_seen(&mut query, actor);
    query.push(" THEN c.change_number END AS change_number, CASE WHEN ");
    push_seen(&mut query, actor);
    query.push(" THEN c.title ELSE 'Another change' END AS title, c.planned_start_date AS starts, c.planned_end_date AS ends, ");
    let names = if sees_all(actor) && actor.can(Permission::AssetRead) { "b.names[1:20]" } else { "'{}'::text[]" };
    query.push(names);
    query.push(" AS assets FROM both_touch b JOIN other c ON c.id = b.change_id UNION ALL SELECT NULL, name, starts, ends, '{}' FROM change_blackouts WHERE during && tstzrange(");
    query
        .push_bind(window.0)
        .push(", ")
        .push_bind(window.1)
        .push(", '[)') ORDER BY 3, 2 LIMIT ")
        .push_bind(CONFLICTS_MAX);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    let shown = |row: Row| Conflict {
        window: window_text(row.starts, row.ends, &actor.time_zone),
        change_number: row.change_number,
        title: row.title,
        starts: row.starts,
        ends: row.ends,
        assets: row.assets,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// What fails while a change's assets do.
pub(super) async fn affected(desk: &Desk, change: ChangeId) -> Result<Affected> {
    let mut query =
        QueryBuilder::<Postgres>::new("WITH RECURSIVE base AS (SELECT asset_id FROM change_assets WHERE change_id = ");
    query.push_bind(change).push("), ").push(touched("SELECT NULL::uuid, asset_id FROM base"));
    query.push(
        ", hit AS (SELECT a.id, a.assigned_to_id FROM touched t JOIN assets a ON a.id = t.asset_id AND a.deleted_at IS NULL)
         SELECT (SELECT count(*) FROM hit WHERE id NOT IN (SELECT asset_id FROM base)), (SELECT count(DISTINCT assigned_to_id) FROM hit),
           (SELECT count(DISTINCT t.id) FROM hit JOIN ticket_asset_relations r ON r.asset_id = hit.id
              JOIN tickets t ON t.id = r.ticket_id AND t.is_open AND t.deleted_at IS NULL)",
    );
    let (assets, people, tickets) = query.build_query_as().fetch_one(&desk.db).await?;
    Ok(Affected { assets, people, tickets })
}

/// Which of the changes in a time get into each other's way, or into a blackout. Assets that fail together are few sets, however
/// many they are: which roots meet is read from the sets.
pub(super) async fn conflicting(desk: &Desk, window: (Timestamp, Timestamp)) -> Result<BTreeSet<ChangeId>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "WITH RECURSIVE planned AS MATERIALIZED (SELECT c.id, c.planned FROM change_requests c WHERE ",
    );
    query.push(PLANNED).push(" AND c.planned && tstzrange(").push_bind(window.0).push(", ").push_bind(window.1);
    query.push(", '[)')), ").push(touched(
        "SELECT DISTINCT ca.asset_id, ca.asset_id FROM change_assets ca JOIN planned p ON p.id = ca.change_id",
    ));
    query.push(
        ", together AS MATERIALIZED (SELECT DISTINCT array_agg(root ORDER BY root) AS roots FROM touched GROUP BY asset_id HAVING count(*) > 1),
           meet AS MATERIALIZED (SELECT a.root AS one, b.root AS two FROM together CROSS JOIN LATERAL unnest(roots) AS a(root) CROSS JOIN LATERAL unnest(roots) AS b(root)
             UNION SELECT ca.asset_id, ca.asset_id FROM change_assets ca JOIN planned p ON p.id = ca.change_id)
          SELECT one.id FROM planned one JOIN planned two ON two.id <> one.id AND two.planned && one.planned
            JOIN change_assets o ON o.change_id = one.id JOIN change_assets t ON t.change_id = two.id
            JOIN meet m ON m.one = o.asset_id AND m.two = t.asset_id
          UNION SELECT p.id FROM planned p JOIN change_blackouts b ON b.during && p.planned",
    );
    let ids: Vec<ChangeId> = query.build_query_scalar().fetch_all(&desk.db).await?;
    Ok(ids.into_iter().collect())
}
