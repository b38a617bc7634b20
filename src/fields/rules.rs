//! Which fields are asked, and what they take.

use super::{CHOICE_MAX, CHOICES_MAX, Field, FieldKind, FieldValue, FieldValues, TEXT_MAX};
use crate::categories::CategoryId;
use crate::people::UserId;
use crate::tickets::QueueId;
use crate::{Error, Result, Validation, bounded, optional, parse_day};

/// The name under which an error about a field is told.
pub fn error_name(key: &str) -> String {
    format!("custom_fields.{key}")
}

/// Whether a field belongs to a ticket of these categories in this queue.
pub fn belongs(field: &Field, categories: &[CategoryId], queue: Option<QueueId>) -> bool {
    !field.is_deleted
        && field.category_id.is_none_or(|category| categories.contains(&category))
        && field.queue_id.is_none_or(|wanted| queue == Some(wanted))
}

/// Whether a field is asked, as the others stand.
pub fn is_asked(field: &Field, values: &FieldValues) -> bool {
    let Some(condition) = &field.asked_when else { return true };
    match values.get(&condition.key) {
        Some(FieldValue::Several(chosen)) => chosen.contains(&condition.value),
        Some(value) => show(value).eq_ignore_ascii_case(&condition.value),
        None => false,
    }
}

/// Reads what a form sent for a field: one text, or one for each choice. Nothing is no value.
pub fn parse_value(field: &Field, sent: &[String]) -> Result<Option<FieldValue>> {
    parse_as(&error_name(&field.key), field.kind, &field.choices, sent)
}

/// As [`parse_value`], of anything that has a kind; errors are told under `name`.
pub fn parse_as(name: &str, kind: FieldKind, choices: &[String], sent: &[String]) -> Result<Option<FieldValue>> {
    let sent: Vec<&str> = sent.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    let Some(first) = sent.first() else { return Ok(None) };
    let value = match kind {
        FieldKind::Number => {
            let number = first.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
            FieldValue::Number(number.ok_or_else(|| Error::invalid(name, "A number, please."))?)
        }
        FieldKind::YesNo => match first.to_lowercase().as_str() {
            "yes" | "true" | "on" => FieldValue::YesNo(true),
            "no" | "false" => FieldValue::YesNo(false),
            _ => return Err(Error::invalid(name, "Yes or no, please.")),
        },
        FieldKind::MultiChoice => FieldValue::Several(sent.iter().map(|text| (*text).to_owned()).collect()),
        _ => FieldValue::Text((*first).to_owned()),
    };
    check_as(name, kind, choices, value).map(Some)
}

/// Checks a value, and writes it as the field writes it: a choice in its own case.
pub fn check_value(field: &Field, value: FieldValue) -> Result<FieldValue> {
    check_as(&error_name(&field.key), field.kind, &field.choices, value)
}

fn check_as(name: &str, kind: FieldKind, choices: &[String], value: FieldValue) -> Result<FieldValue> {
    let wrong = |message: &str| Err(Error::invalid(name, message));
    let choice = |text: &str| {
        let known = choices.iter().find(|choice| choice.to_lowercase() == text.trim().to_lowercase());
        known.cloned().ok_or_else(|| Error::invalid(name, format!("“{}” is not one of the choices.", short(text))))
    };
    match (kind, value) {
        (FieldKind::Text, FieldValue::Text(text)) => Ok(FieldValue::Text(bounded(name, &text, TEXT_MAX)?)),
        (FieldKind::Number, FieldValue::Number(number)) if number.is_finite() => Ok(FieldValue::Number(number)),
        (FieldKind::YesNo, value @ FieldValue::YesNo(_)) => Ok(value),
        (FieldKind::Date, FieldValue::Text(day)) => Ok(FieldValue::Text(parse_day(name, &day)?)),
        (FieldKind::Person, FieldValue::Text(id)) => match id.parse::<UserId>() {
            Ok(id) => Ok(FieldValue::Text(id.to_string())),
            Err(_) => wrong("There is no such person."),
        },
        (FieldKind::Choice, FieldValue::Text(text)) => Ok(FieldValue::Text(choice(&text)?)),
        (FieldKind::MultiChoice, FieldValue::Several(texts)) => {
            let mut chosen = texts.iter().map(|text| choice(text)).collect::<Result<Vec<_>>>()?;
            chosen.sort_by_key(|text| choices.iter().position(|choice| choice == text));
            chosen.dedup();
            if chosen.is_empty() { wrong("Choose at least one.") } else { Ok(FieldValue::Several(chosen)) }
        }
        (FieldKind::Number, _) => wrong("A number, please."),
        (FieldKind::YesNo, _) => wrong("true or false, please."),
        (FieldKind::MultiChoice, _) => wrong("A list of choices, please."),
        _ => wrong("A text, please."),
    }
}

