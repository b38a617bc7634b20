//! One custom field as a form shows it, in the portal and beside a ticket.

use leptos::prelude::*;
use oxdesk::fields::rules::show;
use oxdesk::fields::{Field, FieldKind, FieldValue, TEXT_MAX};
use oxdesk::people::Person;

#[component]
pub fn FieldInput(
    field: Field,
    /// Under which name it is sent: several times when several are chosen.
    name: String,
    value: Option<FieldValue>,
    /// Who can be chosen; for fields that hold a person.
    people: Vec<Person>,
    /// Whether the browser should insist on it.
    must: Signal<bool>,
    /// Hears what is chosen or typed.
    #[prop(optional)]
    changed: Option<Callback<leptos::ev::Event>>,
) -> impl IntoView {
    let id = format!("field-{}", field.key);
    let (hint_id, help) = (format!("{id}-hint"), field.help.clone());
    let has_help = help.is_some();
    let text = value.as_ref().map(show).unwrap_or_default();
    let on_change = move |event: leptos::ev::Event| {
        if let Some(changed) = changed {
            changed.run(event);
        }
    };
    let option = |value: String, label: String| {
        let chosen = value == text;
        view! { <option value=value selected=chosen>{label}</option> }
    };
    let described = has_help.then(|| hint_id.clone());
    let required = move || must.get();
    let control = match field.kind {
        FieldKind::MultiChoice => {
            let chosen = match &value {
                Some(FieldValue::Several(chosen)) => chosen.clone(),
                _ => Vec::new(),
            };
            let boxes = field
                .choices
                .iter()
                .map(|choice| {
                    let is_chosen = chosen.contains(choice);
                    view! { <label class="check"><input type="checkbox" name=name.clone() value=choice.clone() checked=is_chosen on:change=on_change/>{choice.clone()}</label> }
                })
                .collect_view();
            return view! {
                <fieldset class="field field--several">
                    <legend>{label(&field)}</legend>
                    {boxes}
                    <p class="field__hint" id=hint_id>{help}</p>
                </fieldset>
            }
            .into_any();
        }
        FieldKind::Choice | FieldKind::YesNo | FieldKind::Person => {
            let options: Vec<_> = match field.kind {
                FieldKind::Choice => {
                    field.choices.iter().map(|choice| option(choice.clone(), choice.clone())).collect()
                }
                FieldKind::YesNo => ["Yes", "No"].map(|word| option(word.to_owned(), word.to_owned())).into(),
                _ => people.into_iter().map(|person| option(person.id.to_string(), person.name)).collect(),
            };
            view! {
                <select id=id.clone() name=name required=required aria-describedby=described on:change=on_change>
                    <option value="">"–"</option>{options}
                </select>
            }
            .into_any()
        }
        FieldKind::Text | FieldKind::Number | FieldKind::Date => {
            let kind = if field.kind == FieldKind::Date { "date" } else { "text" };
            let mode = (field.kind == FieldKind::Number).then_some("decimal");
            view! {
                <input id=id.clone() name=name type=kind inputmode=mode value=text.clone() required=required maxlength=TEXT_MAX
                    autocomplete="off" aria-describedby=described on:change=on_change/>
            }
            .into_any()
        }
    };
    view! {
        <div class="field">
            <label for=id>{label(&field)}</label>
            {control}
            <p class="field__hint" id=hint_id>{help}</p>
        </div>
    }
    .into_any()
}

fn label(field: &Field) -> impl IntoView + use<> {
    let optional = (!field.required).then(|| view! { <span class="field__optional">" optional"</span> });
    view! { {field.label.clone()}{optional} }
}
