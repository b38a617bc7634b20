//! A rule as a sentence: "When a ticket is created and subject contains “vpn”, then set the priority to High".

use crate::automation::{Comparison, Condition, Fact, FactName, Recipient, Rule, RuleAction, RuleMoment, Test};
use crate::tickets::{TicketPriority, TicketStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What identifiers stand for: queues, people, organisations, webhooks, macros.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names(pub BTreeMap<Uuid, String>);

impl Names {
    pub fn of(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| "someone or something that is gone".to_owned())
    }
}

pub fn sentence(rule: &Rule, names: &Names) -> String {
    let condition = condition_in_words(&rule.condition, names);
    let and = if condition.is_empty() { String::new() } else { format!(", and {condition}") };
    let actions: Vec<_> = rule.actions.iter().map(|action| action_in_words(action, names)).collect();
    format!("{}{and}, then {}.", moment_in_words(&rule.moment), actions.join("; "))
}

pub fn moment_in_words(moment: &RuleMoment) -> String {
    match moment {
        RuleMoment::On { on } => {
            let events: Vec<_> = on.iter().map(|event| event.label()).collect();
            format!("When a ticket {}", events.join(" or "))
        }
        RuleMoment::After { since, minutes } => format!("{} {}", time_in_words(*minutes), since.label()),
    }
}

fn time_in_words(minutes: i32) -> String {
    let (number, unit) = match minutes {
        days if days % 1440 == 0 => (days / 1440, "day"),
        hours if hours % 60 == 0 => (hours / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

pub fn condition_in_words(condition: &Condition, names: &Names) -> String {
    let list = |of: &[Condition], word: &str| {
        let parts = of.iter().map(|one| match one {
            // Where "and" and "or" meet, brackets say which belongs together.
            Condition::All(inner) | Condition::Any(inner) if of.len() > 1 && inner.len() > 1 => {
                format!("({})", condition_in_words(one, names))
            }
            one => condition_in_words(one, names),
        });
        parts.collect::<Vec<_>>().join(word)
    };
    match condition {
        Condition::All(all) => list(all, " and "),
        Condition::Any(any) => list(any, " or "),
        Condition::Not(inner) => format!("not ({})", condition_in_words(inner, names)),
        Condition::Test(test) => test_in_words(test, names),
    }
}

fn test_in_words(test: &Test, names: &Names) -> String {
    let field = match &test.field {
        FactName::Known(fact) => fact.label(),
        FactName::Custom(key) => key,
    };
    let values: Vec<_> = test.values.iter().map(|value| value_in_words(&test.field, value, names)).collect();
    let values = if test.is.takes_values() { format!(" {}", values.join(" or ")) } else { String::new() };
    // "is not A or B" would be read as "is B".
    let is = match test.is {
        Comparison::Is if test.before => "was",
        Comparison::IsNot if test.before && test.values.len() > 1 => "was none of",
        Comparison::IsNot if test.before => "was not",
        Comparison::IsNot if test.values.len() > 1 => "is none of",
        Comparison::ContainsNot if test.values.len() > 1 => "contains none of",
        is => is.label(),
    };
    let before = if test.before && !is.starts_with("was") { " before" } else { "" };
    format!("{field}{before} {is}{values}")
}

fn value_in_words(field: &FactName, value: &str, names: &Names) -> String {
    match field {
        FactName::Known(Fact::Status) => {
            value.parse::<TicketStatus>().map_or_else(|_| value.to_owned(), |status| status.label().to_owned())
        }
        FactName::Known(Fact::Priority) => {
            value.parse::<TicketPriority>().map_or_else(|_| value.to_owned(), |priority| priority.label().to_owned())
        }
        FactName::Known(Fact::Queue | Fact::Assignee | Fact::Organisation) => {
            value.parse().map_or_else(|_| value.to_owned(), |id| names.of(id))
        }
        FactName::Known(Fact::By | Fact::Source) => value.to_lowercase().replace('_', " "),
        _ => format!("“{value}”"),
    }
}

pub fn action_in_words(action: &RuleAction, names: &Names) -> String {
    match action {
        RuleAction::SetStatus { status, .. } => format!("set it to {}", status.label()),
        RuleAction::SetPriority { priority } => format!("set the priority to {}", priority.label()),
        RuleAction::RaisePriority => "raise the priority".to_owned(),
        RuleAction::SetQueue { queue } => format!("move it to {}", names.of(queue.0)),
        RuleAction::SetCategory { category, subcategory: None } => format!("file it under {category}"),
        RuleAction::SetCategory { category, subcategory: Some(sub) } => format!("file it under {category} / {sub}"),
        RuleAction::SetField { key, value: None } => format!("empty {key}"),
        RuleAction::SetField { key, value: Some(value) } => {
            format!("set {key} to {}", crate::fields::rules::show(value))
        }
        RuleAction::AssignTo { user } => format!("give it to {}", names.of(user.0)),
        RuleAction::AssignBy { rule } => format!("give it to someone of its queue, {}", rule.label().to_lowercase()),
        RuleAction::Unassign => "take it from its assignee".to_owned(),
        RuleAction::AddTag { tag } => format!("tag it {tag}"),
        RuleAction::RemoveTag { tag } => format!("take the tag {tag} away"),
        RuleAction::Reply { text } => format!("write to whoever asks “{}”", short(text)),
        RuleAction::Note { text } => format!("note “{}”", short(text)),
        RuleAction::Notify { to, text } => {
            let to = match to {
                Recipient::Assignee => "its assignee".to_owned(),
                Recipient::Queue => "its queue".to_owned(),
                Recipient::Role(role) => format!("every {role}"),
                Recipient::User(user) => names.of(user.0),
            };
            format!("tell {to} “{}”", short(text))
        }
        RuleAction::Link { ticket } => format!("link it to {ticket}"),
        RuleAction::Webhook { webhook } => format!("tell {}", names.of(webhook.0)),
        RuleAction::CreateChange { text } => format!("plan the change “{}”", short(text)),
        RuleAction::RunMacro { r#macro } => format!("use the macro {}", names.of(r#macro.0)),
    }
}

fn short(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::automation::{RuleEvent, RuleId, Since};

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let test = |field: &str, is, values: &[&str]| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            Condition::Test(Test { field: field.parse().unwrap(), before: false, is, values })
        };
        let mut rule = Rule {
            id: RuleId(Uuid::from_u128(1)),
            name: "VPN".into(),
            enabled: true,
            position: 0,
            stops: false,
            moment: RuleMoment::On { on: vec![RuleEvent::Created, RuleEvent::Updated] },
            condition: Condition::Any(vec![
                Condition::All(vec![
                    test("subject", Comparison::Contains, &["vpn"]),
                    test("priority", Comparison::IsNot, &["LOW", "MEDIUM"]),
                ]),
                test("tag", Comparison::Is, &["remote"]),
            ]),
            actions: vec![RuleAction::RaisePriority, RuleAction::AddTag { tag: "network".into() }],
            version: 1,
        };
        assert_eq!(
            sentence(&rule, &Names::default()),
            "When a ticket is created or is changed, and (subject contains “vpn” and priority is none of Low or Medium) or tag is “remote”, then raise the priority; tag it network."
        );
        rule.moment = RuleMoment::After { since: Since::Status, minutes: 4320 };
        rule.condition = Condition::All(vec![]);
        rule.actions.truncate(1);
        assert_eq!(
            sentence(&rule, &Names::default()),
            "3 days after it came into its status, then raise the priority."
        );
    }
}
