//! Which policy fits a ticket, and what it means for it now. Pure: the same facts give the same plan.

use super::OpenHours;
use crate::Timestamp;
use crate::people::OrganisationId;
use crate::sla::{Goal, Moment, SlaPolicy, SlaPolicyId, SlaStepId, SlaTarget, Span, StepAction};
use crate::tickets::{QueueId, TicketPriority, TicketStatus};
use std::sync::Arc;

/// In these no promise runs: it goes on where a ticket is opened again.
const DONE: [TicketStatus; 3] = [TicketStatus::Resolved, TicketStatus::Closed, TicketStatus::Cancelled];

/// A policy, ready to be counted with.
#[derive(Debug, Clone)]
pub struct Terms {
    pub policy: SlaPolicy,
    pub hours: Arc<OpenHours>,
    /// It begins nowhere any more.
    pub is_removed: bool,
}

/// All that a plan depends on.
#[derive(Debug, Clone)]
pub struct Facts {
    pub created_at: Timestamp,
    pub priority: TicketPriority,
    pub queue_id: Option<QueueId>,
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub organisation_id: Option<OrganisationId>,
    pub tags: Vec<String>,
    pub status: TicketStatus,
    pub first_response_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    /// Since when whoever asks waits for an answer.
    pub waits_since: Option<Timestamp>,
    /// Deleted, or merged into another: its promises are nobody's.
    pub is_gone: bool,
    /// In which status it was when, as far as that may stop the clock; without an end while it is.
    pub stretches: Vec<(TicketStatus, Timestamp, Option<Timestamp>)>,
    pub running: Option<Running>,
}

/// A policy as it runs on a ticket.
#[derive(Debug, Clone)]
pub struct Running {
    pub policy: SlaPolicyId,
    /// When it took over.
    pub since: Timestamp,
    pub first_response_breached: bool,
    pub resolution_breached: bool,
    pub update_since: Option<Timestamp>,
    pub update_breached: bool,
    /// Steps that were taken, with since when their target ran.
    pub done: Vec<(SlaStepId, Timestamp)>,
}

/// What a policy means for a ticket now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Nothing is promised without one.
    pub policy: Option<SlaPolicyId>,
    /// It is not the one that ran.
    pub takes_over: bool,
    pub paused: bool,
    pub first_response: Goal,
    pub update: Goal,
    pub update_since: Option<Timestamp>,
    pub resolution: Goal,
    pub next_check_at: Option<Timestamp>,
    /// What is to be done, in order.
    pub due: Vec<DueStep>,
}

/// A step whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueStep {
    pub step: SlaStepId,
    pub target: SlaTarget,
    /// Since when its target ran.
    pub since: Timestamp,
    pub at: Timestamp,
    /// When the target is due.
    pub target_at: Timestamp,
    pub actions: Vec<StepAction>,
}

/// The terms that hold for a ticket: those that run go on as long as they fit, whatever was made or removed since.
pub fn choose<'a>(terms: &'a [Terms], facts: &Facts) -> Option<&'a Terms> {
    let running = facts.running.as_ref().map(|running| running.policy);
    let runs_on = terms.iter().find(|terms| Some(terms.policy.id) == running && fits(&terms.policy, facts));
    runs_on.or_else(|| terms.iter().find(|terms| !terms.is_removed && fits(&terms.policy, facts)))
}

fn fits(policy: &SlaPolicy, facts: &Facts) -> bool {
    let named = |name: &String| Some(name) == facts.category.as_ref() || Some(name) == facts.subcategory.as_ref();
    policy.priority == facts.priority
        && policy.queue_id.is_none_or(|queue| Some(queue) == facts.queue_id)
        && policy.organisation_id.is_none_or(|organisation| Some(organisation) == facts.organisation_id)
        && policy.category.as_ref().is_none_or(named)
        && policy.tag.as_ref().is_none_or(|tag| facts.tags.contains(tag))
}

