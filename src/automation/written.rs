//! Rules as people write them into a form, and back: a line for each test, joined by "and" and "or" as in a sentence, and a
//! line for each thing that is done.

use super::rules::Names;
use super::{Comparison, Condition, Fact, FactName, Recipient, RuleAction, Since, Test};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// A line of a condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WrittenTest {
    /// `or` begins another way in which the condition holds; else it goes on with "and".
    pub join: String,
    /// A fact, `field.KEY`, or either with `before:` in front; nothing for a line that says nothing.
    pub field: String,
    pub is: String,
    /// Separated by commas; in quotes where one has a comma in it.
    pub values: String,
}

/// A line of what is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WrittenAction {
    /// As in [`RuleAction`]; nothing for a line that does nothing.
    pub r#do: String,
    /// Which queue, who, which tag: a name or a word.
    pub value: String,
    pub text: String,
}

const BEFORE: &str = "before:";

/// A condition as lines; `None` for a tree that lines cannot say.
pub fn write_condition(condition: &Condition, names: &Names) -> Option<Vec<WrittenTest>> {
    let ways = match condition {
        Condition::Any(ways) => ways.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut lines = Vec::new();
    for (number, way) in ways.iter().enumerate() {
        let tests = match way {
            Condition::All(tests) => tests.as_slice(),
            one => std::slice::from_ref(one),
        };
        for (place, test) in tests.iter().enumerate() {
            let Condition::Test(test) = test else { return None };
            let join = if number > 0 && place == 0 { "or" } else { "and" };
            lines.push(write_test(join, test, names));
        }
    }
    Some(lines)
}

fn write_test(join: &str, test: &Test, names: &Names) -> WrittenTest {
    let is_id = matches!(test.field, FactName::Known(Fact::Queue | Fact::Assignee | Fact::Organisation));
    let values = test.values.iter().map(|value| match value.parse() {
        Ok(id) if is_id => names.0.get(&id).cloned().unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    });
    WrittenTest {
        join: join.to_owned(),
        field: format!("{}{}", if test.before { BEFORE } else { "" }, test.field),
        is: test.is.to_string(),
        values: join_values(values),
    }
}

/// Reads lines as a condition, names still in it. Invalid at the line that makes no sense.
pub fn read_condition(lines: &[WrittenTest]) -> Result<Condition> {
    let mut ways: Vec<Vec<Condition>> = Vec::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| !line.field.trim().is_empty()) {
        let wrong = |error: Error| Error::invalid(&format!("tests[{place}]"), error.to_string());
        let (before, field) = match line.field.trim().strip_prefix(BEFORE) {
            Some(field) => (true, field),
            None => (false, line.field.trim()),
        };
        let field: FactName = field.parse().map_err(wrong)?;
        let is: Comparison = line.is.parse().map_err(wrong)?;
        let values = split_values(&line.values).into_iter().map(|value| word(&field, value)).collect();
        let values = if is.takes_values() { values } else { Vec::new() };
        let test = Condition::Test(Test { field, before, is, values });
        match ways.last_mut().filter(|_| line.join != "or") {
            Some(way) => way.push(test),
            None => ways.push(vec![test]),
        }
    }
    let way = |mut tests: Vec<Condition>| match tests.len() {
        1 => tests.remove(0),
        _ => Condition::All(tests),
    };
    Ok(match ways.len() {
        0 => Condition::All(Vec::new()),
        1 => way(ways.remove(0)),
        _ => Condition::Any(ways.into_iter().map(way).collect()),
    })
}

/// `In progress` as `IN_PROGRESS`, where a field has such words.
fn word(field: &FactName, value: String) -> String {
    match field {
        FactName::Known(Fact::Status | Fact::Priority | Fact::Source | Fact::By) => {
            value.to_uppercase().replace(' ', "_")
        }
        _ => value,
    }
}

fn join_values(values: impl Iterator<Item = String>) -> String {
    let quoted = values.map(|value| if value.contains([',', '"']) { format!("{value:?}") } else { value });
    quoted.collect::<Vec<_>>().join(", ")
}

fn split_values(text: &str) -> Vec<String> {
    let (mut values, mut value, mut quoted, mut chars) = (Vec::new(), String::new(), false, text.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => value.extend(chars.next()),
            ',' if !quoted => values.push(std::mem::take(&mut value)),
            c => value.push(c),
        }
    }
    values.push(value);
    values.into_iter().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}

