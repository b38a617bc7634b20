//! The declared fields in an asset's editor: those of the category that is chosen.

use crate::pages::admin::options;
use leptos::prelude::*;
use oxdesk::assets::{Asset, AssetField, category_word};
use oxdesk::fields::rules::show;
use oxdesk::fields::{FieldKind, FieldValues};

/// They change with the category; what was written into those that stay, stays.
pub(super) fn own_fields(fields: Vec<AssetField>, asset: Option<&Asset>, category: RwSignal<String>) -> AnyView {
    let values = asset.map(|asset| asset.custom_fields.clone()).unwrap_or_default();
    let all = StoredValue::new(fields);
    let shown = Memo::new(move |_| {
        let category = category_word(&category.get());
        let category = (!category.is_empty()).then_some(category);
        all.with_value(|all| {
            let numbered = all.iter().cloned().enumerate();
            numbered.filter(|(_, field)| field.belongs_to(category.as_deref())).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="sheet__pair own-fields" hidden=move || shown.read().is_empty()>
            <For each=move || shown.get() key=|(_, field)| field.name.clone() children=move |(at, field)| input(at, &field, &values)/>
        </div>
    }
    .into_any()
}

fn input(at: usize, field: &AssetField, values: &FieldValues) -> AnyView {
    let (id, hint) = (format!("own-{at}"), format!("own-{at}-hint"));
    let (named, name) = (format!("asset[own][f{at}][name]"), format!("asset[own][f{at}][value]"));
    let value = values.get(&field.name).map(show).unwrap_or_default();
    let label = view! { <label for=id.clone()>{field.name.clone()}{(!field.required).then(|| view! { <span class="field__optional">" optional"</span> })}</label> };
    let help = field.help.clone();
    let described = help.is_some().then(|| hint.clone());
    let help = help.map(|help| view! { <p class="field__hint" id=hint>{help}</p> });
    let required = field.required;
    let empty = || (String::new(), "Not said".to_owned());
    let choice = |choices: Vec<(String, String)>| {
        let choices = std::iter::once(empty()).chain(choices).collect();
        view! { <select id=id.clone() name=name.clone() required=required aria-describedby=described.clone()>{options(choices, &value)}</select> }.into_any()
    };
    let line = |kind: &'static str, mode: Option<&'static str>| {
        view! { <input id=id.clone() name=name.clone() type=kind inputmode=mode maxlength="1000" required=required aria-describedby=described.clone() value=value.clone()/> }.into_any()
    };
    let field_input = match field.kind {
        FieldKind::Choice => choice(field.choices.iter().map(|one| (one.clone(), one.clone())).collect()),
        FieldKind::YesNo => choice(["Yes", "No"].map(|one| (one.to_owned(), one.to_owned())).to_vec()),
        FieldKind::Date => line("date", None),
        FieldKind::Number => line("text", Some("decimal")),
        _ => line("text", None),
    };
    view! { <div class="field">{label}<input type="hidden" name=named value=field.name.clone()/>{field_input}{help}</div> }
        .into_any()
}
