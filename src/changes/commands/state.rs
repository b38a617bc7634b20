//! A change as it stands, locked, and what is written down of it.

use crate::assets::AssetId;
use crate::changes::queries::push_seen;
use crate::changes::rules::{Content, Stage, Voice, content_hash};
use crate::changes::{ApprovalStatus, ChangeId, ChangeStatus, ChangeType, RiskLevel, StageRule};
use crate::people::UserId;
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

#[derive(FromRow)]
pub(super) struct Locked {
    pub id: ChangeId,
    pub kind: ChangeType,
    pub status: ChangeStatus,
    pub requested_by_id: UserId,
    pub planned_start_date: Option<Timestamp>,
    pub content_hash: Option<Vec<u8>>,
    pub content_by_id: Option<UserId>,
    pub version: i32,
}

/// Locks a change that the actor may see: whoever comes next sees what was made of it.
pub(super) async fn lock_change(tx: &mut PgConnection, actor: &Actor, id: ChangeId) -> Result<Locked> {
    actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT c.id, c.type AS kind, c.status, c.requested_by_id, c.planned_start_date, c.content_hash, c.content_by_id, c.version
         FROM change_requests c WHERE c.deleted_at IS NULL AND c.id = ",
    );
    query.push_bind(id).push(" AND ");
    push_seen(&mut query, actor);
    query.push(" FOR UPDATE OF c");
    query.build_query_as().fetch_optional(tx).await?.ok_or(Error::NotFound)
}

/// As [`lock_change`], for those who may work on it, as they saw it.
pub(super) async fn lock_own(tx: &mut PgConnection, actor: &Actor, id: ChangeId, version: i32) -> Result<Locked> {
    let locked = lock_change(tx, actor, id).await?;
    if actor.user_id != Some(locked.requested_by_id) && !actor.can(Permission::ChangeApprove) {
        return Err(Error::Forbidden);
    }
    if locked.version != version {
        return Err(Error::Conflict { current: locked.version });
    }
    Ok(locked)
}

/// The stages with their voices, in order.
pub(super) async fn voices(tx: &mut PgConnection, change: ChangeId) -> Result<Vec<Stage>> {
    let rows = sqlx::query!(
        r#"SELECT s.stage, s.rule AS "rule: StageRule", s.quorum, a.status AS "status?: ApprovalStatus", a.voted_hash
           FROM change_stages s LEFT JOIN change_approvals a ON a.change_request_id = s.change_id AND a.stage = s.stage
           WHERE s.change_id = $1 ORDER BY s.stage, a.id"#,
        change as _
    )
    .fetch_all(tx)
    .await?;
    let (mut stages, mut last) = (Vec::<Stage>::new(), 0);
    for row in rows {
        if row.stage != last {
            stages.push(Stage { rule: row.rule, quorum: row.quorum, voices: Vec::new() });
            last = row.stage;
        }
        if let (Some(stage), Some(status)) = (stages.last_mut(), row.status) {
            stage.voices.push(Voice { status, saw: row.voted_hash });
        }
    }
    Ok(stages)
}

/// Writes down what votes are bound to and, where that is new, who made it so; answers with it.
pub(super) async fn rehash(tx: &mut PgConnection, actor: &Actor, change: ChangeId) -> Result<Vec<u8>> {
    let row = sqlx::query!(
        r#"SELECT type AS "kind: ChangeType", description, coalesce(plan, '') AS "plan!", coalesce(backout_plan, '') AS "backout_plan!",
             coalesce(test_plan, '') AS "test_plan!", risk_level AS "risk_level: RiskLevel", planned_start_date AS "starts: Timestamp",
             planned_end_date AS "ends: Timestamp", ARRAY(SELECT asset_id FROM change_assets WHERE change_id = $1) AS "assets!: Vec<AssetId>"
           FROM change_requests WHERE id = $1"#,
        change as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let hash = content_hash(&Content {
        kind: row.kind,
        description: &row.description,
        plan: &row.plan,
        backout_plan: &row.backout_plan,
        test_plan: &row.test_plan,
        risk_level: row.risk_level,
        window: (row.starts, row.ends),
        assets: &row.assets,
    });
    sqlx::query!(
        "UPDATE change_requests SET content_hash = $2, content_by_id = CASE WHEN content_hash IS DISTINCT FROM $2 THEN $3 ELSE content_by_id END WHERE id = $1",
        change as _,
        hash,
        actor.user_id as _
    )
    .execute(tx)
    .await?;
    Ok(hash)
}

/// What it becomes; the version goes on.
pub(super) async fn set_status(tx: &mut PgConnection, actor: &Actor, change: ChangeId, to: ChangeStatus) -> Result<()> {
    sqlx::query!(
        "UPDATE change_requests SET status = $2, updated_by_id = $3, version = version + 1 WHERE id = $1",
        change as _,
        to as _,
        actor.user_id as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes down what happened to it.
pub(super) async fn note(
    tx: &mut PgConnection,
    actor: &Actor,
    change: ChangeId,
    what: &str,
    comment: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO change_history (change_id, user_id, what, comment) VALUES ($1, $2, $3, $4)",
        change as _,
        actor.user_id as _,
        what,
        comment
    )
    .execute(tx)
    .await?;
    Ok(())
}