/// What is done, as a line.
pub fn write_action(action: &RuleAction, names: &Names) -> WrittenAction {
    let line =
        |r#do: &str, value: String, text: &str| WrittenAction { r#do: r#do.to_owned(), value, text: text.to_owned() };
    match action {
        RuleAction::SetStatus { status, text } => {
            line("set_status", status.label().to_owned(), text.as_deref().unwrap_or_default())
        }
        RuleAction::SetPriority { priority } => line("set_priority", priority.label().to_owned(), ""),
        RuleAction::RaisePriority => line("raise_priority", String::new(), ""),
        RuleAction::SetQueue { queue } => line("set_queue", names.of(queue.0), ""),
        RuleAction::SetCategory { category, subcategory } => {
            let sub = subcategory.as_ref().map(|sub| format!(" / {sub}")).unwrap_or_default();
            line("set_category", format!("{category}{sub}"), "")
        }
        RuleAction::SetField { key, value } => {
            let value = value.as_ref().map(crate::fields::rules::show).unwrap_or_default();
            line("set_field", key.clone(), &value)
        }
        RuleAction::AssignTo { user } => line("assign_to", names.of(user.0), ""),
        RuleAction::AssignBy { rule } => line("assign_by", rule.label().to_owned(), ""),
        RuleAction::Unassign => line("unassign", String::new(), ""),
        RuleAction::AddTag { tag } => line("add_tag", tag.clone(), ""),
        RuleAction::RemoveTag { tag } => line("remove_tag", tag.clone(), ""),
        RuleAction::Reply { text } => line("reply", String::new(), text),
        RuleAction::Note { text } => line("note", String::new(), text),
        RuleAction::Notify { to, text } => {
            let to = match to {
                Recipient::User(user) => names.of(user.0),
                to => to.to_string(),
            };
            line("notify", to, text)
        }
        RuleAction::Link { ticket } => line("link", ticket.to_string(), ""),
        RuleAction::Webhook { webhook } => line("webhook", names.of(webhook.0), ""),
        RuleAction::CreateChange { text } => line("create_change", String::new(), text),
        RuleAction::RunMacro { r#macro } => line("run_macro", names.of(r#macro.0), ""),
    }
}

/// What may be chosen for a line of what is done: its word, how it reads, and what belongs into its value.
pub const ACTIONS: [(&str, &str, &str); 18] = [
    ("set_status", "Set the status to", "status"),
    ("set_priority", "Set the priority to", "priority"),
    ("raise_priority", "Raise the priority", ""),
    ("set_queue", "Move it to", "queue"),
    ("set_category", "File it under", "category"),
    ("set_field", "Set the field", "key"),
    ("assign_to", "Give it to", "person"),
    ("assign_by", "Give it out in its queue, to", "whom"),
    ("unassign", "Take it from its assignee", ""),
    ("add_tag", "Tag it", "tag"),
    ("remove_tag", "Take the tag away", "tag"),
    ("reply", "Write to whoever asks", ""),
    ("note", "Write a note", ""),
    ("notify", "Tell", "assignee, queue, role:NAME, a person"),
    ("link", "Link it to", "ticket"),
    ("webhook", "Tell the webhook", "webhook"),
    ("create_change", "Plan the change", ""),
    ("run_macro", "Use the macro", "macro"),
];

/// Minutes as people write them: `45`, `45 min`, `4 h`, `3 d`.
pub fn read_minutes(text: &str) -> Result<i32> {
    let wrong = || Error::invalid("minutes", "How long? As 45 min, 4 h or 3 d.");
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: i32 = text[..end].parse().map_err(|_| wrong())?;
    let unit = match text[end..].trim() {
        "" | "m" | "min" | "minutes" => 1,
        "h" | "hour" | "hours" => 60,
        "d" | "day" | "days" => 1440,
        _ => return Err(wrong()),
    };
    number.checked_mul(unit).ok_or_else(wrong)
}

pub fn write_minutes(minutes: i32) -> String {
    match minutes {
        days if days % 1440 == 0 => format!("{} d", days / 1440),
        hours if hours % 60 == 0 => format!("{} h", hours / 60),
        minutes => format!("{minutes} min"),
    }
}

/// What a timed rule counts from, or nothing.
pub fn read_since(text: &str) -> Result<Option<Since>> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error: Error| Error::invalid("since", error.to_string())),
    }
}

#[cfg(feature = "ssr")]
pub use json::read_action;

#[cfg(feature = "ssr")]
mod json {
    use super::WrittenAction;
    use crate::fields::{Field, FieldValue, rules::parse_value};
    use crate::queues::AssignmentRule;
    use crate::{Error, Result};
    use serde_json::{Value, json};

