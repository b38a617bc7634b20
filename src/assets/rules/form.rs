//! An asset's form, checked.

use super::may_have_owner;
use crate::assets::{AssetForm, AssetStatus, AssetType, Price};
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
        category: category.map(|category| category.to_uppercase().replace(' ', "_")),
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

/// So many fields of its own an asset may have.
const FACTS_MAX: usize = 60;
const FACT_MAX: usize = 1000;

/// What is known of it beside what is known of each: fields of any name, as a discovery tool or a colleague found them.
fn check_facts(facts: &FieldValues) -> Result<FieldValues> {
    if facts.len() > FACTS_MAX {
        return Err(Error::invalid("custom_fields", format!("At most {FACTS_MAX} fields, please.")));
    }
    let mut checked = FieldValues::new();
    for (name, value) in facts {
        let name = bounded("custom_fields", name, WORD_MAX)?;
        let value = match value {
            FieldValue::Text(text) => optional("custom_fields", Some(text), FACT_MAX)?.map(FieldValue::Text),
            FieldValue::Several(all) => {
                let all: Result<Vec<String>> =
                    all.iter().take(FACTS_MAX).map(|text| bounded("custom_fields", text, FACT_MAX)).collect();
                Some(FieldValue::Several(all?))
            }
            FieldValue::Number(number) if !number.is_finite() => None,
            value => Some(value.clone()),
        };
        checked.extend(value.map(|value| (name, value)));
    }
    Ok(checked)
}

/// What is written a line each, `Memory: 16 GB`, as fields.
pub fn facts_from(text: &str) -> Result<FieldValues> {
    let mut facts = FieldValues::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let named = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        let Some((name, value)) = named.filter(|(name, value)| !name.is_empty() && !value.is_empty()) else {
            return Err(Error::invalid("facts", format!("“{line}” needs a name and a value, such as Memory: 16 GB.")));
        };
        if facts.insert(name.to_owned(), FieldValue::Text(value.to_owned())).is_some() {
            return Err(Error::invalid("facts", format!("{name} stands there twice.")));
        }
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
    fn fields_are_written_a_line_each() {
        let facts = facts_from("Memory: 16 GB\n\n Address: https://x.test:80 \n").unwrap();
        assert_eq!(facts_text(&facts), "Address: https://x.test:80\nMemory: 16 GB");
        for wrong in ["Memory", "Memory:", ": 16", "A: 1\nA: 2"] {
            assert!(facts_from(wrong).is_err(), "{wrong}");
        }
    }
}
