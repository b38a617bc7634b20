//! Whether a condition holds on a ticket. Pure; a rule among hundreds costs microseconds.

use crate::automation::{Comparison, Condition, Fact, FactName, Test};
use crate::tickets::TicketStatus;
use std::collections::BTreeMap;

/// What is known of a ticket: its values in lower case, as text. A tag is one of several values; what is not set has none.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    now: BTreeMap<FactName, Vec<String>>,
    /// What changed, as it was.
    before: BTreeMap<FactName, Vec<String>>,
    /// As people read them, where a value is an identifier.
    shown: BTreeMap<FactName, String>,
}

impl Facts {
    pub fn set<S: AsRef<str>>(&mut self, fact: FactName, values: impl IntoIterator<Item = S>) {
        self.now.insert(fact, lower(values));
    }

    pub fn set_before<S: AsRef<str>>(&mut self, fact: FactName, values: impl IntoIterator<Item = S>) {
        self.before.insert(fact, lower(values));
    }

    pub fn show(&mut self, fact: FactName, name: String) {
        self.shown.insert(fact, name);
    }

    fn values(&self, fact: &FactName, before: bool) -> &[String] {
        let was = if before { self.before.get(fact) } else { None };
        was.or_else(|| self.now.get(fact)).map(Vec::as_slice).unwrap_or_default()
    }

    /// As it stands in "… is …".
    fn in_words(&self, test: &Test) -> String {
        let values = self.values(&test.field, test.before);
        let shown = if test.before { None } else { self.shown.get(&test.field) };
        let text = match (shown, values) {
            (Some(name), _) => name.clone(),
            (None, []) => "empty".to_owned(),
            (None, values) => {
                let text = values.join(", ");
                let short: String = text.chars().take(60).collect();
                if short.len() < text.len() { format!("“{short}…”") } else { format!("“{short}”") }
            }
        };
        let name = match &test.field {
            FactName::Known(fact) => fact.label().to_owned(),
            FactName::Custom(key) => key.clone(),
        };
        if test.is == Comparison::Changed {
            format!("{name} has not changed")
        } else if test.before {
            format!("{name} was {text}")
        } else {
            format!("{name} is {text}")
        }
    }
}

fn lower<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Vec<String> {
    values.into_iter().map(|value| value.as_ref().to_lowercase()).filter(|value| !value.is_empty()).collect()
}

/// Why a condition does not hold, in words: the first test that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss(pub String);

/// Whether `condition` holds; else why not.
pub fn evaluate(condition: &Condition, facts: &Facts) -> Result<(), Miss> {
    match condition {
        Condition::All(all) => all.iter().try_for_each(|one| evaluate(one, facts)),
        Condition::Any(any) => {
            let mut first = None;
            for one in any {
                match evaluate(one, facts) {
                    Ok(()) => return Ok(()),
                    Err(miss) => first = first.or(Some(miss)),
                }
            }
            Err(first.unwrap_or_else(|| Miss("nothing is asked for".to_owned())))
        }
        Condition::Not(inner) => match evaluate(inner, facts) {
            Ok(()) => Err(Miss("what must not hold holds".to_owned())),
            Err(_) => Ok(()),
        },
        Condition::Test(test) if holds(test, facts) => Ok(()),
        Condition::Test(test) => Err(Miss(facts.in_words(test))),
    }
}

fn holds(test: &Test, facts: &Facts) -> bool {
    let values = facts.values(&test.field, test.before);
    let wanted = || test.values.iter().map(|value| value.to_lowercase());
    let any = |fits: fn(&str, &str) -> bool| wanted().any(|wanted| values.iter().any(|value| fits(value, &wanted)));
    match test.is {
        Comparison::Is => any(|value, wanted| value == wanted),
        Comparison::IsNot => !any(|value, wanted| value == wanted),
        Comparison::Contains => any(|value, wanted| value.contains(wanted)),
        Comparison::ContainsNot => !any(|value, wanted| value.contains(wanted)),
        Comparison::BeginsWith => any(|value, wanted| value.starts_with(wanted)),
        Comparison::IsSet => !values.is_empty(),
        Comparison::IsEmpty => values.is_empty(),
        Comparison::Changed => facts.before.contains_key(&test.field),
        Comparison::MoreThan => any(|value, wanted| compare(value, wanted).is_some_and(|order| order.is_gt())),
        Comparison::LessThan => any(|value, wanted| compare(value, wanted).is_some_and(|order| order.is_lt())),
    }
}

/// Numbers by their size; dates, which are written as 2026-11-25, by their text.
fn compare(value: &str, wanted: &str) -> Option<std::cmp::Ordering> {
    match (value.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(value), Ok(wanted)) => value.partial_cmp(&wanted),
        _ if wanted.starts_with(|c: char| c.is_ascii_digit()) => Some(value.cmp(wanted)),
        _ => None,
    }
}

