//! One change, all of it.

use super::conflicts::{affected, conflicts};
use super::{ROW, ROW_JOINS, Row, local, push_seen, window_text};
use crate::assets::{AssetId, AssetNumber, AssetStatus};
use crate::attachments::Holder;
use crate::attachments::queries::attachments;
use crate::changes::rules::{may_attach, may_detach, may_edit, next};
use crate::changes::{
    ApprovalStatus, Approver, Change, ChangeEvent, ChangeId, ChangeNumber, ChangeOutcome, ChangePage, ChangeRow,
    ChangeStage, ChangeStatus, ChangeTask, ChangeTaskId, ChangeTemplateId, ChangedAsset, StageRule,
};
use crate::desk::Desk;
use crate::people::UserId;
use crate::tickets::{TicketId, TicketNumber, TicketPriority};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::types::Json;
use sqlx::{FromRow, Postgres, QueryBuilder};
use std::collections::BTreeMap;

/// So much of what happened is shown.
const HISTORY_MAX: i64 = 200;
/// So many changes of one thing are shown, the newest.
const BESIDE_MAX: i64 = 20;

pub async fn id_by_number(desk: &Desk, actor: &Actor, number: &ChangeNumber) -> Result<ChangeId> {
    actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT c.id FROM change_requests c WHERE c.deleted_at IS NULL AND c.change_number = ",
    );
    query.push_bind(number.as_str().to_owned()).push(" AND ");
    push_seen(&mut query, actor);
    query.build_query_scalar().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

/// Not found where the actor does not see it.
pub async fn require_seen(desk: &Desk, actor: &Actor, id: ChangeId) -> Result<()> {
    actor.signed_in()?;
    let mut query =
        QueryBuilder::<Postgres>::new("SELECT c.id FROM change_requests c WHERE c.deleted_at IS NULL AND c.id = ");
    query.push_bind(id).push(" AND ");
    push_seen(&mut query, actor);
    query.build_query_scalar::<ChangeId>().fetch_optional(&desk.db).await?.map(drop).ok_or(Error::NotFound)
}

#[derive(FromRow)]
struct Whole {
    #[sqlx(flatten)]
    row: Row,
    description: String,
    priority: TicketPriority,
    risk_answers: Json<BTreeMap<String, bool>>,
    plan: Option<String>,
    backout_plan: Option<String>,
    test_plan: Option<String>,
    requested_by_id: UserId,
    requested_at: Timestamp,
    actual_start_date: Option<Timestamp>,
    actual_end_date: Option<Timestamp>,
    announced_at: Option<Timestamp>,
    implementation_notes: Option<String>,
    outcome: Option<ChangeOutcome>,
    review: Option<String>,
    template_id: Option<ChangeTemplateId>,
    template: Option<String>,
    related_ticket: Option<TicketNumber>,
    related_subject: Option<String>,
    created_at: Timestamp,
}

pub async fn change(desk: &Desk, actor: &Actor, id: ChangeId) -> Result<Change> {
    actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(
        ", c.description, c.priority, c.risk_answers, c.plan, c.backout_plan, c.test_plan, c.requested_by_id, c.requested_at, c.actual_start_date,
           c.actual_end_date, c.announced_at, c.implementation_notes, c.outcome, c.review, c.template_id, m.name AS template, t.ticket_number AS related_ticket,
           t.subject AS related_subject, c.created_at FROM change_requests c",
    );
    query.push(ROW_JOINS).push(" LEFT JOIN change_templates m ON m.id = c.template_id LEFT JOIN tickets t ON t.id = c.related_ticket_id AND t.deleted_at IS NULL AND ");
    crate::tickets::queries::push_visible(&mut query, actor);
    query.push(" WHERE c.deleted_at IS NULL AND c.id = ").push_bind(id).push(" AND ");
    push_seen(&mut query, actor);
    let whole: Whole = query.build_query_as().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    Ok(Change {
        row: whole.row.shown(&actor.time_zone),
        description: whole.description,
        priority: whole.priority,
        risk_answers: whole.risk_answers.0,
        plan: whole.plan,
        backout_plan: whole.backout_plan,
        test_plan: whole.test_plan,
        requested_by_id: whole.requested_by_id,
        requested_at: whole.requested_at,
        actual: whole
            .actual_start_date
            .zip(whole.actual_end_date)
            .map(|(start, end)| window_text(start, end, &actor.time_zone)),
        actual_start_date: whole.actual_start_date,
        actual_end_date: whole.actual_end_date,
        announced_at: whole.announced_at,
        implementation_notes: whole.implementation_notes,
        outcome: whole.outcome,
        review: whole.review,
        template_id: whole.template_id,
        template: whole.template,
        related_ticket: whole.related_ticket,
        related_subject: whole.related_subject,
        created_at: whole.created_at,
    })
}