    /// Reads a line as an action, names still in it; `None` where it says nothing.
    pub fn read_action(place: usize, line: &WrittenAction, fields: &[Field]) -> Result<Option<Value>> {
        let (value, text) = (line.value.trim(), line.text.trim());
        let upper = || value.to_uppercase().replace(' ', "_");
        let word = line.r#do.trim();
        let field = format!("actions[{place}]");
        Ok(Some(match word {
            "" => return Ok(None),
            "set_status" if text.is_empty() => json!({ "do": word, "status": upper() }),
            "set_status" => json!({ "do": word, "status": upper(), "text": text }),
            "set_priority" => json!({ "do": word, "priority": upper() }),
            "raise_priority" | "unassign" => json!({ "do": word }),
            "set_queue" => json!({ "do": word, "queue": value }),
            "set_category" => match value.split_once('/') {
                Some((category, sub)) => json!({ "do": word, "category": category.trim(), "subcategory": sub.trim() }),
                None => json!({ "do": word, "category": value }),
            },
            "set_field" => {
                let known = fields.iter().find(|known| known.key == value && !known.is_deleted);
                let known = known.ok_or_else(|| Error::invalid(&field, format!("There is no field “{value}”.")))?;
                let parsed: Option<FieldValue> = parse_value(known, std::slice::from_ref(&text.to_owned()))
                    .map_err(|error| Error::invalid(&field, error.to_string()))?;
                json!({ "do": word, "key": value, "value": parsed })
            }
            "assign_to" => json!({ "do": word, "user": value }),
            "assign_by" => {
                let rule = AssignmentRule::ALL.iter().find(|rule| rule.label().eq_ignore_ascii_case(value));
                json!({ "do": word, "rule": rule.map_or_else(upper, |rule| rule.to_string()) })
            }
            "add_tag" | "remove_tag" => json!({ "do": word, "tag": value }),
            "reply" | "note" | "create_change" => json!({ "do": word, "text": text }),
            "notify" => {
                let known = value == "assignee" || value == "queue" || value.contains(':');
                let to = if known { value.to_owned() } else { format!("user:{value}") };
                json!({ "do": word, "to": to, "text": text })
            }
            "link" => json!({ "do": word, "ticket": value.to_uppercase() }),
            "webhook" => json!({ "do": word, "webhook": value }),
            "run_macro" => json!({ "do": word, "macro": value }),
            _ => return Err(Error::invalid(&field, "What is to be done?")),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(join: &str, field: &str, is: &str, values: &str) -> WrittenTest {
        WrittenTest { join: join.into(), field: field.into(), is: is.into(), values: values.into() }
    }

    #[test]
    fn lines_are_read_as_a_sentence_is_and_written_again() {
        let lines = [
            line("and", "subject", "CONTAINS", r#"vpn, "a, \"b\"""#),
            line("and", "before:status", "IS", "IN_PROGRESS, NEW"),
            line("or", "tag", "IS_SET", ""),
        ];
        let condition = read_condition(&lines).unwrap();
        let expected = r#"{"any":[{"all":[{"field":"subject","is":"CONTAINS","values":["vpn","a, \"b\""]},{"field":"status","before":true,"is":"IS","values":["IN_PROGRESS","NEW"]}]},{"field":"tag","is":"IS_SET"}]}"#;
        assert_eq!(serde_json::to_string(&condition).unwrap(), expected);
        assert_eq!(write_condition(&condition, &Names::default()).unwrap(), lines);
        let said = read_condition(&[line("or", "status", "IS", "in progress"), WrittenTest::default()]).unwrap();
        assert_eq!(serde_json::to_string(&said).unwrap(), r#"{"field":"status","is":"IS","values":["IN_PROGRESS"]}"#);
        assert_eq!(read_condition(&[]).unwrap(), Condition::All(vec![]));
        let wrong = read_condition(&[line("", "tag", "IS", "x"), line("", "colour", "IS", "x")]).unwrap_err();
        assert!(matches!(wrong, Error::Invalid(fields) if fields.contains_key("tests[1]")));
        assert_eq!(write_condition(&Condition::Not(Box::new(condition)), &Names::default()), None);
    }

    #[test]
    fn a_stretch_of_time_is_read_and_written() {
        for (text, minutes) in [("45", 45), ("45 min", 45), ("4h", 240), ("3 d", 4320), (" 1 day ", 1440)] {
            assert_eq!(read_minutes(text).unwrap(), minutes);
            assert_eq!(read_minutes(&write_minutes(minutes)).unwrap(), minutes);
        }
        for wrong in ["", "soon", "-5", "3 weeks", "9999999999", "2000000000 d", "1.5 h"] {
            assert!(read_minutes(wrong).is_err(), "{wrong}");
        }
    }
}