/// What holds for a ticket at `now`. What has passed is kept, whatever policy takes over: every target is counted from
/// the ticket's beginning, over the stretches in which its status stopped the clock. That a target has passed unmet is noted
/// where `marks` says so: by the sweep, which tells of it.
pub fn plan(terms: &[Terms], facts: &Facts, now: Timestamp, marks: bool) -> Plan {
    let Some(chosen) = choose(terms, facts).filter(|_| !facts.is_gone) else { return Plan::default() };
    let Terms { policy, hours, .. } = chosen;
    let running = facts.running.as_ref().filter(|running| running.policy == policy.id);
    let stops = |status: &TicketStatus| DONE.contains(status) || policy.pauses_in.contains(status);
    let pauses: Vec<Span> = facts
        .stretches
        .iter()
        .filter(|(status, ..)| stops(status))
        .map(|(_, from, to)| Span { from: *from, to: to.unwrap_or(now) })
        .collect();
    let paused = stops(&facts.status);
    let due = |from: Timestamp, minutes: i32| hours.add(from, i64::from(minutes) * 60, &pauses);
    let goal = |target: Option<Timestamp>, actual: Option<Timestamp>, was_breached: bool| {
        let late = target.is_some_and(|target| match actual {
            Some(actual) => actual > target,
            None => marks && !paused && now >= target,
        });
        Goal { target, actual, breached: was_breached || late }
    };
    let first_response = goal(
        due(facts.created_at, policy.first_response_time),
        facts.first_response_at,
        running.is_some_and(|running| running.first_response_breached),
    );
    let resolution = goal(
        due(facts.created_at, policy.resolution_time),
        facts.resolved_at.filter(|_| DONE.contains(&facts.status)),
        running.is_some_and(|running| running.resolution_breached),
    );
    // Before the first answer, that one is what they wait for.
    let waits_since = facts.waits_since.filter(|_| facts.first_response_at.is_some() && !DONE.contains(&facts.status));
    let update_since = waits_since.filter(|_| policy.update_time.is_some());
    let update = match update_since.zip(policy.update_time) {
        Some((since, minutes)) => {
            let was = running.is_some_and(|running| running.update_since == Some(since) && running.update_breached);
            goal(due(since, minutes), None, was)
        }
        None => Goal::default(),
    };
    let mut plan = Plan {
        policy: Some(policy.id),
        takes_over: running.is_none(),
        paused,
        first_response,
        update,
        update_since,
        resolution,
        next_check_at: None,
        due: Vec::new(),
    };
    if !paused {
        let counting = Counting { hours, pauses: &pauses, facts, running, now };
        counting.look_ahead(policy, &mut plan);
    }
    plan
}

struct Counting<'a> {
    hours: &'a OpenHours,
    pauses: &'a [Span],
    facts: &'a Facts,
    running: Option<&'a Running>,
    now: Timestamp,
}

