//! A few questions that propose a change's risk. Who answers may still say otherwise; both are kept.

use crate::changes::RiskLevel;
use std::collections::BTreeMap;

/// Key, question, and what a yes weighs.
pub const QUESTIONS: [(&str, &str, u32); 6] = [
    ("many_people", "Do more than fifty people notice if it goes wrong?", 3),
    ("critical_service", "Is a service touched that the organisation cannot work without for an hour?", 3),
    ("never_done", "Has nobody here done this before?", 2),
    ("no_test", "Can it not be tried elsewhere first?", 2),
    ("no_way_back", "Is there no way back within the window?", 4),
    ("others_involved", "Does a supplier or another team have to be there?", 1),
];

/// LOW up to 1, MEDIUM up to 4, HIGH up to 8, CRITICAL beyond. Nothing that cannot be taken back is less than HIGH.
pub fn proposed_risk(answers: &BTreeMap<String, bool>) -> RiskLevel {
    let yes = |key: &str| answers.get(key).copied().unwrap_or(false);
    let weight: u32 = QUESTIONS.iter().filter(|(key, ..)| yes(key)).map(|(.., weight)| weight).sum();
    let level = match weight {
        0..=1 => RiskLevel::Low,
        2..=4 => RiskLevel::Medium,
        5..=8 => RiskLevel::High,
        _ => RiskLevel::Critical,
    };
    if yes("no_way_back") { level.max(RiskLevel::High) } else { level }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_yes_makes_it_no_less() {
        let mut answers = BTreeMap::new();
        let mut before = proposed_risk(&answers);
        assert_eq!(before, RiskLevel::Low);
        for (key, ..) in QUESTIONS {
            answers.insert(key.to_owned(), true);
            let now = proposed_risk(&answers);
            assert!(now >= before, "{key}");
            before = now;
        }
        assert_eq!(before, RiskLevel::Critical);
        assert_eq!(proposed_risk(&BTreeMap::from([("no_way_back".to_owned(), true)])), RiskLevel::High);
    }
}
