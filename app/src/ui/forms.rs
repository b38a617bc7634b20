//! Form parts: every field with its label, its hint and, where it was made, its error.

use crate::AppError;
use crate::functions::work::suggest_tags;
use leptos::prelude::*;

#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(optional)] autocomplete: &'static str,
    #[prop(optional)] optional: bool,
    #[prop(optional)] maxlength: Option<usize>,
    #[prop(optional)] autofocus: bool,
    #[prop(into, optional)] error: Signal<Option<String>>,
) -> impl IntoView {
    let (error_id, hint_id) = (format!("{name}-error"), format!("{name}-hint"));
    let described = format!("{error_id} {hint_id}");
    view! {
        <div class="field" class:field--wrong=move || error.get().is_some()>
            <label for=name>{label}{optional.then(|| view! { <span class="field__optional">" optional"</span> })}</label>
            <input id=name name=name type=kind value=value required=!optional maxlength=maxlength autofocus=autofocus
                autocomplete=(!autocomplete.is_empty()).then_some(autocomplete)
                aria-describedby=described aria-invalid=move || error.get().is_some().then_some("true")/>
            <p class="field__hint" id=hint_id>{hint}</p>
            <p class="field__error" id=error_id>{move || error.get()}</p>
        </div>
    }
    .into_any()
}

#[component]
pub fn TextArea(
    name: &'static str,
    label: &'static str,
    #[prop(default = 6)] rows: u32,
    #[prop(optional)] hint: &'static str,
    #[prop(optional)] maxlength: Option<usize>,
    #[prop(into, optional)] error: Signal<Option<String>>,
) -> impl IntoView {
    let error_id = format!("{name}-error");
    view! {
        <div class="field" class:field--wrong=move || error.get().is_some()>
            <label for=name>{label}</label>
            <textarea id=name name=name rows=rows required maxlength=maxlength aria-describedby=error_id.clone()
                aria-invalid=move || error.get().is_some().then_some("true")></textarea>
            <p class="field__hint">{hint}</p>
            <p class="field__error" id=error_id>{move || error.get()}</p>
        </div>
    }
    .into_any()
}

/// The button of a form that scripts send by themselves: there for those without, gone once scripts run.
#[component]
pub fn FallbackSubmit(label: &'static str, class: &'static str) -> impl IntoView {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    view! { <button class=class type="submit" hidden=move || hydrated.get()>{label}</button> }
}

/// `options` are value and label.
#[component]
pub fn Select(
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    #[prop(optional, into)] selected: String,
    #[prop(optional)] hide_label: bool,
    /// Sends the form as soon as something is chosen, where scripts run.
    #[prop(optional)]
    submits: bool,
    /// Choices that need something to be said first: they open their field instead.
    #[prop(optional)]
    asks: Vec<String>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, label)| {
            let chosen = value == selected;
            view! { <option value=value selected=chosen>{label}</option> }
        })
        .collect_view();
    let change = move |event: leptos::ev::Event| {
        if submits {
            submit_form_of(&event, &asks);
        }
    };
    view! {
        <span class="select">
            <label for=name class:sr-only=hide_label>{label}</label>
            <select id=name name=name on:change=change>{options}</select>
        </span>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
pub fn submit_form_of(event: &leptos::ev::Event, asks: &[String]) {
    use wasm_bindgen::JsCast;
    let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let Some(form) = element.closest("form").ok().flatten() else { return };
    if asks.contains(&event_target_value(event)) {
        // The one that the style sheet shows now: focusing a hidden one does nothing.
        let Ok(fields) = form.query_selector_all(".said textarea") else { return };
        for index in 0..fields.length() {
            if let Some(field) = fields.item(index).and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = field.focus();
            }
        }
    } else if let Ok(form) = form.dyn_into::<web_sys::HtmlFormElement>() {
        let _ = form.request_submit();
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn submit_form_of(_: &leptos::ev::Event, _: &[String]) {}

/// Tags separated by commas; those that have been used are offered as one types.
#[component]
pub fn TagField(value: String, #[prop(into, optional)] error: Signal<Option<String>>) -> impl IntoView {
    let text = RwSignal::new(value.clone());
    let known = RwSignal::new(Vec::<String>::new());
    let typed = move |event| {
        text.set(event_target_value(&event));
        let beginning = last_tag(&text.read_untracked()).to_owned();
        if beginning.is_empty() {
            return;
        }
        leptos::task::spawn_local(async move {
            let Ok(tags) = suggest_tags(Some(beginning.clone())).await else { return };
            // Answers overtake each other: one to what no longer stands there is no news.
            if text.try_with_untracked(|text| last_tag(text) == beginning) == Some(true) {
                let _ = known.try_set(tags);
            }
        });
    };
    let choose = move |tag: String| {
        text.update(|text| {
            let kept = text.len() - last_tag(text).len();
            text.truncate(kept);
            text.push_str(&tag);
            text.push_str(", ");
        });
    };
    let offered = move || {
        let tags = known.get();
        let typed = text.get();
        let beginning = last_tag(&typed).to_lowercase();
        let fits = |tag: &String| !beginning.is_empty() && tag.starts_with(&beginning) && *tag != beginning;
        tags.into_iter()
            .filter(fits)
            .take(6)
            .map(|tag| {
                let chosen = tag.clone();
                view! { <button type="button" class="tag tag--offered" on:click=move |_| choose(chosen.clone())>{tag}</button> }
            })
            .collect_view()
    };
    view! {
        <div class="field" class:field--wrong=move || error.get().is_some()>
            <label for="tags">"Tags"<span class="field__optional">" optional"</span></label>
            <input id="tags" name="tags" value=value prop:value=text autocomplete="off" on:input=typed
                aria-describedby="tags-error tags-hint" aria-invalid=move || error.get().is_some().then_some("true")/>
            <p class="field__hint" id="tags-hint">"Separated by commas."</p>
            <p class="field__offers" aria-live="polite">{offered}</p>
            <p class="field__error" id="tags-error">{move || error.get()}</p>
        </div>
    }
    .into_any()
}

/// What is being typed after the last comma.
fn last_tag(text: &str) -> &str {
    text.rsplit(',').next().unwrap_or_default().trim_start()
}

/// What is wrong with the form as a whole: what belongs to a field stands at the field.
#[component]
pub fn FormError(
    #[prop(into)] error: Signal<Option<AppError>>,
    #[prop(optional)] fields: &'static [&'static str],
) -> impl IntoView {
    let text = move || {
        let error = error.get()?;
        match error.fields() {
            Some(wrong) => {
                let rest: Vec<_> = wrong
                    .iter()
                    .filter(|(name, _)| !fields.contains(&name.as_str()))
                    .map(|(_, message)| message.clone())
                    .collect();
                (!rest.is_empty()).then(|| rest.join(" "))
            }
            None => {
                let mut text = error.to_string();
                if let Some(first) = text.get_mut(0..1) {
                    first.make_ascii_uppercase();
                }
                Some(text)
            }
        }
    };
    view! { <div class="form-error" role="alert">{move || text().map(|text| view! { <p>{text}</p> })}</div> }.into_any()
}

#[component]
pub fn SubmitButton(label: &'static str, #[prop(into, optional)] pending: Signal<bool>) -> impl IntoView {
    view! {
        <button class="button button--primary" type="submit" disabled=move || pending.get() aria-busy=move || pending.get().to_string()>
            {label}
        </button>
    }
    .into_any()
}
