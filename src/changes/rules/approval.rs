//! What the votes on a change come to. A vote counts for the content that its voter saw, and for nothing else.

use crate::changes::{ApprovalStatus, Approver, ChangeStage, ChangeType, StageRule};

/// One voice of a stage, as it was given; `saw` is the content it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    pub status: ApprovalStatus,
    pub saw: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub rule: StageRule,
    pub quorum: Option<i32>,
    pub voices: Vec<Voice>,
}

/// What they come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Of which stage, from one, voices are wanted.
    Waits(usize),
    Approved,
    Rejected,
}

/// Stages in their order: the next is asked once the one before has said yes. One yes is enough for an EMERGENCY, whoever of
/// its first stage gives it.
pub fn outcome(kind: ChangeType, stages: &[Stage], content: &[u8]) -> Outcome {
    if kind == ChangeType::Emergency
        && stages.first().is_some_and(|stage| counted(stage, ApprovalStatus::Approved, content) > 0)
    {
        return Outcome::Approved;
    }
    for (at, stage) in stages.iter().enumerate() {
        match said(stage, content) {
            Some(true) => {}
            Some(false) => return Outcome::Rejected,
            None => return Outcome::Waits(at + 1),
        }
    }
    // Without anyone to ask nothing is approved.
    if stages.is_empty() { Outcome::Waits(1) } else { Outcome::Approved }
}

/// Which of a change's stages, from zero, is asked; none once all have said what they say.
pub fn asked(kind: ChangeType, stages: &[ChangeStage]) -> Option<usize> {
    let voice = |one: &Approver| Voice { status: one.status, saw: Some(vec![u8::from(one.is_void)]) };
    let stages: Vec<Stage> = stages
        .iter()
        .map(|stage| Stage {
            rule: stage.rule,
            quorum: stage.quorum,
            voices: stage.approvers.iter().map(voice).collect(),
        })
        .collect();
    match outcome(kind, &stages, &[0]) {
        Outcome::Waits(stage) => Some(stage - 1),
        Outcome::Approved => None,
        // The one that said no.
        Outcome::Rejected => stages.iter().position(|stage| said(stage, &[0]) == Some(false)),
    }
}

/// Yes, no, or not yet.
fn said(stage: &Stage, content: &[u8]) -> Option<bool> {
    let (yes, no) =
        (counted(stage, ApprovalStatus::Approved, content), counted(stage, ApprovalStatus::Rejected, content));
    let all = stage.voices.len();
    let wanted = match stage.rule {
        StageRule::All => all,
        StageRule::Any => 1,
        // More than there are people can never be reached: all of them then.
        StageRule::Quorum => usize::try_from(stage.quorum.unwrap_or(1)).unwrap_or(1).min(all),
    };
    if all > 0 && yes >= wanted {
        return Some(true);
    }
    // Those who are left cannot make it a yes.
    (no > 0 && all - no < wanted).then_some(false)
}

