//! Approvals of two people who turned out to be one.

use crate::Result;
use crate::people::UserId;
use sqlx::PgConnection;

/// A person is asked once in a stage: of two approvals the one that was given stays, then the remaining person's.
pub(crate) async fn merge_approvals(tx: &mut PgConnection, former: UserId, into: UserId) -> Result<()> {
    sqlx::query!(
        "DELETE FROM change_approvals a USING change_approvals b
         WHERE a.change_request_id = b.change_request_id AND a.stage = b.stage AND a.id <> b.id
           AND a.approver_id IN ($1, $2) AND b.approver_id IN ($1, $2)
           AND CASE WHEN (a.status = 'PENDING') = (b.status = 'PENDING') THEN a.approver_id = $1 ELSE a.status = 'PENDING' END",
        former as _,
        into as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