/// Everything a new ticket brings: each value checked, defaults filled in, what is not asked left out, and what is
/// required and missing named. `fields` are those that belong to the ticket and that its sender may fill in.
pub fn check_new_values(fields: &[Field], given: FieldValues, must_be_whole: bool) -> Result<FieldValues> {
    let mut check = Validation::default();
    let mut values = FieldValues::new();
    for (key, value) in given {
        match fields.iter().find(|field| field.key == key) {
            Some(field) => {
                if let Some(value) = check.try_take(check_value(field, value)) {
                    values.insert(key, value);
                }
            }
            None => check.take(Err(Error::invalid(&error_name(&key), "There is no such field here."))),
        }
    }
    for field in fields {
        if let Some(value) = field.default_value.clone() {
            values.entry(field.key.clone()).or_insert(value);
        }
    }
    // A field may hang on one that is itself not asked: until nothing changes any more.
    loop {
        let before = values.len();
        let asked = values.clone();
        values.retain(|key, _| fields.iter().any(|field| field.key == *key && is_asked(field, &asked)));
        if values.len() == before {
            break;
        }
    }
    if must_be_whole {
        for field in missing(fields, &values) {
            check.take::<()>(Err(Error::invalid(
                &error_name(&field.key),
                format!("{}: please fill this in.", field.label),
            )));
        }
    }
    check.finish()?;
    Ok(values)
}

/// The required fields that are asked and have no value.
pub fn missing<'a>(fields: &'a [Field], values: &FieldValues) -> Vec<&'a Field> {
    let is_missing = |field: &&Field| field.required && is_asked(field, values) && !values.contains_key(&field.key);
    fields.iter().filter(is_missing).collect()
}

/// A value in words. A person is an id: the history puts the name in its place.
pub fn show(value: &FieldValue) -> String {
    match value {
        FieldValue::YesNo(true) => "Yes".to_owned(),
        FieldValue::YesNo(false) => "No".to_owned(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Text(text) => text.clone(),
        FieldValue::Several(texts) => texts.join(", "),
    }
}

/// A key from a label: `Cost centre (new)` becomes `cost_centre_new`.
pub fn key_from(label: &str) -> String {
    let mut key = String::new();
    for c in label.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            _ if !key.is_empty() && !key.ends_with('_') => key.push('_'),
            _ => {}
        }
    }
    let key: String = key.trim_matches('_').chars().take(40).collect();
    let key = key.trim_end_matches('_');
    if key.starts_with(|c: char| c.is_ascii_lowercase()) {
        key.to_owned()
    } else {
        format!("field_{key}").trim_end_matches('_').chars().take(40).collect()
    }
}

/// `[a-z][a-z0-9_]{0,39}`.
pub fn check_key(key: &str) -> Result<String> {
    let key = bounded("key", key, 40)?;
    let fits = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fits { Ok(key) } else { Err(Error::invalid("key", "Small letters, digits and _, beginning with a letter.")) }
}

