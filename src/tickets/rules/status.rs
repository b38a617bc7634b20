//! The status machine: who may bring a ticket from one status to another, and what that needs. Pages, REST and mail
//! all ask this one table.

use super::rename;
use crate::tickets::{REASON_MAX, RESOLUTION_MAX, TicketStatus};
use crate::{Error, Result, Timestamp};
use Needs::*;
use TicketStatus::*;

/// On which side of the ticket someone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Agent,
    Requester,
}

/// What has to be said, or to be true, for a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// What solved it.
    Note,
    /// Why it will not be done.
    Reason,
    /// Requesters reopen only what was closed a short while ago; afterwards they ask anew.
    Recent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub from: TicketStatus,
    pub to: TicketStatus,
    pub by: Side,
    pub needs: Needs,
}

const fn agent(from: TicketStatus, to: TicketStatus, needs: Needs) -> Transition {
    Transition { from, to, by: Side::Agent, needs }
}

const fn requester(from: TicketStatus, to: TicketStatus, needs: Needs) -> Transition {
    Transition { from, to, by: Side::Requester, needs }
}

/// The whole machine. What is open may become anything open; what is done may be reopened. What is not here cannot
/// happen.
pub const TRANSITIONS: &[Transition] = &[
    //    from        to          needs
    agent(New, InProgress, Nothing),
    agent(New, Waiting, Nothing),
    agent(New, Resolved, Note),
    agent(New, Closed, Note),
    agent(New, Cancelled, Reason),
    agent(InProgress, New, Nothing),
    agent(InProgress, Waiting, Nothing),
    agent(InProgress, Resolved, Note),
    agent(InProgress, Closed, Note),
    agent(InProgress, Cancelled, Reason),
    agent(Waiting, New, Nothing),
    agent(Waiting, InProgress, Nothing),
    agent(Waiting, Resolved, Note),
    agent(Waiting, Closed, Note),
    agent(Waiting, Cancelled, Reason),
    agent(Resolved, InProgress, Nothing),
    agent(Resolved, Waiting, Nothing),
    agent(Resolved, Closed, Nothing),
    agent(Closed, InProgress, Nothing),
    agent(Cancelled, InProgress, Nothing),
    requester(New, Cancelled, Reason),
    requester(InProgress, Cancelled, Reason),
    requester(Waiting, Cancelled, Reason),
    requester(Waiting, InProgress, Nothing),
    requester(Resolved, InProgress, Nothing),
    requester(Resolved, Closed, Nothing),
    requester(Closed, InProgress, Recent),
];

/// Requesters may reopen a closed ticket for so long, in days.
pub const REOPEN_DAYS: i64 = 14;

/// Where `side` may bring a ticket from `from`, in the order of the table.
pub fn next_statuses(from: TicketStatus, side: Side) -> impl Iterator<Item = Transition> {
    TRANSITIONS.iter().copied().filter(move |transition| transition.from == from && transition.by == side)
}

/// A change of status with what was said about it, parsed and bounded, not yet allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusChange {
    pub resolution_note: Option<String>,
    pub cancel_reason: Option<String>,
}

impl StatusChange {
    pub fn parse(resolution_note: Option<&str>, cancel_reason: Option<&str>) -> Result<Self> {
        Ok(Self {
            resolution_note: crate::optional("resolution_note", resolution_note, RESOLUTION_MAX)?,
            cancel_reason: crate::optional("cancel_reason", cancel_reason, REASON_MAX)?,
        })
    }
}

/// Whether `side` may bring a ticket from `from`, closed at `closed_at`, to `to`, saying `change`. Staying is no
/// change.
pub fn check_transition(
    from: TicketStatus,
    to: TicketStatus,
    side: Side,
    change: &StatusChange,
    closed_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    if from == to {
        return Ok(());
    }
    let Some(transition) = next_statuses(from, side).find(|transition| transition.to == to) else {
        return Err(Error::invalid(
            "status",
            format!("A ticket that is {} cannot become {}.", from.label(), to.label()),
        ));
    };
    let recent = || closed_at.is_none_or(|at| at.seconds_until(now) <= REOPEN_DAYS * 86_400);
    match transition.needs {
        Note if change.resolution_note.is_none() => {
            Err(Error::invalid("resolution_note", "Say what solved it: the requester reads it."))
        }
        Reason if change.cancel_reason.is_none() => Err(Error::invalid("cancel_reason", "Say why it is cancelled.")),
        Recent if !recent() => Err(rename(
            Error::invalid("", "This was closed too long ago to be reopened. Please send a new request."),
            "status",
        )),
        _ => Ok(()),
    }
}