/// A change with all that stands around it.
pub async fn change_page(desk: &Desk, actor: &Actor, id: ChangeId) -> Result<ChangePage> {
    let change = change(desk, actor, id).await?;
    let assets = assets(desk, id).await?;
    let stages = stages(desk, &change, id).await?;
    let window = change.row.planned_start_date.zip(change.row.planned_end_date);
    let is_ahead = matches!(
        change.row.status,
        ChangeStatus::Draft | ChangeStatus::Submitted | ChangeStatus::InReview | ChangeStatus::Approved
    );
    let conflicts = match window.filter(|_| is_ahead) {
        Some(window) => {
            let ids: Vec<AssetId> = assets.iter().map(|asset| asset.id).collect();
            conflicts(desk, actor, Some(id), window, &ids).await?
        }
        None => Vec::new(),
    };
    let is_own = actor.user_id == Some(change.requested_by_id);
    let works = is_own || actor.can(Permission::ChangeApprove);
    let next =
        if works { next(change.row.kind, change.row.status, actor.can(Permission::ChangeApprove)) } else { Vec::new() };
    let form = |at: Option<Timestamp>| at.map(|at| local(at, &actor.time_zone).replace(' ', "T")).unwrap_or_default();
    let may_vote = !is_own && change.row.status == ChangeStatus::InReview && may_vote(desk, actor, id, &stages).await?;
    Ok(ChangePage {
        affected: affected(desk, id).await?,
        tasks: tasks(desk, id).await?,
        history: history(desk, id).await?,
        attachments: attachments(desk, actor, Holder::Change(id)).await?,
        may_edit: works && may_edit(change.row.status),
        may_attach: works && may_attach(change.row.status),
        may_detach: works && may_detach(change.row.status),
        may_vote,
        starts: form(change.row.planned_start_date),
        ends: form(change.row.planned_end_date),
        change,
        assets,
        stages,
        conflicts,
        next,
        now: Timestamp::now(),
    })
}

