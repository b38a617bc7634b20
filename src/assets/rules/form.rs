//! An asset's form, checked.

use super::{declared_for, may_have_owner};
use crate::assets::{Asset, AssetField, AssetForm, AssetStatus, AssetType, Price, category_word};
use crate::fields::{FieldValue, FieldValues};
use crate::people::UserId;
use crate::{Error, Result, Validation, bounded, optional, parse_day};
use serde::Serialize;

pub const NAME_MAX: usize = 300;
pub const WORD_MAX: usize = 60;
pub const NOTES_MAX: usize = 10_000;
pub const SEATS_MAX: i32 = 1_000_000;

/// What may be written, as the database reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: AssetType,
    pub category: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub serial_number: Option<String>,
    pub status: AssetStatus,
    pub assigned_to_id: Option<UserId>,
    pub location: Option<String>,
    pub building: Option<String>,
    pub floor: Option<String>,
    pub room: Option<String>,
    pub purchase_date: Option<String>,
    pub purchase_price: Option<Price>,
    pub warranty_expiry: Option<String>,
    pub seats: Option<i32>,
    pub notes: Option<String>,
    pub custom_fields: FieldValues,
}

/// # Errors
/// [`Error::Invalid`] with everything that is wrong, by field.
pub fn check_asset(form: &AssetForm) -> Result<Checked> {
    let mut wrong = Validation::default();
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut word = |field: &str, text: &Option<String>| wrong.take(optional(field, text.as_deref(), WORD_MAX));
    let (category, manufacturer, model) =
        (word("category", &form.category), word("manufacturer", &form.manufacturer), word("model", &form.model));
    let (location, building) = (word("location", &form.location), word("building", &form.building));
    let (floor, room, serial_number) =
        (word("floor", &form.floor), word("room", &form.room), word("serial_number", &form.serial_number));
    let day = |field: &str, text: &Option<String>| given(text).map(|day| parse_day(field, &day)).transpose();
    let checked = Checked {
        name: wrong.take(bounded("name", &form.name, NAME_MAX)),
        kind: form.kind.unwrap_or(AssetType::Hardware),
        category: category.as_deref().map(category_word),
        manufacturer,
        model,
        serial_number,
        status: form.status.unwrap_or(AssetStatus::Active),
        assigned_to_id: form.assigned_to_id,
        location,
        building,
        floor,
        room,
        purchase_date: wrong.take(day("purchase_date", &form.purchase_date)),
        purchase_price: wrong.take(given(&form.purchase_price).map(|price| price.parse()).transpose()),
        warranty_expiry: wrong.take(day("warranty_expiry", &form.warranty_expiry)),
        seats: form.seats,
        notes: wrong.take(optional("notes", form.notes.as_deref(), NOTES_MAX)),
        custom_fields: wrong.take(check_facts(&form.custom_fields)),
    };
    if checked.assigned_to_id.is_some() && !may_have_owner(checked.status) {
        wrong.take::<()>(Err(Error::invalid("assigned_to_id", "What is retired belongs to nobody.")));
    }
    if let (Some(bought), Some(until)) = (&checked.purchase_date, &checked.warranty_expiry)
        && until < bought
    {
        wrong.take::<()>(Err(Error::invalid("warranty_expiry", "The warranty cannot end before the purchase.")));
    }
    if checked.seats.is_some_and(|seats| !(0..=SEATS_MAX).contains(&seats)) {
        wrong.take::<()>(Err(Error::invalid("seats", format!("From 0 to {SEATS_MAX}, please."))));
    }
    wrong.finish()?;
    Ok(checked)
}

/// So many fields of its own an asset may have, and so many bytes of them together.
const FACTS_MAX: usize = 60;
const FACT_MAX: usize = 1000;
const FACTS_BYTES: usize = 30_000;

/// What is known of it beside what is known of each: fields of any name, as a discovery tool or a colleague found them. Each can
/// be written as a line, [`facts_from`].
fn check_facts(facts: &FieldValues) -> Result<FieldValues> {
    let wrong = |said: String| Error::invalid("custom_fields", said);
    if facts.len() > FACTS_MAX {
        return Err(wrong(format!("At most {FACTS_MAX} fields, please.")));
    }
    let one_line = |text: &str, max: usize| match bounded("custom_fields", text, max) {
        Ok(text) if text.contains(['\n', '\r']) => Err(wrong("Each is one line, please.".into())),
        checked => checked,
    };
    let (mut checked, mut bytes) = (FieldValues::new(), 0);
    for (name, value) in facts {
        let name = one_line(name, WORD_MAX)?;
        if name.contains(':') {
            return Err(wrong(format!("{name}: a name without a colon, please.")));
        }
        let value = match value {
            FieldValue::Text(text) if text.trim().is_empty() => continue,
            FieldValue::Text(text) => FieldValue::Text(one_line(text, FACT_MAX)?),
            FieldValue::Several(all) if all.len() > FACTS_MAX => {
                return Err(wrong(format!("{name}: at most {FACTS_MAX} texts, please.")));
            }
            FieldValue::Several(all) => {
                FieldValue::Several(all.iter().map(|text| one_line(text, FACT_MAX)).collect::<Result<_>>()?)
            }
            FieldValue::Number(number) if !number.is_finite() => continue,
            value => value.clone(),
        };
        bytes += name.len() + crate::fields::rules::show(&value).len();
        if checked.insert(name.clone(), value).is_some() {
            return Err(wrong(format!("{name} stands there twice.")));
        }
    }
    if bytes > FACTS_BYTES {
        return Err(wrong(format!("At most {} kB of them together, please.", FACTS_BYTES / 1000)));
    }
    Ok(checked)
}