/// The statuses outside which a condition never holds; `None` where it says nothing about them. What a search can leave
/// out before anything is read.
pub fn required_statuses(condition: &Condition) -> Option<Vec<TicketStatus>> {
    match condition {
        Condition::All(all) => all.iter().find_map(required_statuses),
        Condition::Test(Test { field: FactName::Known(Fact::Status), before: false, is: Comparison::Is, values }) => {
            Some(values.iter().filter_map(|value| value.to_uppercase().parse().ok()).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Comparison::*;

    fn facts() -> Facts {
        let mut facts = Facts::default();
        facts.set(FactName::Known(Fact::Subject), ["VPN does not connect"]);
        facts.set(FactName::Known(Fact::Status), ["IN_PROGRESS"]);
        facts.set(FactName::Known(Fact::Priority), ["HIGH"]);
        facts.set_before(FactName::Known(Fact::Priority), ["LOW"]);
        facts.set(FactName::Known(Fact::Tag), ["vip", "Remote"]);
        facts.set(FactName::Custom("cost".into()), ["120"]);
        facts.set(FactName::Custom("from".into()), ["2026-11-25"]);
        facts
    }

    fn test(field: &str, is: Comparison, values: &[&str]) -> Condition {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Condition::Test(Test { field: field.parse().unwrap(), before: false, is, values })
    }

    fn holds(condition: &Condition) -> bool {
        evaluate(condition, &facts()).is_ok()
    }

    #[test]
    fn a_test_compares_without_regard_to_case_and_one_value_is_enough() {
        for (condition, expected) in [
            (test("subject", Contains, &["vpn"]), true),
            (test("subject", Contains, &["printer", "Connect"]), true),
            (test("subject", ContainsNot, &["printer"]), true),
            (test("subject", BeginsWith, &["vpn"]), true),
            (test("subject", BeginsWith, &["does"]), false),
            (test("tag", Is, &["remote"]), true),
            (test("tag", IsNot, &["remote"]), false),
            (test("category", IsEmpty, &[]), true),
            (test("category", IsNot, &["Network"]), true),
            (test("category", Is, &["Network"]), false),
            (test("tag", IsSet, &[]), true),
            (test("priority", Changed, &[]), true),
            (test("status", Changed, &[]), false),
            (test("field.cost", MoreThan, &["99.5"]), true),
            (test("field.cost", LessThan, &["99.5"]), false),
            (test("field.from", LessThan, &["2027-01-01"]), true),
            (test("subject", MoreThan, &["abc"]), false),
        ] {
            assert_eq!(holds(&condition), expected, "{condition:?}");
        }
    }

    #[test]
    fn what_it_was_before_is_asked_for_and_what_did_not_change_was_the_same() {
        let was = |field: &str, value: &str| {
            let Condition::Test(test) = test(field, Is, &[value]) else { unreachable!() };
            Condition::Test(Test { before: true, ..test })
        };
        assert!(holds(&was("priority", "LOW")));
        assert!(!holds(&was("priority", "HIGH")));
        assert!(holds(&was("status", "IN_PROGRESS")));
    }

    #[test]
    fn a_tree_holds_as_logic_has_it_and_says_what_failed_first() {
        let yes = test("status", Is, &["IN_PROGRESS"]);
        let no = test("priority", Is, &["LOW"]);
        assert!(holds(&Condition::All(vec![])));
        assert!(!holds(&Condition::Any(vec![])));
        assert!(holds(&Condition::Any(vec![no.clone(), yes.clone()])));
        assert!(holds(&Condition::Not(Box::new(no.clone()))));
        assert!(!holds(&Condition::Not(Box::new(yes.clone()))));
        let miss = evaluate(&Condition::All(vec![yes, no]), &facts()).unwrap_err();
        assert_eq!(miss.0, "priority is “high”");
    }

    #[test]
    fn only_a_status_that_every_way_asks_for_is_required() {
        let closed = test("status", Is, &["CLOSED", "RESOLVED"]);
        let expected = Some(vec![TicketStatus::Closed, TicketStatus::Resolved]);
        assert_eq!(required_statuses(&Condition::All(vec![test("tag", IsSet, &[]), closed.clone()])), expected);
        assert_eq!(required_statuses(&Condition::Any(vec![closed.clone()])), None);
        assert_eq!(required_statuses(&Condition::Not(Box::new(closed))), None);
    }

    #[test]
    fn a_condition_is_written_and_read_back() {
        let text = r#"{"any":[{"all":[{"field":"subject","is":"CONTAINS","values":["vpn"]},{"field":"status","before":true,"is":"IS","values":["NEW"]}]},{"not":{"field":"field.site","is":"IS_SET"}}]}"#;
        let condition: Condition = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&condition).unwrap(), text);
        assert!(serde_json::from_str::<Condition>(r#"{"field":"colour","is":"IS"}"#).is_err());
        assert!(serde_json::from_str::<Condition>(r#"{"field":"status","is":"LIKES"}"#).is_err());
    }
}
