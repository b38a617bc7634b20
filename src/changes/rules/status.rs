//! The life of a change: what may become of it, by its type, and by whom.

use crate::changes::ChangeStatus::{self, *};
use crate::changes::ChangeType::{self, *};
use crate::{Error, Result};

/// Who brings a change from one status to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Whoever asked for it, and those who approve changes.
    Requester,
    /// Those who approve changes.
    Manager,
    /// The votes themselves: nobody sets it.
    Votes,
}

use By::{Manager, Requester, Votes};

/// The whole machine. A STANDARD change is approved already, by its template; an EMERGENCY is done once one approver says yes,
/// and is looked at afterwards.
pub const TRANSITIONS: &[(ChangeType, ChangeStatus, ChangeStatus, By)] = &[
    (Standard, Draft, Approved, Requester),
    (Standard, Approved, Draft, Requester),
    (Standard, Approved, Implemented, Requester),
    (Standard, Implemented, Closed, Requester),
    (Normal, Draft, Submitted, Requester),
    (Normal, Submitted, Draft, Requester),
    (Normal, Submitted, InReview, Manager),
    (Normal, InReview, Draft, Requester),
    (Normal, InReview, Approved, Votes),
    (Normal, InReview, Rejected, Votes),
    (Normal, Approved, Implemented, Requester),
    (Normal, Approved, Draft, Requester),
    (Normal, Implemented, Closed, Requester),
    (Emergency, Draft, InReview, Requester),
    (Emergency, InReview, Draft, Requester),
    (Emergency, InReview, Approved, Votes),
    (Emergency, InReview, Rejected, Votes),
    (Emergency, Approved, Implemented, Requester),
    (Emergency, Approved, Draft, Requester),
    (Emergency, Implemented, Closed, Manager),
];

/// What a person may make of it. Final is final: nothing leaves REJECTED and CLOSED; who wants it after all asks anew.
pub fn next(kind: ChangeType, from: ChangeStatus, is_manager: bool) -> Vec<ChangeStatus> {
    let may = |by: By| by == Requester || (by == Manager && is_manager);
    TRANSITIONS.iter().filter(|(k, f, _, by)| *k == kind && *f == from && may(*by)).map(|(_, _, to, _)| *to).collect()
}

/// # Errors
/// [`Error::Invalid`] naming `status`.
pub fn check_change_status(kind: ChangeType, from: ChangeStatus, to: ChangeStatus, is_manager: bool) -> Result<()> {
    if next(kind, from, is_manager).contains(&to) {
        return Ok(());
    }
    let said = format!(
        "A change that is {} cannot become {} this way.",
        from.label().to_lowercase(),
        to.label().to_lowercase()
    );
    Err(Error::invalid("status", said))
}

/// What of it may still be changed: afterwards it is as it was said yes to.
pub fn may_edit(status: ChangeStatus) -> bool {
    matches!(status, Draft | Submitted | InReview | Approved)
}

/// Whether files come to it: how it went is shown by some, too.
pub fn may_attach(status: ChangeStatus) -> bool {
    !matches!(status, Rejected | Closed)
}

/// Whether files may be taken away: not what people were asked with before them.
pub fn may_detach(status: ChangeStatus) -> bool {
    status == Draft
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_is_final_and_every_other_status_leads_somewhere() {
        for kind in ChangeType::ALL {
            for from in [Rejected, Closed] {
                assert!(next(*kind, from, true).is_empty(), "{kind} {from}");
            }
            let reached: std::collections::HashSet<_> =
                TRANSITIONS.iter().filter(|(k, ..)| k == kind).map(|(_, _, to, _)| *to).collect();
            for status in reached.into_iter().filter(|status| !matches!(status, Rejected | Closed)) {
                assert!(TRANSITIONS.iter().any(|(k, from, ..)| k == kind && *from == status), "{kind} {status}");
            }
        }
    }

    #[test]
    fn nobody_approves_with_a_click_on_a_status() {
        for from in ChangeStatus::ALL {
            for kind in [Normal, Emergency] {
                assert!(!next(kind, *from, true).contains(&Approved));
            }
        }
        assert_eq!(next(Standard, Draft, false), [Approved], "its template was approved");
    }
}