impl Counting<'_> {
    /// Finds what is due, and what falls due next.
    fn look_ahead(&self, policy: &SlaPolicy, plan: &mut Plan) {
        let goals = [
            (SlaTarget::FirstResponse, plan.first_response, self.facts.created_at, policy.first_response_time),
            (SlaTarget::Resolution, plan.resolution, self.facts.created_at, policy.resolution_time),
        ];
        let update = plan.update_since.zip(policy.update_time);
        let update = update.map(|(since, minutes)| (SlaTarget::Update, plan.update, since, minutes));
        let mut next = None;
        for (kind, goal, since, minutes) in goals.into_iter().chain(update) {
            let Some(target) = goal.target.filter(|_| goal.actual.is_none()) else { continue };
            let mut ahead: Vec<Timestamp> = if goal.breached { Vec::new() } else { vec![target] };
            for step in policy.steps.iter().filter(|step| step.target == kind) {
                let Some(at) = self.moment(step.moment, since, minutes, target) else { continue };
                // Nobody is warned of what was over when the policy took over.
                let began = self.running.map_or(self.now, |running| running.since);
                let missed = at < target && at < began;
                let done = self.running.is_some_and(|running| running.done.contains(&(step.id, since)));
                if missed || done {
                    continue;
                }
                ahead.push(at);
                if at <= self.now {
                    let actions = step.actions.clone();
                    plan.due.push(DueStep { step: step.id, target: kind, since, at, target_at: target, actions });
                }
            }
            next = ahead.into_iter().chain(next).min();
        }
        plan.due.sort_by_key(|step| step.at);
        plan.next_check_at = next;
    }

    /// "One hour before" is an hour of work, as "one hour after" is.
    fn moment(&self, moment: Moment, since: Timestamp, minutes: i32, target: Timestamp) -> Option<Timestamp> {
        match moment {
            Moment::Minutes(before) if before < 0 => {
                self.hours.subtract(target, i64::from(before.unsigned_abs()) * 60, self.pauses)
            }
            Moment::Minutes(after) => self.hours.add(target, i64::from(after) * 60, self.pauses),
            Moment::Share(percent) => {
                self.hours.add(since, i64::from(minutes) * 60 * i64::from(percent) / 100, self.pauses)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{plan as plan_marking, *};
    use crate::sla::{Calendar, SlaStep};
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn plan(terms: &[Terms], facts: &Facts, now: Timestamp) -> Plan {
        plan_marking(terms, facts, now, true)
    }

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    /// Monday to Friday, nine to five, in UTC: an answer in 2 hours, a solution in 10, the next answer in 1.
    fn terms(number: u128, priority: TicketPriority) -> Terms {
        let day = vec![["09:00".to_owned(), "17:00".to_owned()]];
        let hours: BTreeMap<_, _> =
            ["mon", "tue", "wed", "thu", "fri"].into_iter().map(|name| (name.to_owned(), day.clone())).collect();
        let calendar = Calendar { time_zone: "Etc/UTC".into(), hours, ..Calendar::default() };
        let policy = SlaPolicy {
            id: SlaPolicyId(Uuid::from_u128(number)),
            name: "Standard".into(),
            description: None,
            priority,
            first_response_time: 120,
            update_time: Some(60),
            resolution_time: 600,
            calendar_id: None,
            queue_id: None,
            category: None,
            organisation_id: None,
            tag: None,
            pauses_in: vec![TicketStatus::Waiting],
            position: 0,
            active: true,
            version: 1,
            steps: Vec::new(),
        };
        Terms { policy, hours: Arc::new(OpenHours::of(&calendar).unwrap()), is_removed: false }
    }

    fn step(number: u128, target: SlaTarget, moment: Moment) -> SlaStep {
        SlaStep { id: SlaStepId(Uuid::from_u128(number)), target, moment, actions: vec![StepAction::RaisePriority] }
    }

    /// Sent on a Thursday, at ten.
    fn facts() -> Facts {
        Facts {
            created_at: at("26T10:00"),
            priority: TicketPriority::High,
            queue_id: None,
            category: None,
            subcategory: None,
            organisation_id: None,
            tags: Vec::new(),
            status: TicketStatus::New,
            first_response_at: None,
            resolved_at: None,
            waits_since: None,
            is_gone: false,
            stretches: Vec::new(),
            running: None,
        }
    }

    fn running(policy: u128) -> Option<Running> {
        Some(Running {
            policy: SlaPolicyId(Uuid::from_u128(policy)),
            since: at("26T10:00"),
            first_response_breached: false,
            resolution_breached: false,
            update_since: None,
            update_breached: false,
            done: Vec::new(),
        })
    }

    #[test]
    fn targets_are_working_time_and_a_breach_is_one_from_its_instant_on() {
        let terms = [terms(1, TicketPriority::High)];
        let before = plan(&terms, &facts(), at("26T11:59"));
        assert_eq!(
            (before.first_response.target, before.resolution.target),
            (Some(at("26T12:00")), Some(at("27T12:00")))
        );
        assert!(!before.first_response.breached && before.next_check_at == Some(at("26T12:00")) && before.takes_over);
        let on_time = plan(&terms, &facts(), at("26T12:00"));
        assert!(on_time.first_response.breached && !on_time.resolution.breached);
        assert_eq!(on_time.next_check_at, Some(at("27T12:00")));
        let answered = Facts { first_response_at: Some(at("26T12:00")), ..facts() };
        assert!(!plan(&terms, &answered, at("26T13:00")).first_response.breached, "at its instant is on time");
        assert_eq!(plan(&terms, &Facts { priority: TicketPriority::Low, ..facts() }, at("26T11:00")), Plan::default());
        assert_eq!(plan(&terms, &Facts { is_gone: true, ..facts() }, at("26T11:00")).policy, None);
    }

    #[test]
    fn the_clock_stands_still_while_it_waits_and_while_it_is_solved() {
        let terms = [terms(1, TicketPriority::High)];
        let mut waiting = Facts {
            status: TicketStatus::Waiting,
            first_response_at: Some(at("26T11:00")),
            running: running(1),
            ..facts()
        };
        waiting.stretches = vec![(TicketStatus::Waiting, at("26T11:00"), None)];
        let paused = plan(&terms, &waiting, at("30T10:00"));
        assert!(paused.paused && !paused.resolution.breached && paused.next_check_at.is_none());
        // One hour is gone: nine are left, from Monday ten o'clock on.
        assert_eq!(paused.resolution.target, Some("2026-12-01T11:00:00Z".parse().unwrap()));
        // It is solved, and opened again: what it lay solved counts no more than what it waited.
        let mut reopened = waiting.clone();
        reopened.status = TicketStatus::InProgress;
        reopened.stretches = vec![
            (TicketStatus::Waiting, at("26T11:00"), Some(at("26T12:00"))),
            (TicketStatus::Resolved, at("26T13:00"), Some(at("27T13:00"))),
        ];
        assert_eq!(
            plan(&terms, &reopened, at("27T13:30")).resolution.target,
            Some("2026-11-30T13:00:00Z".parse().unwrap())
        );
        // Another policy may let it run while it waits; what has passed counts then.
        let mut runs_on = terms[0].clone();
        runs_on.policy.pauses_in = Vec::new();
        assert_eq!(plan(&[runs_on], &waiting, at("26T15:00")).resolution.target, Some(at("27T12:00")));
    }

    #[test]
    fn another_priority_brings_its_own_targets_from_the_same_beginning() {
        let mut critical = terms(2, TicketPriority::Critical);
        (critical.policy.first_response_time, critical.policy.resolution_time) = (30, 240);
        let terms = [terms(1, TicketPriority::High), critical];
        let raised = Facts { priority: TicketPriority::Critical, running: running(1), ..facts() };
        let plan = plan(&terms, &raised, at("26T11:00"));
        assert!(plan.takes_over && plan.first_response.breached, "half an hour has passed already");
        assert_eq!(plan.resolution.target, Some(at("26T14:00")));
    }

    #[test]
    fn whoever_waits_again_is_promised_an_answer() {
        let terms = [terms(1, TicketPriority::High)];
        let waits = Facts {
            first_response_at: Some(at("26T11:00")),
            waits_since: Some(at("26T16:30")),
            running: running(1),
            ..facts()
        };
        let promised = plan(&terms, &waits, at("26T16:40"));
        assert_eq!((promised.update.target, promised.next_check_at), (Some(at("27T09:30")), Some(at("27T09:30"))));
        assert!(plan(&terms, &waits, at("27T09:30")).update.breached);
        assert_eq!(plan(&terms, &Facts { waits_since: None, ..waits }, at("27T10:00")).update, Goal::default());
    }

    #[test]
    fn steps_come_in_order_once_each_and_before_walks_back_through_the_shifts() {
        let mut one = terms(1, TicketPriority::High);
        one.policy.steps = vec![
            step(1, SlaTarget::Resolution, Moment::Minutes(30)),
            // Four hours of work before Friday noon are Thursday at four.
            step(2, SlaTarget::Resolution, Moment::Minutes(-240)),
            step(3, SlaTarget::FirstResponse, Moment::Share(50)),
        ];
        let terms = [one];
        let mut facts = Facts { running: running(1), ..facts() };
        let early = plan(&terms, &facts, at("26T10:59"));
        assert_eq!((early.due.len(), early.next_check_at), (0, Some(at("26T11:00"))));
        let late = plan(&terms, &facts, at("27T12:40"));
        let order: Vec<_> = late.due.iter().map(|due| (due.step.0.as_u128(), due.at)).collect();
        assert_eq!(order, [(3, at("26T11:00")), (2, at("26T16:00")), (1, at("27T12:30"))]);
        facts.running.as_mut().unwrap().done = late.due.iter().map(|due| (due.step, due.since)).collect();
        let over = plan(&terms, &facts, at("27T12:41"));
        assert!(over.due.is_empty());
        facts.first_response_at = Some(at("26T10:30"));
        facts.running.as_mut().unwrap().resolution_breached = true;
        assert_eq!(plan(&terms, &facts, at("27T12:41")).next_check_at, None);
        // A policy that takes over late warns of nothing that is over.
        let taken = Facts { running: None, ..facts };
        let due = plan(&terms, &taken, at("27T12:40")).due;
        assert_eq!(due.iter().map(|due| due.step.0.as_u128()).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_policy_that_was_removed_runs_on_where_it_runs() {
        let mut removed = terms(1, TicketPriority::High);
        removed.is_removed = true;
        let terms = [removed, terms(2, TicketPriority::High)];
        let chosen = |facts: &Facts| choose(&terms, facts).map(|terms| terms.policy.id.0.as_u128());
        assert_eq!(chosen(&Facts { running: running(1), ..facts() }), Some(1));
        assert_eq!(chosen(&facts()), Some(2));
    }
}
