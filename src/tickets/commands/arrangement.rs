//! What administrators arranged, as far as it decides what may stand in a ticket: its categories and custom fields.

use crate::categories::{self, Category, Place};
use crate::desk::Desk;
use crate::fields::rules::{belongs, check_value, error_name, is_asked, missing, show};
use crate::fields::{self, Field, FieldValue, FieldValues};
use crate::tickets::QueueId;
use crate::tickets::queries::Locked;
use crate::{Actor, Error, Result, Validation};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Arrangement {
    tree: Vec<Category>,
    fields: Vec<Field>,
}

impl Arrangement {
    pub async fn read(desk: &Desk, actor: &Actor) -> Result<Self> {
        let tree = categories::queries::list_categories(desk, actor).await?;
        Ok(Self { tree, fields: fields::queries::list_fields(desk, actor).await? })
    }

    /// People whom the change names must exist.
    pub async fn check_people(&self, desk: &Desk, given: &BTreeMap<String, Option<FieldValue>>) -> Result<()> {
        let values = given.iter().filter_map(|(key, value)| value.as_ref().map(|value| (key, value)));
        fields::queries::check_people(desk, &self.fields, values).await
    }

    pub fn place(&self, category: Option<&str>, subcategory: Option<&str>) -> Place {
        categories::place(&self.tree, category, subcategory)
    }

    fn of(&self, place: &Place, queue: Option<QueueId>) -> Vec<Field> {
        self.fields.iter().filter(|field| belongs(field, &place.ids, queue)).cloned().collect()
    }

    /// The values as they will be: what is given is checked, what is not stays. A field that was deleted while someone
    /// had its form open is named.
    pub fn change(
        &self,
        place: &Place,
        queue: Option<QueueId>,
        before: &FieldValues,
        given: &BTreeMap<String, Option<FieldValue>>,
    ) -> Result<FieldValues> {
        let mut values = before.clone();
        if given.is_empty() {
            return Ok(values);
        }
        let fields = self.of(place, queue);
        let mut check = Validation::default();
        for (key, value) in given {
            let name = error_name(key);
            match (fields.iter().find(|field| field.key == *key), value) {
                (None, _) => check.take::<()>(Err(Error::invalid(&name, "There is no such field here any more."))),
                (Some(field), None) if field.required && before.contains_key(key) && is_asked(field, before) => {
                    check.take::<()>(Err(Error::invalid(&name, format!("{} cannot be empty.", field.label))));
                }
                (Some(_), None) => {
                    values.remove(key);
                }
                (Some(field), Some(value)) => {
                    if let Some(value) = check.try_take(check_value(field, value.clone())) {
                        values.insert(key.clone(), value);
                    }
                }
            }
        }
        check.finish()?;
        Ok(values)
    }

    /// Whatever is required must be there before a ticket is done.
    pub fn check_whole(&self, place: &Place, queue: Option<QueueId>, values: &FieldValues) -> Result<()> {
        let fields = self.of(place, queue);
        let mut check = Validation::default();
        for field in missing(&fields, values) {
            let message = format!("{} must be filled in before this is done.", field.label);
            check.take::<()>(Err(Error::invalid(&error_name(&field.key), message)));
        }
        check.finish()
    }

    /// The same for a ticket as it stands.
    pub fn check_locked(&self, ticket: &Locked) -> Result<()> {
        let place = self.place(ticket.category.as_deref(), ticket.subcategory.as_deref());
        self.check_whole(&place, ticket.queue_id, &ticket.custom_fields.0)
    }

    /// Each field that changed: its name in the history, before, after, and whether requesters may know.
    pub fn changes(
        &self,
        before: &FieldValues,
        after: &FieldValues,
    ) -> Vec<(String, Option<String>, Option<String>, bool)> {
        let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
        changed
            .map(|key| {
                let is_public = self.fields.iter().any(|field| field.key == *key && field.is_public);
                (error_name(key), before.get(key).map(show), after.get(key).map(show), is_public)
            })
            .collect()
    }
}