async fn assets(desk: &Desk, id: ChangeId) -> Result<Vec<ChangedAsset>> {
    let rows = sqlx::query_as!(
        ChangedAsset,
        r#"SELECT a.id AS "id: AssetId", a.asset_number AS "asset_number: AssetNumber", a.name, a.status AS "status: AssetStatus"
           FROM change_assets ca JOIN assets a ON a.id = ca.asset_id AND a.deleted_at IS NULL WHERE ca.change_id = $1 ORDER BY a.name, a.id"#,
        id as _
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

async fn stages(desk: &Desk, change: &Change, id: ChangeId) -> Result<Vec<ChangeStage>> {
    let rows = sqlx::query!(
        r#"SELECT s.stage, s.name, s.rule AS "rule: StageRule", s.quorum, a.approver_id AS "approver: UserId", a.status AS "status: ApprovalStatus",
             a.comments, a.approved_at AS "voted_at: Timestamp", (a.voted_hash IS NOT NULL AND a.voted_hash IS DISTINCT FROM c.content_hash) AS "is_void!",
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS "who!",
             coalesce(nullif(concat_ws(' ', d.first_name, d.last_name), ''), d.email) AS deputy, s.asked_at IS NOT NULL AS "is_asked!"
           FROM change_stages s JOIN change_requests c ON c.id = s.change_id
           JOIN change_approvals a ON a.change_request_id = s.change_id AND a.stage = s.stage JOIN users u ON u.id = a.approver_id
           LEFT JOIN users d ON d.id = a.voted_by_id WHERE s.change_id = $1 ORDER BY s.stage, 10, a.id"#,
        id as _
    )
    .fetch_all(&desk.db)
    .await?;
    let mut stages = Vec::<ChangeStage>::new();
    for row in rows {
        if stages.last().is_none_or(|last| last.stage != row.stage) {
            let (stage, name, rule, quorum) = (row.stage, row.name, row.rule, row.quorum);
            stages.push(ChangeStage {
                stage,
                name,
                rule,
                quorum,
                approvers: Vec::new(),
                is_next: false,
                is_done: false,
            });
        }
        if let Some(stage) = stages.last_mut() {
            stage.approvers.push(Approver {
                id: row.approver,
                name: row.who,
                status: row.status,
                comments: row.comments,
                voted_at: row.voted_at,
                voted_by: row.deputy,
                is_void: row.is_void,
            });
        }
    }
    let asked = crate::changes::rules::asked(change.row.kind, &stages);
    for (at, stage) in stages.iter_mut().enumerate() {
        stage.is_next = change.row.status == ChangeStatus::InReview && asked == Some(at);
        stage.is_done = asked.is_none_or(|asked| at < asked);
    }
    Ok(stages)
}

async fn may_vote(desk: &Desk, actor: &Actor, id: ChangeId, stages: &[ChangeStage]) -> Result<bool> {
    let (Some(me), Some(asked)) = (actor.user_id, stages.iter().find(|stage| stage.is_next)) else { return Ok(false) };
    let seat = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM change_approvals a JOIN users u ON u.id = a.approver_id AND u.active AND u.deleted_at IS NULL
           JOIN change_requests c ON c.id = a.change_request_id AND c.content_by_id IS DISTINCT FROM $3
           WHERE a.change_request_id = $1 AND a.stage = $2
             AND (a.approver_id = $3 OR EXISTS (SELECT FROM deputies d WHERE d.user_id = a.approver_id AND d.deputy_id = $3
               AND (now() AT TIME ZONE u.time_zone)::date BETWEEN d.from_day AND d.until_day))
             AND (a.via_role IS NULL OR EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
               WHERE ur.user_id = a.approver_id AND r.name = a.via_role))) AS "may!""#,
        id as _,
        asked.stage,
        me as _
    );
    Ok(seat.fetch_one(&desk.db).await?)
}

async fn tasks(desk: &Desk, id: ChangeId) -> Result<Vec<ChangeTask>> {
    let rows = sqlx::query_as!(
        ChangeTask,
        r#"SELECT k.id AS "id: ChangeTaskId", k.title, k.done_at AS "done_at: Timestamp",
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS done_by
           FROM change_tasks k LEFT JOIN users u ON u.id = k.done_by_id WHERE k.change_id = $1 ORDER BY k.position, k.id"#,
        id as _
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

async fn history(desk: &Desk, id: ChangeId) -> Result<Vec<ChangeEvent>> {
    let rows = sqlx::query_as!(
        ChangeEvent,
        r#"SELECT h.what, h.comment, coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS by, h.at AS "at: Timestamp"
           FROM change_history h LEFT JOIN users u ON u.id = h.user_id WHERE h.change_id = $1 ORDER BY h.id DESC LIMIT $2"#,
        id as _,
        HISTORY_MAX
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

/// The changes that came of a ticket; the caller has seen to it that the actor may see the ticket.
pub async fn changes_of_ticket(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<Vec<ChangeRow>> {
    beside(desk, actor, |query| {
        query.push("c.related_ticket_id = ").push_bind(ticket);
    })
    .await
}

/// The changes that touch an asset.
pub async fn changes_of_asset(desk: &Desk, actor: &Actor, asset: AssetId) -> Result<Vec<ChangeRow>> {
    beside(desk, actor, |query| {
        query
            .push("EXISTS (SELECT FROM change_assets ca WHERE ca.change_id = c.id AND ca.asset_id = ")
            .push_bind(asset)
            .push(")");
    })
    .await
}

async fn beside(desk: &Desk, actor: &Actor, which: impl FnOnce(&mut QueryBuilder<Postgres>)) -> Result<Vec<ChangeRow>> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(" FROM change_requests c").push(ROW_JOINS).push(" WHERE c.deleted_at IS NULL AND ");
    which(&mut query);
    query.push(" AND ");
    push_seen(&mut query, actor);
    query.push(" ORDER BY c.created_at DESC, c.id DESC LIMIT ").push_bind(BESIDE_MAX);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(|row| row.shown(&actor.time_zone)).collect())
}
