//! The fields that administrators added, beside the ticket: each is saved as it is changed.

use crate::ui::{FieldInput, QuickForm, submit_form_of};
use leptos::prelude::*;
use oxdesk::fields::Field;
use oxdesk::fields::rules::{is_asked, missing};
use oxdesk::people::Person;
use oxdesk::tickets::Ticket;

#[component]
pub fn CustomFields(ticket: Ticket, fields: Vec<Field>, people: Vec<Person>, may_update: bool) -> impl IntoView {
    let asked: Vec<_> = fields.into_iter().filter(|field| is_asked(field, &ticket.custom_fields)).collect();
    if asked.is_empty() {
        return ().into_any();
    }
    let wanting: Vec<String> =
        missing(&asked, &ticket.custom_fields).into_iter().map(|field| field.key.clone()).collect();
    let forms = asked
        .into_iter()
        .map(|field| {
            let (id, version) = (ticket.id.to_string(), ticket.version.to_string());
            let (key, label) = (field.key.clone(), field.label.clone());
            let value = ticket.custom_fields.get(&field.key).cloned();
            let wants = wanting
                .contains(&field.key)
                .then(|| view! { <p class="custom__wants">"Needed before this is solved."</p> });
            let people = people.clone();
            let changed = Callback::new(|event: leptos::ev::Event| submit_form_of(&event, &[]));
            view! {
                <QuickForm endpoint="set_custom_field" class="custom">
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="version" value=version/>
                    <input type="hidden" name="key" value=key/>
                    <fieldset disabled=!may_update>
                        <legend class="sr-only">{label}</legend>
                        <FieldInput field name="value[]".to_owned() value people must=Signal::derive(|| false) changed/>
                        {wants}
                        <noscript><button class="button" type="submit">"Save"</button></noscript>
                    </fieldset>
                </QuickForm>
            }
        })
        .collect_view();
    view! { <section class="kept" aria-label="More about it"><h2>"More about it"</h2>{forms}</section> }.into_any()
}
