//! The life of an asset: what may become of it.

use crate::assets::AssetStatus::{self, *};
use crate::{Error, Result};

/// The whole machine. What is retired comes back into store only, to be looked at before anyone uses it.
pub const TRANSITIONS: &[(AssetStatus, AssetStatus)] = &[
    (Active, Inactive),
    (Active, Maintenance),
    (Active, Retired),
    (Inactive, Active),
    (Inactive, Maintenance),
    (Inactive, Retired),
    (Maintenance, Active),
    (Maintenance, Inactive),
    (Maintenance, Retired),
    (Retired, Inactive),
];

/// What it may become, itself included.
pub fn next(from: AssetStatus) -> Vec<AssetStatus> {
    AssetStatus::ALL.iter().copied().filter(|to| may_become(from, *to)).collect()
}

pub fn may_become(from: AssetStatus, to: AssetStatus) -> bool {
    from == to || TRANSITIONS.contains(&(from, to))
}

/// # Errors
/// [`Error::Invalid`] naming `status`.
pub fn check_status(from: AssetStatus, to: AssetStatus) -> Result<()> {
    if may_become(from, to) {
        return Ok(());
    }
    let said = format!(
        "What is {} can become {} only by way of the store.",
        from.label().to_lowercase(),
        to.label().to_lowercase()
    );
    Err(Error::invalid("status", said))
}

/// Whoever has something that is retired hands it back first.
pub fn may_have_owner(status: AssetStatus) -> bool {
    status != Retired
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_retired_comes_back_by_way_of_the_store() {
        assert_eq!(next(Retired), [Inactive, Retired]);
        assert!(check_status(Retired, Active).is_err() && check_status(Retired, Retired).is_ok());
        for from in [Active, Inactive, Maintenance] {
            assert_eq!(next(from).len(), 4, "{from}");
        }
    }
}