/// What a public reply does to the status: the requester's puts a waiting or solved ticket back to work; an agent's
/// first one starts a new ticket.
pub fn status_after_reply(status: TicketStatus, side: Side) -> TicketStatus {
    match (status, side) {
        (New, Side::Agent) => InProgress,
        (Waiting | Resolved, Side::Requester) => InProgress,
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_microsecond(1_700_000_000_000_000 + days * 86_400_000_000).unwrap()
    }

    fn check(from: TicketStatus, to: TicketStatus, side: Side, change: &StatusChange) -> Result<()> {
        check_transition(from, to, side, change, Some(at(0)), at(1))
    }

    fn everything() -> StatusChange {
        StatusChange::parse(Some("A new cable."), Some("Ordered twice.")).unwrap()
    }

    #[test]
    fn no_transition_stands_in_the_table_twice_or_leads_nowhere() {
        for (index, one) in TRANSITIONS.iter().enumerate() {
            assert_ne!(one.from, one.to);
            let again = TRANSITIONS[index + 1..]
                .iter()
                .any(|other| (one.from, one.to, one.by) == (other.from, other.to, other.by));
            assert!(!again, "{one:?}");
        }
    }

    #[test]
    fn what_the_table_does_not_name_cannot_happen() {
        for from in TicketStatus::ALL {
            for to in TicketStatus::ALL {
                for side in [Side::Agent, Side::Requester] {
                    let named = TRANSITIONS.iter().any(|t| (t.from, t.to, t.by) == (*from, *to, side));
                    let allowed = check(*from, *to, side, &everything()).is_ok();
                    assert_eq!(allowed, named || from == to, "{from} to {to} by {side:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_solved_without_a_note_or_cancelled_without_a_reason() {
        let said = |error: Result<()>| match error {
            Err(Error::Invalid(fields)) => fields.into_keys().next().unwrap(),
            other => panic!("{other:?}"),
        };
        let nothing = StatusChange::default();
        assert_eq!(said(check(New, Resolved, Side::Agent, &nothing)), "resolution_note");
        assert_eq!(said(check(Waiting, Closed, Side::Agent, &nothing)), "resolution_note");
        assert_eq!(said(check(New, Cancelled, Side::Requester, &nothing)), "cancel_reason");
        assert!(check(Resolved, Closed, Side::Requester, &nothing).is_ok());
    }

    #[test]
    fn requesters_reopen_what_was_closed_lately() {
        let nothing = StatusChange::default();
        let reopen = |days| check_transition(Closed, InProgress, Side::Requester, &nothing, Some(at(0)), at(days));
        assert!(reopen(REOPEN_DAYS).is_ok());
        assert!(reopen(REOPEN_DAYS + 1).is_err());
        let by_agent = check_transition(Closed, InProgress, Side::Agent, &nothing, Some(at(0)), at(1000));
        assert!(by_agent.is_ok());
    }

    #[test]
    fn an_answer_moves_the_ticket_to_whose_turn_it_is() {
        assert_eq!(status_after_reply(New, Side::Agent), InProgress);
        assert_eq!(status_after_reply(New, Side::Requester), New);
        assert_eq!(status_after_reply(Waiting, Side::Requester), InProgress);
        assert_eq!(status_after_reply(Resolved, Side::Requester), InProgress);
        assert_eq!(status_after_reply(Resolved, Side::Agent), Resolved);
        assert_eq!(status_after_reply(Closed, Side::Requester), Closed);
    }

    #[test]
    fn what_a_reply_does_stands_in_the_table_too() {
        for status in TicketStatus::ALL {
            for side in [Side::Agent, Side::Requester] {
                let after = status_after_reply(*status, side);
                assert!(check(*status, after, side, &StatusChange::default()).is_ok(), "{status} by {side:?}");
            }
        }
    }
}