fn counted(stage: &Stage, status: ApprovalStatus, content: &[u8]) -> usize {
    stage.voices.iter().filter(|voice| voice.status == status && voice.saw.as_deref() == Some(content)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ApprovalStatus::{Approved, Pending, Rejected};

    fn stage(rule: StageRule, quorum: Option<i32>, voices: &[(ApprovalStatus, u8)]) -> Stage {
        let voices = voices.iter().map(|(status, saw)| Voice { status: *status, saw: Some(vec![*saw]) });
        Stage { rule, quorum, voices: voices.collect() }
    }

    #[test]
    fn each_rule_says_when_it_is_enough_and_when_it_is_hopeless() {
        let of = |rule, quorum, voices: &[(ApprovalStatus, u8)]| {
            outcome(ChangeType::Normal, &[stage(rule, quorum, voices)], &[1])
        };
        let two = |one, other| [(one, 1), (other, 1)];
        assert_eq!(of(StageRule::All, None, &two(Approved, Pending)), Outcome::Waits(1));
        assert_eq!(of(StageRule::All, None, &two(Approved, Approved)), Outcome::Approved);
        assert_eq!(of(StageRule::All, None, &two(Approved, Rejected)), Outcome::Rejected);
        assert_eq!(of(StageRule::Any, None, &two(Rejected, Pending)), Outcome::Waits(1));
        assert_eq!(of(StageRule::Any, None, &two(Rejected, Rejected)), Outcome::Rejected);
        let three = [(Approved, 1), (Rejected, 1), (Pending, 1)];
        assert_eq!(of(StageRule::Quorum, Some(2), &three), Outcome::Waits(1));
        assert_eq!(of(StageRule::Quorum, Some(3), &three), Outcome::Rejected);
        assert_eq!(of(StageRule::Any, None, &[]), Outcome::Waits(1), "nobody says nothing");
    }

    #[test]
    fn a_vote_counts_for_what_its_voter_saw() {
        let stages = [
            stage(StageRule::Any, None, &[(Approved, 1)]),
            stage(StageRule::All, None, &[(Approved, 1), (Approved, 2)]),
        ];
        assert_eq!(outcome(ChangeType::Normal, &stages, &[1]), Outcome::Waits(2));
        assert_eq!(outcome(ChangeType::Normal, &stages, &[2]), Outcome::Waits(1), "the first stage is asked again");
        assert_eq!(outcome(ChangeType::Emergency, &stages, &[1]), Outcome::Approved, "one is enough");
    }

    /// Whether a stage can say yes once all whose voice does not count yet said yes: by trying each of those answers.
    fn best(stage: &Stage, content: u8) -> (bool, bool) {
        let counts = |voice: &Voice| voice.status != Pending && voice.saw.as_deref() == Some(&[content]);
        let fixed = stage.voices.iter().filter(|voice| counts(voice) && voice.status == Approved).count();
        let any_no = stage.voices.iter().any(|voice| counts(voice) && voice.status == Rejected);
        let open = stage.voices.iter().filter(|voice| !counts(voice)).count();
        let enough = |yes: usize| match stage.rule {
            StageRule::All => yes == stage.voices.len(),
            StageRule::Any => yes > 0,
            StageRule::Quorum => yes >= (stage.quorum.unwrap_or(1) as usize).min(stage.voices.len()),
        };
        let reachable = (0..1_u32 << open).any(|answers| enough(fixed + answers.count_ones() as usize));
        (enough(fixed), any_no && !reachable)
    }

    /// Random stages, votes and edits; a linear congruential generator is chance enough.
    #[test]
    fn what_votes_come_to_is_what_trying_every_answer_says() {
        let mut seed: u64 = 20_261_127;
        let mut roll = |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        let mut seen = std::collections::HashSet::new();
        for _ in 0..20_000 {
            let stages: Vec<Stage> = (0..1 + roll(3))
                .map(|_| {
                    let rule = StageRule::ALL[roll(3) as usize];
                    let quorum = (rule == StageRule::Quorum).then(|| 1 + roll(4) as i32);
                    let voices: Vec<_> = (0..1 + roll(4))
                        .map(|_| ([Approved, Approved, Rejected, Pending][roll(4) as usize], roll(5).min(1) as u8))
                        .collect();
                    stage(rule, quorum, &voices)
                })
                .collect();
            // The content was 0 and is 1 now: votes on 0 are void.
            let mut expected = Outcome::Approved;
            for (at, one) in stages.iter().enumerate() {
                match best(one, 1) {
                    (true, _) => continue,
                    (_, true) => expected = Outcome::Rejected,
                    _ => expected = Outcome::Waits(at + 1),
                }
                break;
            }
            let found = outcome(ChangeType::Normal, &stages, &[1]);
            assert_eq!(found, expected, "{stages:?}");
            seen.insert(format!("{found:?}"));
        }
        assert_eq!(seen.len(), 5, "waits for each of three, yes and no all came: {seen:?}");
    }
}
