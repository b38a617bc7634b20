//! Lists of changes, page by page.

use super::{ROW, ROW_JOINS, Row, push_seen};
use crate::changes::{ChangeId, ChangeList, ChangeNumber, ChangeScope};
use crate::desk::Desk;
use crate::{Actor, Error, Result, Timestamp};
use sqlx::{Postgres, QueryBuilder};

pub const PAGE_MAX: i64 = 200;
/// So much of a question counts.
const WORDS_MAX: usize = 200;

/// One page of the changes that the actor sees, the newest first; `words` are looked for in number, title and description.
/// `after` is the previous page's `next`.
pub async fn list_changes(
    desk: &Desk,
    actor: &Actor,
    scope: ChangeScope,
    words: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<ChangeList> {
    let me = actor.signed_in()?;
    let limit = limit.clamp(1, PAGE_MAX);
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(" FROM change_requests c").push(ROW_JOINS).push(" WHERE c.deleted_at IS NULL AND ");
    push_seen(&mut query, actor);
    match scope {
        ChangeScope::All => {}
        ChangeScope::Open => {
            query.push(" AND c.status IN ('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'APPROVED', 'IMPLEMENTED')");
        }
        ChangeScope::Done => {
            query.push(" AND c.status IN ('REJECTED', 'CLOSED')");
        }
        ChangeScope::Mine => {
            query.push(" AND c.requested_by_id = ").push_bind(me);
        }
        // Asked now, for themselves or as a deputy, and not yet answered for what it says now. A stage that was asked later
        // is the one that is asked.
        ChangeScope::Waiting => {
            query.push(" AND c.status = 'IN_REVIEW' AND c.requested_by_id <> ").push_bind(me);
            query.push(" AND c.content_by_id IS DISTINCT FROM ").push_bind(me).push(
                " AND EXISTS (SELECT FROM change_approvals v JOIN change_stages s ON s.change_id = c.id AND s.stage = v.stage AND s.asked_at IS NOT NULL
                   WHERE v.change_request_id = c.id AND v.voted_hash IS DISTINCT FROM c.content_hash
                     AND NOT EXISTS (SELECT FROM change_stages n WHERE n.change_id = c.id AND n.stage > s.stage AND n.asked_at >= s.asked_at)
                     AND (v.approver_id = ",
            );
            query.push_bind(me).push(
                " OR v.approver_id IN (SELECT d.user_id FROM deputies d JOIN users u ON u.id = d.user_id
                     WHERE (now() AT TIME ZONE u.time_zone)::date BETWEEN d.from_day AND d.until_day AND d.deputy_id = ",
            );
            query.push_bind(me).push(")))");
        }
    }
    if let Some(words) = words.map(str::trim).filter(|words| !words.is_empty()) {
        let words: String = words.replace('\0', "").chars().take(WORDS_MAX).collect();
        match words.parse::<ChangeNumber>() {
            Ok(number) => query.push(" AND c.change_number = ").push_bind(number.as_str().to_owned()),
            Err(_) => query.push(" AND c.search @@ websearch_to_tsquery('desk', ").push_bind(words).push(")"),
        };
    }
    if let Some(after) = after {
        let after: ChangeId = after.parse().map_err(|_| Error::invalid("after", "This page does not exist."))?;
        query.push(" AND (c.created_at, c.id) < (SELECT created_at, id FROM change_requests WHERE id = ");
        query.push_bind(after).push(")");
    }
    query.push(" ORDER BY c.created_at DESC, c.id DESC LIMIT ").push_bind(limit + 1);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    let mut rows: Vec<_> = rows.into_iter().map(|row| row.shown(&actor.time_zone)).collect();
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let success = match (scope, after) {
        (ChangeScope::Done, None) => Some(success(desk, actor).await?),
        _ => None,
    };
    Ok(ChangeList { rows, success, next, now: Timestamp::now() })
}

/// Of those that the actor sees and that were carried out in the last 90 days.
async fn success(desk: &Desk, actor: &Actor) -> Result<(i64, i64)> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT count(*), count(*) FILTER (WHERE c.outcome = 'SUCCESSFUL') FROM change_requests c
         WHERE c.deleted_at IS NULL AND c.outcome IS NOT NULL AND c.actual_end_date > now() - interval '90 days' AND ",
    );
    push_seen(&mut query, actor);
    Ok(query.build_query_as().fetch_one(&desk.db).await?)
}
