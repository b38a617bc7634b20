//! What is to be known of assets of a category.

use crate::functions::assets::{AssetFieldsShown, read_asset_fields};
use crate::live::use_live;
use crate::pages::admin::{Arrangement, options};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::assets::{AssetField, category_label};

#[component]
pub fn AssetFields() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let shown = Resource::new(move || live.track_own(), |_| read_asset_fields());
    view! {
        <Title text="Fields of assets"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Fields of assets"</h1>
                <p class="muted">"What you want to know of assets, or of those of a category, beside what every asset has. "<a class="linked" href="/assets">"All assets"</a></p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match shown.await {
                        Ok(shown) => show(shown),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(AssetFieldsShown { fields, categories, may_edit }: AssetFieldsShown) -> AnyView {
    let known = categories.into_iter().map(|one| category_label(&one)).collect::<Vec<_>>().join(", ");
    let known = (!known.is_empty()).then_some(known);
    let list = if fields.is_empty() {
        view! { <EmptyState title="No fields yet" text="A field has a kind, and belongs to some categories or to all. Until then every asset takes lines such as Memory: 16 GB."/> }.into_any()
    } else {
        let row = |field: &AssetField| {
            let form = match may_edit {
                true => view! { {form(Some(field), known.clone())}{delete(field)} }.into_any(),
                false => ().into_any(),
            };
            view! { <Arrangement name=field.name.clone() says=says(field) may_change=may_edit form/> }.into_any()
        };
        view! { <ul class="panel panel--plain">{fields.iter().map(row).collect_view()}</ul> }.into_any()
    };
    let new = may_edit.then(|| view! { <section><h2>"New field"</h2>{form(None, known.clone())}</section> });
    view! { {list}{new} }.into_any()
}

fn says(field: &AssetField) -> String {
    let mut says = vec![field.kind.label().to_owned()];
    says.push(match field.categories.as_slice() {
        [] => "of every asset".to_owned(),
        some => format!("of {}", labels(some)),
    });
    says.extend(field.required.then(|| "required".to_owned()));
    says.extend((!field.choices.is_empty()).then(|| field.choices.join(", ")));
    says.join(" · ")
}

fn labels(categories: &[String]) -> String {
    categories.iter().map(|one| category_label(one)).collect::<Vec<_>>().join(", ")
}

fn delete(field: &AssetField) -> AnyView {
    let (id, label) = (field.id.to_string(), format!("Delete {}", field.name));
    view! {
        <QuickForm endpoint="delete_asset_field" class="quick--inline" done="Deleted. What assets have there stays with them.">
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit" aria-label=label><Icon icon=Icon::Bin/>"Delete"</button>
        </QuickForm>
    }
    .into_any()
}

fn form(field: Option<&AssetField>, known: Option<String>) -> AnyView {
    let own = field.map_or("new".to_owned(), |field| field.id.to_string());
    let id = move |name: &str| format!("{name}-{own}");
    let head = match field {
        Some(field) => view! {
            <input type="hidden" name="field[id]" value=field.id.to_string()/>
            <input type="hidden" name="field[version]" value=field.version.to_string()/>
            <input type="hidden" name="field[name]" value=field.name.clone()/>
        }
        .into_any(),
        None => {
            let kinds = AssetField::KINDS.iter().map(|kind| (kind.to_string(), kind.label().to_owned())).collect();
            view! {
                <label for=id("name")>"Name"<span class="field__optional">" never changes"</span></label>
                <input id=id("name") name="field[name]" required maxlength="60" autocomplete="off" placeholder="Memory"/>
                <label for=id("kind")>"Kind"</label>
                <select id=id("kind") name="field[kind]">{options(kinds, "TEXT")}</select>
            }
            .into_any()
        }
    };
    let choices = field.is_none_or(|field| field.kind.has_choices()).then(|| {
        let text = field.map(|field| field.choices.join("\n"));
        view! {
            <label for=id("choices")>"Choices, one a line"<span class="field__optional">" of a choice"</span></label>
            <textarea id=id("choices") name="field[choices]" rows="3">{text}</textarea>
        }
    });
    let categories = field.map(|field| labels(&field.categories));
    let hint = known.map(|known| view! { <p class="field__hint">"There are: "{known}"."</p> });
    let (help, position) = (field.and_then(|field| field.help.clone()), field.map(|field| field.position.to_string()));
    let required = field.is_some_and(|field| field.required);
    view! {
        <QuickForm endpoint="save_asset_field" class="arranged__form" done="Saved.">
            {head}
            {choices}
            <label for=id("categories")>"Categories, separated by commas"<span class="field__optional">" every one without any"</span></label>
            <input id=id("categories") name="field[categories]" maxlength="2000" autocomplete="off" value=categories/>
            {hint}
            <label for=id("help")>"Help"<span class="field__optional">" optional"</span></label>
            <input id=id("help") name="field[help]" maxlength="300" value=help/>
            <label for=id("position")>"Place in the form"<span class="field__optional">" optional"</span></label>
            <input id=id("position") name="field[position]" inputmode="numeric" pattern="[0-9]{1,6}" value=position/>
            <label class="check"><input type="checkbox" name="field[required]" value="yes" checked=required/>"Required where an asset is written here or by the API; tables may leave it out"</label>
            <button class="button button--primary" type="submit">"Save the field"</button>
        </QuickForm>
    }
    .into_any()
}
