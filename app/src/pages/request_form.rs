//! The form with which a request is sent, signed in or not: what it asks hangs on the category, and on what was
//! answered before.

use crate::functions::requester::{OwnAsset, RequestOffer};
use crate::ui::{Field, FieldInput, TextArea};
use leptos::prelude::*;
use oxdesk::categories::Category;
use oxdesk::fields::rules::{belongs, is_asked, parse_value};
use oxdesk::fields::{Field as CustomField, FieldValues};
use oxdesk::tickets::SUBJECT_MAX;

#[component]
pub fn RequestForm(
    subject: String,
    stranger: bool,
    /// The category, and under it the subcategory, that were chosen.
    place: Vec<Category>,
    offer: RequestOffer,
    /// What was asked before, which goes along.
    #[prop(optional_no_strip)]
    conversation: Option<String>,
    /// The number of what it is about, where that was said.
    #[prop(optional_no_strip)]
    asset: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
) -> impl IntoView {
    let progress = RwSignal::new(None::<u32>);
    let message = RwSignal::new(error);
    let submit = move |event: leptos::ev::SubmitEvent| send(&event, progress, message);
    let ids: Vec<_> = place.iter().map(|category| category.id).collect();
    let queue = place.iter().rev().find_map(|category| category.queue_id);
    let fields: Vec<_> = offer.fields.into_iter().filter(|field| belongs(field, &ids, queue)).collect();
    let conditional = fields.iter().any(|field| field.asked_when.is_some()).then_some("");
    let names = ["category", "subcategory"]
        .into_iter()
        .zip(place)
        .map(|(name, category)| view! { <input type="hidden" name=name value=category.name/> })
        .collect_view();
    let private = offer.organisation.map(|name| {
        view! { <label class="check"><input type="checkbox" name="is_private" value="yes"/>"Only for me and the service desk, not for everyone at "{name}</label> }
    });
    let about = about(offer.assets, asset);
    view! {
        <form class="request-form" data-begin=conditional method="post" action="/portal/new" enctype="multipart/form-data" on:submit=submit>
            <p class="form-error" role="alert">{move || message.get()}</p>
            {names}
            {conversation.map(|id| view! { <input type="hidden" name="conversation" value=id/><p class="muted">"What you asked, and what was answered, goes along: you need not say it again."</p> })}
            {stranger.then(|| view! {
                <div class="sheet__pair">
                    <Field name="requester_name" label="Your name" autocomplete="name" maxlength=200/>
                    <Field name="requester_email" label="Your e-mail" kind="email" autocomplete="email" hint="We answer to this address."/>
                </div>
            })}
            <Field name="subject" label="In a sentence" value=subject maxlength=SUBJECT_MAX/>
            {about}
            <Questions fields/>
            <TextArea name="description" label="What happened, and what did you expect?" rows=7 maxlength=50_000/>
            <div class="field">
                <label for="files">"Files or pictures"<span class="field__optional">" optional"</span></label>
                <input id="files" type="file" name="files" multiple/>
            </div>
            {private}
            <div class="request-form__trap" aria-hidden="true">
                <label for="website">"Leave this empty"</label>
                <input id="website" name="website" tabindex="-1" autocomplete="off"/>
            </div>
            <progress max="100" value=move || progress.get().unwrap_or(0) hidden=move || progress.get().is_none() aria-label="Upload"></progress>
            <button class="button button--primary button--large" type="submit" disabled=move || progress.get().is_some()>"Send the request"</button>
        </form>
    }
    .into_any()
}

/// Which of the things that they have it is about.
fn about(assets: Vec<OwnAsset>, chosen: Option<String>) -> Option<AnyView> {
    let option = |asset: OwnAsset| {
        let number = asset.asset_number.to_string();
        let selected = chosen.as_ref() == Some(&number);
        view! { <option value=number selected=selected>{asset.name}" · "{asset.says}</option> }
    };
    (!assets.is_empty()).then(|| {
        view! {
            <div class="field">
                <label for="about-asset">"Which of your things is it about?"<span class="field__optional">" optional"</span></label>
                <select id="about-asset" name="asset"><option value="">"None of them"</option>{assets.into_iter().map(option).collect_view()}</select>
            </div>
        }
        .into_any()
    })
}

