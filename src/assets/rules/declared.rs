//! What stands in the fields that are declared for assets.

use crate::assets::{ASSET_FIELDS_MAX, AssetField, AssetFieldForm, category_word};
use crate::fields::rules::{check_choices, error_name, parse_as, show};
use crate::fields::{FieldKind, FieldValue, FieldValues};
use crate::{Error, Result, Validation, bounded, optional};

/// Values under the names of declared fields, as those take them; what is not declared for this category stays as it is.
/// `must_be_whole` asks for what is required.
///
/// # Errors
/// [`Error::Invalid`] naming each field, `custom_fields.Memory`, and saying which.
pub fn check_declared(
    fields: &[AssetField],
    category: Option<&str>,
    values: &FieldValues,
    must_be_whole: bool,
) -> Result<FieldValues> {
    let declared = |name: &str| {
        let named = |field: &&AssetField| field.name.to_lowercase() == name.to_lowercase();
        fields.iter().find(named).filter(|field| field.belongs_to(category))
    };
    let (mut wrong, mut checked) = (Validation::default(), FieldValues::new());
    for (name, value) in values {
        let Some(field) = declared(name) else {
            checked.insert(name.clone(), value.clone());
            continue;
        };
        if let Some(value) = wrong.take(taken(field, value)) {
            checked.insert(field.name.clone(), value);
        }
    }
    let missing =
        fields.iter().filter(|field| must_be_whole && field.required && field.belongs_to(category)).filter(|field| {
            !checked.contains_key(&field.name)
                && !values.keys().any(|name| name.to_lowercase() == field.name.to_lowercase())
        });
    for field in missing {
        wrong
            .take::<()>(Err(Error::invalid(&error_name(&field.name), format!("{}: please fill this in.", field.name))));
    }
    wrong.finish()?;
    Ok(checked)
}

/// However it was written: a table and a line of text know texts alone.
fn taken(field: &AssetField, value: &FieldValue) -> Result<Option<FieldValue>> {
    let sent = match value {
        FieldValue::Several(texts) => texts.clone(),
        value => vec![show(value)],
    };
    let name = error_name(&field.name);
    parse_as(&name, field.kind, &field.choices, &sent).map_err(|error| match error {
        Error::Invalid(told) => match told.into_values().next() {
            Some(said) => Error::invalid(&name, format!("{}: {said}", field.name)),
            None => Error::Internal,
        },
        error => error,
    })
}

/// The fields that assets of a category have, in their order.
pub fn declared_for(fields: &[AssetField], category: Option<&str>) -> Vec<AssetField> {
    fields.iter().filter(|field| field.belongs_to(category)).cloned().collect()
}