/// The choices of a field that has some: trimmed, each once.
pub fn check_choices(kind: FieldKind, choices: &[String]) -> Result<Vec<String>> {
    let mut clean: Vec<String> = Vec::new();
    for choice in choices {
        // One too many is enough to say so.
        if clean.len() > CHOICES_MAX {
            break;
        }
        if let Some(choice) = optional("choices", Some(choice), CHOICE_MAX)?
            && !clean.iter().any(|known| known.to_lowercase() == choice.to_lowercase())
        {
            clean.push(choice);
        }
    }
    match (kind.has_choices(), clean.len()) {
        (true, 0) => Err(Error::invalid("choices", "Say what can be chosen, one a line.")),
        (true, count) if count > CHOICES_MAX => {
            Err(Error::invalid("choices", format!("At most {CHOICES_MAX} choices, please.")))
        }
        (true, _) => Ok(clean),
        (false, _) => Ok(Vec::new()),
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{Condition, FieldId};
    use uuid::Uuid;

    fn field(key: &str, kind: FieldKind) -> Field {
        Field {
            id: FieldId(Uuid::from_u128(1)),
            key: key.into(),
            label: key.to_uppercase(),
            kind,
            help: None,
            choices: vec!["Small".into(), "Large".into()],
            default_value: None,
            required: false,
            is_public: true,
            category_id: None,
            queue_id: None,
            asked_when: None,
            position: 0,
            is_deleted: false,
            version: 1,
        }
    }

    fn text(text: &str) -> FieldValue {
        FieldValue::Text(text.into())
    }

    #[test]
    fn each_kind_takes_its_own_and_nothing_else() {
        let parse = |kind, sent: &[&str]| {
            parse_value(&field("x", kind), &sent.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(parse(FieldKind::Number, &["1,5"]), Ok(Some(FieldValue::Number(1.5))));
        assert_eq!(parse(FieldKind::YesNo, &["yes"]), Ok(Some(FieldValue::YesNo(true))));
        assert_eq!(parse(FieldKind::Choice, &["small"]), Ok(Some(text("Small"))));
        assert_eq!(
            parse(FieldKind::MultiChoice, &["Large", "small", "large"]),
            Ok(Some(FieldValue::Several(vec!["Small".into(), "Large".into()])))
        );
        assert_eq!(parse(FieldKind::Date, &["2026-11-25"]), Ok(Some(text("2026-11-25"))));
        assert_eq!(parse(FieldKind::Text, &["  "]), Ok(None));
        for (kind, wrong) in [
            (FieldKind::Number, "many"),
            (FieldKind::Number, "inf"),
            (FieldKind::Number, "NaN"),
            (FieldKind::YesNo, "perhaps"),
            (FieldKind::Choice, "Medium"),
            (FieldKind::MultiChoice, "Medium"),
            (FieldKind::Date, "2026-02-30"),
            (FieldKind::Person, "Ana"),
        ] {
            match parse(kind, &[wrong]) {
                Err(Error::Invalid(fields)) => assert!(fields.contains_key("custom_fields.x"), "{kind} {fields:?}"),
                other => panic!("{kind} took {wrong}: {other:?}"),
            }
        }
        assert!(check_value(&field("x", FieldKind::Text), FieldValue::Number(1.0)).is_err());
        assert!(check_value(&field("x", FieldKind::Text), text(&"x".repeat(TEXT_MAX + 1))).is_err());
    }

    #[test]
    fn what_is_required_is_asked_for_only_while_it_is_asked() {
        let mut when = field("when", FieldKind::Date);
        when.required = true;
        when.asked_when = Some(Condition { key: "urgent".into(), value: "Yes".into() });
        let fields = [field("urgent", FieldKind::YesNo), when];
        let given = |urgent| FieldValues::from([("urgent".to_owned(), FieldValue::YesNo(urgent))]);
        assert!(check_new_values(&fields, given(false), true).is_ok());
        let Err(Error::Invalid(wrong)) = check_new_values(&fields, given(true), true) else { panic!("accepted") };
        assert!(wrong.contains_key("custom_fields.when"));
        assert!(check_new_values(&fields, given(true), false).is_ok());
        // A value for what is not asked is left out, not kept in secret.
        let mut both = given(false);
        both.insert("when".into(), text("2026-11-25"));
        assert_eq!(check_new_values(&fields, both, true), Ok(given(false)));
    }

    #[test]
    fn defaults_fill_in_and_strangers_are_named() {
        let mut size = field("size", FieldKind::Choice);
        size.default_value = Some(text("Small"));
        let values = check_new_values(std::slice::from_ref(&size), FieldValues::new(), true).unwrap();
        assert_eq!(values["size"], text("Small"));
        let given = FieldValues::from([("colour".to_owned(), text("red"))]);
        let Err(Error::Invalid(wrong)) = check_new_values(&[size], given, true) else { panic!("accepted") };
        assert!(wrong.contains_key("custom_fields.colour"));
    }

    #[test]
    fn a_key_comes_from_any_label() {
        assert_eq!(key_from("Cost centre (new)"), "cost_centre_new");
        assert_eq!(key_from("2nd line"), "field_2nd_line");
        assert_eq!(key_from("日本"), "field");
        for label in ["Ü", "a", "Size?", "___", &"x".repeat(100)] {
            assert!(check_key(&key_from(label)).is_ok(), "{label}");
        }
    }
}