/// The custom fields. Where scripts run, what is not asked is not shown; where they do not, its condition is said.
#[component]
fn Questions(fields: Vec<CustomField>) -> impl IntoView {
    let defaults: FieldValues =
        fields.iter().filter_map(|field| field.default_value.clone().map(|value| (field.key.clone(), value))).collect();
    let values = RwSignal::new(defaults.clone());
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let known = fields.clone();
    fields
        .into_iter()
        .map(|field| {
            let (asked, key) = (field.clone(), field.key.clone());
            let is_asked = Memo::new(move |_| is_asked(&asked, &values.read()));
            let conditional = field.asked_when.is_some();
            let required = field.required;
            let must = Signal::derive(move || required && (!conditional || (hydrated.get() && is_asked.get())));
            let condition = field.asked_when.as_ref().map(|condition| {
                let label = known.iter().find(|other| other.key == condition.key).map(|other| other.label.clone());
                format!("Only if “{}” is {}.", label.unwrap_or_default(), condition.value)
            });
            let said = move || {
                (!hydrated.get()).then(|| condition.clone().map(|text| view! { <p class="field__hint">{text}</p> }))
            };
            let declared = field.clone();
            let changed = Callback::new(move |event: leptos::ev::Event| {
                let sent = chosen(&event);
                values.update(|values| match parse_value(&declared, &sent) {
                    Ok(Some(value)) => drop(values.insert(declared.key.clone(), value)),
                    _ => drop(values.remove(&declared.key)),
                });
            });
            let value = defaults.get(&key).cloned();
            view! {
                <div class="request-form__question" hidden=move || hydrated.get() && !is_asked.get()>
                    <FieldInput field name=format!("field.{key}") value people=Vec::new() must changed/>
                    {said}
                </div>
            }
        })
        .collect_view()
        .into_any()
}

/// What stands in the field that changed: every ticked box of its name, or its one value.
#[cfg(feature = "hydrate")]
fn chosen(event: &leptos::ev::Event) -> Vec<String> {
    use wasm_bindgen::JsCast;
    let Some(target) = event.target() else { return Vec::new() };
    match target.dyn_into::<web_sys::HtmlInputElement>() {
        Ok(input) if input.type_() == "checkbox" => {
            let Some(form) = input.form() else { return Vec::new() };
            let Ok(data) = web_sys::FormData::new_with_form(&form) else { return Vec::new() };
            data.get_all(&input.name()).iter().filter_map(|value| value.as_string()).collect()
        }
        _ => vec![event_target_value(event)],
    }
}

#[cfg(not(feature = "hydrate"))]
fn chosen(_: &leptos::ev::Event) -> Vec<String> {
    Vec::new()
}

#[cfg(not(feature = "hydrate"))]
fn send(_: &leptos::ev::SubmitEvent, _: RwSignal<Option<u32>>, _: RwSignal<Option<String>>) {}

#[cfg(feature = "hydrate")]
fn send(event: &leptos::ev::SubmitEvent, progress: RwSignal<Option<u32>>, message: RwSignal<Option<String>>) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    let Some(form) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok()) else {
        return;
    };
    message.set(None);
    progress.set(Some(0));
    let Ok(fields) = web_sys::FormData::new_with_form(&form) else { return };
    let _ = crate::send::form_with_files(&form, &fields, progress, move |answer, _| {
        progress.set(None);
        match answer {
            Ok(next) => {
                let _ = window().location().set_href(&next);
            }
            Err(error) => message.set(Some(error.to_string())),
        }
    });
}
