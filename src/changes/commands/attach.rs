//! When files of a change may come and go.

use super::state::{Locked, lock_change, note};
use crate::changes::ChangeId;
use crate::changes::rules::{may_attach, may_detach};
use crate::{Actor, Error, Permission, Result};
use sqlx::PgConnection;

/// So much of the files' names is told, in characters.
const NAMES_SHOWN: usize = 400;

/// Locks a change to which the actor adds files, and writes that down.
pub(crate) async fn lock_to_attach(tx: &mut PgConnection, actor: &Actor, id: ChangeId, names: &str) -> Result<()> {
    let locked = lock_worked_on(tx, actor, id).await?;
    if !may_attach(locked.status) {
        return Err(Error::invalid("files", "What is over stays as it was."));
    }
    told(tx, actor, id, "attached", names).await
}

/// As [`lock_to_attach`], to take one away.
pub(crate) async fn lock_to_detach(tx: &mut PgConnection, actor: &Actor, id: ChangeId, name: &str) -> Result<()> {
    let locked = lock_worked_on(tx, actor, id).await?;
    if !may_detach(locked.status) {
        return Err(Error::invalid(
            "files",
            "Only a draft's files are taken away: what people were asked about stays.",
        ));
    }
    told(tx, actor, id, "took away", name).await
}

async fn lock_worked_on(tx: &mut PgConnection, actor: &Actor, id: ChangeId) -> Result<Locked> {
    let locked = lock_change(tx, actor, id).await?;
    if actor.user_id != Some(locked.requested_by_id) && !actor.can(Permission::ChangeApprove) {
        return Err(Error::Forbidden);
    }
    Ok(locked)
}

async fn told(tx: &mut PgConnection, actor: &Actor, id: ChangeId, deed: &str, names: &str) -> Result<()> {
    let names: String = names.chars().take(NAMES_SHOWN).collect();
    note(tx, actor, id, &format!("{deed} {names}"), None).await
}