/// A declaration, checked: choices each once, categories as assets have them.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, by field.
pub fn check_asset_field(form: &AssetFieldForm, known: Option<FieldKind>) -> Result<AssetFieldForm> {
    let mut wrong = Validation::default();
    let name = wrong.take(bounded("name", &form.name, super::form::WORD_MAX));
    if name.contains([':', ',']) || name.contains(char::is_control) {
        wrong.take::<()>(Err(Error::invalid("name", "A name without a colon or a comma, please.")));
    }
    let kind = known.or(form.kind).unwrap_or(FieldKind::Text);
    if !AssetField::KINDS.contains(&kind) {
        wrong.take::<()>(Err(Error::invalid("kind", "An asset's field cannot be of this kind.")));
    }
    // Counted first: nobody waits while a megabyte of them is compared.
    if form.categories.len() > ASSET_FIELDS_MAX {
        return Err(Error::invalid("categories", format!("At most {ASSET_FIELDS_MAX}, please.")));
    }
    let mut categories: Vec<String> = Vec::new();
    for category in &form.categories {
        let category = wrong.take(optional("categories", Some(category), super::form::WORD_MAX));
        let category = category.as_deref().map(category_word);
        categories.extend(category.filter(|category| !categories.contains(category)));
    }
    wrong.take(crate::categories::check_position(form.position));
    let checked = AssetFieldForm {
        kind: Some(kind),
        help: wrong.take(optional("help", form.help.as_deref(), 300)),
        choices: wrong.take(check_choices(kind, &form.choices)),
        categories,
        required: form.required,
        position: form.position,
        name,
    };
    wrong.finish()?;
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::AssetFieldId;

    fn field(name: &str, kind: FieldKind, categories: &[&str], required: bool) -> AssetField {
        AssetField {
            id: AssetFieldId(uuid::Uuid::from_u128(1)),
            name: name.into(),
            kind,
            help: None,
            choices: vec!["SSD".into(), "Disk".into()],
            categories: categories.iter().map(|one| (*one).to_owned()).collect(),
            required,
            position: 0,
            version: 1,
        }
    }

    fn values(all: &[(&str, FieldValue)]) -> FieldValues {
        all.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn text(text: &str) -> FieldValue {
        FieldValue::Text(text.into())
    }

    #[test]
    fn a_value_is_what_its_field_takes_and_a_stranger_stays_what_it_is() {
        let fields = [
            field("Memory", FieldKind::Number, &["LAPTOP"], false),
            field("Drive", FieldKind::Choice, &[], false),
            field("Leased", FieldKind::YesNo, &[], false),
        ];
        let given =
            values(&[("memory", text("16")), ("Drive", text("ssd")), ("Leased", text("yes")), ("Colour", text("red"))]);
        let laptop = check_declared(&fields, Some("LAPTOP"), &given, true).unwrap();
        assert_eq!(
            laptop,
            values(&[
                ("Memory", FieldValue::Number(16.0)),
                ("Drive", text("SSD")),
                ("Leased", FieldValue::YesNo(true)),
                ("Colour", text("red")),
            ])
        );
        // What is a number already stays one.
        assert_eq!(check_declared(&fields, Some("LAPTOP"), &laptop, true).unwrap(), laptop);
        // Of another category it is no more than a line.
        let phone = check_declared(&fields, Some("PHONE"), &given, true).unwrap();
        assert_eq!(phone["memory"], text("16"));
        let wrong = values(&[("Memory", text("much")), ("Drive", text("tape"))]);
        let Err(Error::Invalid(told)) = check_declared(&fields, Some("LAPTOP"), &wrong, false) else {
            panic!("accepted")
        };
        assert_eq!(told["custom_fields.Memory"], "Memory: A number, please.");
        assert!(told.contains_key("custom_fields.Drive"));
    }

    #[test]
    fn what_is_required_is_asked_for_where_one_asset_is_written() {
        let fields = [field("Memory", FieldKind::Number, &["LAPTOP"], true)];
        let nothing = FieldValues::new();
        let Err(Error::Invalid(told)) = check_declared(&fields, Some("LAPTOP"), &nothing, true) else {
            panic!("accepted")
        };
        assert_eq!(told["custom_fields.Memory"], "Memory: please fill this in.");
        assert!(check_declared(&fields, Some("LAPTOP"), &nothing, false).is_ok());
        assert!(check_declared(&fields, Some("PHONE"), &nothing, true).is_ok());
        assert!(check_declared(&fields, None, &nothing, true).is_ok());
    }

    #[test]
    fn a_declaration_is_checked() {
        let form = |name: &str, kind, choices: &[&str]| AssetFieldForm {
            name: name.into(),
            kind: Some(kind),
            choices: choices.iter().map(|one| (*one).to_owned()).collect(),
            categories: vec!["virtual machine".into(), " ".into(), "VIRTUAL_MACHINE".into()],
            ..AssetFieldForm::default()
        };
        let checked = check_asset_field(&form("Drive", FieldKind::Choice, &["SSD", "ssd", "Disk"]), None).unwrap();
        assert_eq!((checked.categories, checked.choices.len()), (vec!["VIRTUAL_MACHINE".to_owned()], 2));
        for (wrong, at) in [
            (form("", FieldKind::Text, &[]), "name"),
            (form("a:b", FieldKind::Text, &[]), "name"),
            (form("a,b", FieldKind::Text, &[]), "name"),
            (form("Who", FieldKind::Person, &[]), "kind"),
            (form("Drive", FieldKind::Choice, &[]), "choices"),
            (AssetFieldForm { categories: vec!["x".into(); 61], ..form("Drive", FieldKind::Text, &[]) }, "categories"),
        ] {
            let Err(Error::Invalid(told)) = check_asset_field(&wrong, None) else { panic!("accepted {wrong:?}") };
            assert!(told.contains_key(at), "{told:?}");
        }
    }
}