/// What is written a line each, `Memory: 16 GB`, as fields. A line that says what it said `before` is what it was: a number
/// stays one.
pub fn facts_from(text: &str, before: &FieldValues) -> Result<FieldValues> {
    let mut facts = FieldValues::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let named = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        let Some((name, value)) = named.filter(|(name, value)| !name.is_empty() && !value.is_empty()) else {
            return Err(Error::invalid("facts", format!("“{line}” needs a name and a value, such as Memory: 16 GB.")));
        };
        let same = before.get(name).filter(|before| crate::fields::rules::show(before) == value);
        let value = same.cloned().unwrap_or_else(|| FieldValue::Text(value.to_owned()));
        if facts.insert(name.to_owned(), value).is_some() {
            return Err(Error::invalid("facts", format!("{name} stands there twice.")));
        }
    }
    Ok(facts)
}

/// What a form sent of an asset's own fields: lines, and a text for each declared field that it showed. What stood in a field
/// that it did not show, since another category was chosen meanwhile, stays.
pub fn facts_sent(
    lines: &str,
    shown: impl IntoIterator<Item = (String, String)>,
    before: Option<&Asset>,
    declared: &[AssetField],
) -> Result<FieldValues> {
    let nothing = FieldValues::new();
    let was = before.map_or(&nothing, |asset| &asset.custom_fields);
    let mut facts = facts_from(lines, was)?;
    let shown: Vec<(String, String)> = shown.into_iter().collect();
    let had = declared_for(declared, before.and_then(|asset| asset.category.as_deref()));
    for field in had.iter().filter(|field| shown.iter().all(|(name, _)| *name != field.name)) {
        if let Some(value) = was.get(&field.name) {
            facts.entry(field.name.clone()).or_insert_with(|| value.clone());
        }
    }
    let given = shown.into_iter().filter(|(_, value)| !value.trim().is_empty());
    for (name, value) in given {
        let same = was.get(&name).filter(|before| crate::fields::rules::show(before) == value.trim());
        let value = same.cloned().unwrap_or_else(|| FieldValue::Text(value.trim().to_owned()));
        facts.insert(name, value);
    }
    Ok(facts)
}

/// Fields as [`facts_from`] reads them.
pub fn facts_text(facts: &FieldValues) -> String {
    let line = |(name, value): (&String, &FieldValue)| format!("{name}: {}", crate::fields::rules::show(value));
    facts.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_a_line_each_and_stay_what_they_are() {
        let facts = facts_from("Memory: 16 GB\n\n Address: https://x.test:80 \n", &FieldValues::new()).unwrap();
        assert_eq!(facts_text(&facts), "Address: https://x.test:80\nMemory: 16 GB");
        for wrong in ["Memory", "Memory:", ": 16", "A: 1\nA: 2"] {
            assert!(facts_from(wrong, &FieldValues::new()).is_err(), "{wrong}");
        }
        let before = FieldValues::from([
            ("Cores".to_owned(), FieldValue::Number(8.0)),
            ("Discs".to_owned(), FieldValue::Several(vec!["sda".into(), "sdb".into()])),
            ("Spare".to_owned(), FieldValue::YesNo(true)),
        ]);
        assert_eq!(facts_from(&facts_text(&before), &before).unwrap(), before);
    }

    #[test]
    fn what_cannot_be_a_line_or_is_too_much_is_refused() {
        let one = |name: &str, value: FieldValue| {
            let form = AssetForm {
                name: "x".into(),
                custom_fields: FieldValues::from([(name.to_owned(), value)]),
                ..AssetForm::default()
            };
            check_asset(&form)
        };
        assert!(one("Memory", FieldValue::Text("16 GB".into())).is_ok());
        for (name, value) in [
            ("", FieldValue::Text("x".into())),
            ("a:b", FieldValue::Text("x".into())),
            ("a\nb", FieldValue::Text("x".into())),
            ("a", FieldValue::Text("x\ny".into())),
            ("a", FieldValue::Text("x\0y".into())),
            ("a", FieldValue::Text("x".repeat(1001))),
            ("a", FieldValue::Several(vec!["x".into(); 61])),
            ("a", FieldValue::Several(vec!["x".repeat(1000); 60])),
        ] {
            assert!(one(name, value.clone()).is_err(), "{name:?} {value:?}");
        }
    }
}
