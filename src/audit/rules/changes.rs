//! Before and after: what differs, without secrets, and as a person reads it.

use crate::audit::ChangedField;
use serde_json::{Map, Value};

/// What stands for a secret.
const HIDDEN: &str = "(hidden)";
/// A field with one of these in its name holds a secret, or what opens one.
const SECRET: [&str; 6] = ["password", "secret", "token", "api_key", "private_key", "recovery"];
/// Longer texts are cut: the log says that they changed, their tables say what they are. Characters.
const TEXT_MAX: usize = 2_000;
/// Columns that change with every write and say nothing.
const NOISE: [&str; 7] =
    ["version", "created_at", "updated_at", "created_by_id", "updated_by_id", "search", "deleted_by_id"];

/// The fields in which two rows differ, as `{"before": …, "after": …}`; a row that was not there, or is no longer, is null.
/// None where nothing differs.
pub fn difference(before: &Value, after: &Value) -> Option<Value> {
    let nothing = Map::new();
    let (old, new) = (before.as_object().unwrap_or(&nothing), after.as_object().unwrap_or(&nothing));
    let mut names: Vec<&String> = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).collect();
    names.retain(|name| !NOISE.contains(&name.as_str()) && old.get(*name) != new.get(*name));
    // What a new row leaves empty is no news.
    let empty = Value::Null;
    names.retain(|name| old.get(*name).unwrap_or(&empty) != new.get(*name).unwrap_or(&empty));
    if names.is_empty() {
        return None;
    }
    let side = |row: &Value, fields: &Map<String, Value>| match row.is_object() {
        true => names.iter().map(|name| ((*name).clone(), fields.get(*name).cloned().unwrap_or_default())).collect(),
        false => Value::Null,
    };
    Some(serde_json::json!({ "before": side(before, old), "after": side(after, new) }))
}

/// The same, its secrets replaced and its texts cut, at any depth. Whether a secret was there, stays.
pub fn without_secrets(changes: Value) -> Value {
    match changes {
        Value::Object(fields) => {
            let hidden = |(name, value): (String, Value)| {
                let is_secret = SECRET.iter().any(|word| name.to_lowercase().contains(word));
                match value {
                    Value::Null | Value::Bool(_) => (name, value),
                    _ if is_secret => (name, HIDDEN.into()),
                    value => (name, without_secrets(value)),
                }
            };
            Value::Object(fields.into_iter().map(hidden).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_secrets).collect()),
        Value::String(text) if text.chars().count() > TEXT_MAX => {
            Value::String(text.chars().take(TEXT_MAX).chain("…".chars()).collect())
        }
        other => other,
    }
}

/// What is shown of an entry's changes: a line for each field that differs.
pub fn changed_fields(changes: &Value) -> Vec<ChangedField> {
    let Some(all) = changes.as_object() else { return vec![field("", None, Some(changes))] };
    if !all.contains_key("before") && !all.contains_key("after") {
        return all.iter().map(|(name, value)| field(name, None, Some(value))).collect();
    }
    let (before, after) = (all.get("before").unwrap_or(&Value::Null), all.get("after").unwrap_or(&Value::Null));
    if !before.is_object() && !after.is_object() {
        return vec![field("", Some(before), Some(after))];
    }
    let nothing = Map::new();
    let (old, new) = (before.as_object().unwrap_or(&nothing), after.as_object().unwrap_or(&nothing));
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    names
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| field(name, old.get(name), new.get(name)))
        .collect()
}

fn field(name: &str, before: Option<&Value>, after: Option<&Value>) -> ChangedField {
    let told = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(said);
    ChangedField { name: name.replace('_', " "), before: told(before), after: told(after) }
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(|value| !value.is_object() && !value.is_array()) => {
            values.iter().map(said).collect::<Vec<_>>().join(", ")
        }
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({ "id": 1, "name": "Gold", "version": 3, "updated_at": "x", "tag": null });
        let after = json!({ "id": 1, "name": "Silver", "version": 4, "updated_at": "y", "tag": null });
        assert_eq!(
            difference(&before, &after),
            Some(json!({ "before": { "name": "Gold" }, "after": { "name": "Silver" } }))
        );
        assert_eq!(difference(&before, &before), None);
        assert_eq!(
            difference(&Value::Null, &after),
            Some(json!({ "before": null, "after": { "id": 1, "name": "Silver" } }))
        );
        assert_eq!(
            difference(&before, &Value::Null),
            Some(json!({ "before": { "id": 1, "name": "Gold" }, "after": null }))
        );
    }

    #[test]
    fn secrets_are_left_out_at_any_depth() {
        let said = json!({
            "before": { "imap_password": "planted-1", "webhook_secret": null, "name": "Support" },
            "after": { "imap_password": ["planted-2"], "list": [{ "API_KEY": { "value": "planted-3" } }], "token_required": true },
        });
        let hidden = without_secrets(said);
        assert!(!hidden.to_string().contains("planted"), "{hidden}");
        assert_eq!(hidden["before"], json!({ "imap_password": HIDDEN, "webhook_secret": null, "name": "Support" }));
        assert_eq!(hidden["after"]["token_required"], json!(true));
        let long = without_secrets(json!({ "body": "ä".repeat(TEXT_MAX + 1) }));
        assert_eq!(long["body"].as_str().unwrap().chars().count(), TEXT_MAX + 1);
    }

    #[test]
    fn changes_are_read_in_words() {
        let fields = |changes: Value| {
            let told = changed_fields(&changes).into_iter();
            told.map(|f| (f.name, f.before.unwrap_or_default(), f.after.unwrap_or_default())).collect::<Vec<_>>()
        };
        let line = |name: &str, before: &str, after: &str| (name.to_owned(), before.to_owned(), after.to_owned());
        assert_eq!(fields(json!({ "before": "10", "after": "20" })), [line("", "10", "20")]);
        assert_eq!(
            fields(
                json!({ "before": { "active": true, "roles": ["AGENT"], "name": "Ann" }, "after": { "active": false, "roles": ["ADMIN", "AGENT"], "name": "Ann" } })
            ),
            [line("active", "yes", "no"), line("roles", "AGENT", "ADMIN, AGENT")]
        );
        assert_eq!(fields(json!({ "before": null, "after": { "time_zone": "UTC" } })), [line("time zone", "", "UTC")]);
        assert_eq!(fields(json!({ "until": 12 })), [line("until", "", "12")]);
    }
}
