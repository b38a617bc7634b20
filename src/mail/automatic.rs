//! Whether the desk may write to an address by itself: not where nobody reads, and not too often, so that two machines
//! never talk to each other for long.

use crate::desk::Desk;
use crate::people::throttle::{self, AUTOMATIC_PER_ADDRESS};
use crate::{EmailAddress, Error, Result};

/// Addresses that nobody reads have this in them.
const NOBODY: [&str; 6] = ["no-reply", "noreply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon"];

/// Counts an automatic mail to an address; `false` where there were too many in the last hour, or nobody reads it.
pub(crate) async fn may_write(desk: &Desk, email: &EmailAddress) -> Result<bool> {
    let local = email.as_str().split('@').next().unwrap_or_default();
    if NOBODY.iter().any(|name| local.contains(name)) {
        return Ok(false);
    }
    match throttle::count(&desk.db, &format!("automatic:{email}"), AUTOMATIC_PER_ADDRESS).await {
        Err(Error::RateLimited { .. }) => Ok(false),
        counted => counted.map(|()| true),
    }
}
