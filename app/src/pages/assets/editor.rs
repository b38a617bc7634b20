//! The editor of an asset.

use super::own_fields::own_fields;
use crate::functions::assets::{AssetEditor as Editor, read_asset_editor};
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use oxdesk::assets::rules::{declared_for, facts_text, next};
use oxdesk::assets::{Asset, AssetField, AssetStatus, AssetType};

#[component]
pub fn AssetEditor() -> impl IntoView {
    provide_form_failure();
    let number = use_params_map().read_untracked().get("number");
    let title = number.clone().unwrap_or_else(|| "New asset".to_owned());
    // Asked for once: what is being written must not go because a colleague did something.
    let editor = Resource::new(|| (), move |()| read_asset_editor(number.clone()));
    view! {
        <Title text=title/>
        <div class="sheet">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match editor.await {
                        Ok(editor) => show(editor),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(editor: Editor) -> AnyView {
    let title = editor.asset.as_ref().map_or("New asset".to_owned(), |asset| asset.name.clone());
    view! { <header class="sheet__head"><h1>{title}</h1></header>{form(editor)} }.into_any()
}

fn form(editor: Editor) -> AnyView {
    let asset = editor.asset.as_ref();
    let text = |value: fn(&oxdesk::assets::Asset) -> Option<String>| asset.and_then(value).unwrap_or_default();
    let (name, notes, email) = (
        text(|asset| Some(asset.name.clone())),
        text(|asset| asset.notes.clone()),
        text(|asset| asset.assigned_to_email.clone()),
    );
    let what = [
        line("serial_number", "Serial number", text(|asset| asset.serial_number.clone())),
        line("manufacturer", "Manufacturer", text(|asset| asset.manufacturer.clone())),
        line("model", "Model", text(|asset| asset.model.clone())),
    ];
    let place = [
        line("location", "Location", text(|asset| asset.location.clone())),
        line("building", "Building", text(|asset| asset.building.clone())),
        line("floor", "Floor", text(|asset| asset.floor.clone())),
        line("room", "Room", text(|asset| asset.room.clone())),
    ];
    let (bought, warranty) = (text(|asset| asset.purchase_date.clone()), text(|asset| asset.warranty_expiry.clone()));
    let price = text(|asset| asset.purchase_price.map(|price| price.to_string()));
    let seats = text(|asset| asset.seats.map(|seats| seats.to_string()));
    let category = RwSignal::new(text(|asset| asset.category.clone()));
    let own = own_fields(editor.fields.clone(), asset, category);
    let facts = asset.map(|asset| other_facts(asset, &editor.fields));
    let head = asset.map(|asset| {
        view! { <input type="hidden" name="asset[id]" value=asset.id.to_string()/><input type="hidden" name="asset[version]" value=asset.version.to_string()/> }
    });
    let types = AssetType::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let types = options(types, asset.map_or(AssetType::Hardware, |asset| asset.kind).as_str());
    let status = asset.map_or(AssetStatus::Active, |asset| asset.status);
    // What it may become from what it is.
    let statuses = asset.map_or_else(|| AssetStatus::ALL.to_vec(), |asset| next(asset.status));
    let statuses = statuses.into_iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let statuses = options(statuses, status.as_str());
    let categories = editor.categories.iter().map(|one| view! { <option value=one.clone()></option> }).collect_view();
    let back = asset.map_or("/assets".to_owned(), |asset| format!("/assets/{}", asset.asset_number));
    view! {
        <QuickForm endpoint="save_asset" class="arranged__form arranged__form--wide">
            {head}
            <label for="asset-name">"Name"</label>
            <input id="asset-name" name="asset[name]" required maxlength="300" value=name/>
            <div class="sheet__pair">
                <div class="field"><label for="asset-kind">"Type"</label><select id="asset-kind" name="asset[kind]">{types}</select></div>
                <div class="field"><label for="asset-status">"Status"</label><select id="asset-status" name="asset[status]">{statuses}</select></div>
                <div class="field"><label for="asset-category">"Category"</label><input id="asset-category" name="asset[category]" maxlength="60" list="asset-categories" value=category.get_untracked() on:change=move |event| category.set(event_target_value(&event))/></div>
                {what.into_iter().collect_view()}
            </div>
            {own}
            <datalist id="asset-categories">{categories}</datalist>
            <fieldset><legend>"Owner and place"</legend>
                <label for="asset-owner">"Owner's e-mail address"<span class="field__optional">" nobody without one"</span></label>
                <input id="asset-owner" type="email" name="asset[owner]" maxlength="254" autocomplete="off" value=email/>
                <div class="sheet__pair">
                    {place.into_iter().collect_view()}
                </div>
            </fieldset>
            <fieldset><legend>"Purchase and warranty"</legend>
                <div class="sheet__pair">
                    <div class="field"><label for="asset-bought">"Bought on"</label><input id="asset-bought" type="date" name="asset[purchase_date]" value=bought/></div>
                    <div class="field"><label for="asset-price">"Price"</label><input id="asset-price" name="asset[purchase_price]" inputmode="decimal" maxlength="20" placeholder="1299.50" value=price/></div>
                    <div class="field"><label for="asset-warranty">"Warranty until"</label><input id="asset-warranty" type="date" name="asset[warranty_expiry]" value=warranty/></div>
                    <div class="field"><label for="asset-seats">"Seats"<span class="field__optional">" of a licence"</span></label><input id="asset-seats" name="asset[seats]" inputmode="numeric" maxlength="7" value=seats/></div>
                </div>
            </fieldset>
            <label for="asset-facts">"More fields"<span class="field__optional">" a line each"</span></label>
            <textarea id="asset-facts" name="asset[facts]" rows="4" placeholder="Memory: 16 GB">{facts}</textarea>
            <label for="asset-notes">"Notes"<span class="field__optional">" optional"</span></label>
            <textarea id="asset-notes" name="asset[notes]" rows="4" maxlength="10000">{notes}</textarea>
            <p class="arranged__deeds"><button class="button button--primary" type="submit">"Save"</button><a class="button button--ghost" href=back>"Cancel"</a></p>
        </QuickForm>
    }
    .into_any()
}

/// What stands in no declared field of its category.
fn other_facts(asset: &Asset, fields: &[AssetField]) -> String {
    let declared = declared_for(fields, asset.category.as_deref());
    let mut facts = asset.custom_fields.clone();
    facts.retain(|name, _| declared.iter().all(|field| field.name != *name));
    facts_text(&facts)
}

/// A line of text.
fn line(name: &'static str, label: &'static str, value: String) -> AnyView {
    let id = format!("asset-{}", name.replace('_', "-"));
    view! {
        <div class="field"><label for=id.clone()>{label}</label><input id=id name=format!("asset[{name}]") maxlength="60" value=value/></div>
    }
    .into_any()
}
