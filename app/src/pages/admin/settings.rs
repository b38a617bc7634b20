//! Settings: each with what it does, what it takes, and who changed it when.

use super::options;
use crate::functions::settings::{SettingsShown, read_settings};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, EmptyState, ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use oxdesk::Timestamp;
use oxdesk::settings::{Setting, SettingCategory, SettingRule, SettingValue, find};

#[component]
pub fn SettingsPage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let words = Memo::new(move |_| query.read().get("q").unwrap_or_default());
    let settings = Resource::new(move || live.track_own(), |_| read_settings());
    view! {
        <Title text="Settings"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Settings"</h1><p class="muted">"What is changed here counts on every node. The API and the command line know the same settings by their keys."</p></header>
            <form class="settings__search" method="get" action="/admin/settings" role="search" aria-label="Settings">
                <label class="sr-only" for="setting-words">"Search settings"</label>
                <input id="setting-words" type="search" name="q" maxlength="200" placeholder="Search settings" value=move || words.get()/>
                <button class="button" type="submit">"Search"</button>
            </form>
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || {
                    let words = words.get();
                    Suspend::new(async move {
                        match settings.await {
                            Ok(shown) => show(&words, shown),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(words: &str, SettingsShown { values, now }: SettingsShown) -> AnyView {
    let known = values.into_iter().filter_map(|value| find(&value.key).map(|setting| (setting, value)));
    let found: Vec<_> = known.filter(|(setting, _)| setting.says(words)).collect();
    if found.is_empty() {
        return view! { <EmptyState title="No setting says this" text="Search for what it does, or for a part of its key."/> }.into_any();
    }
    let category = |category: &SettingCategory| {
        let rows: Vec<_> = found.iter().filter(|(setting, _)| setting.category == *category).collect();
        (!rows.is_empty()).then(|| {
            let rows = rows.into_iter().map(|(setting, value)| row(setting, value, now)).collect_view();
            view! { <section class="settings"><h2>{category.label()}</h2><ul>{rows}</ul></section> }
        })
    };
    SettingCategory::ALL.iter().map(category).collect_view().into_any()
}

fn row(setting: &'static Setting, value: &SettingValue, now: Timestamp) -> AnyView {
    let value = value.clone();
    let about = format!("about-{}", setting.key);
    let is_changed = value.changed_at.is_some();
    let changed = value.changed_at.map(|at| {
        let by = value.changed_by.map(|by| format!(" by {by}")).unwrap_or_default();
        view! { <p class="settings__changed">"Changed "<Ago at now/>{by}</p> }
    });
    let label = format!("Put {} back", setting.name);
    let reset = is_changed.then(|| {
        let said = match setting.default {
            "" => "Put back to nothing".to_owned(),
            default => format!("Put back to {default}"),
        };
        view! {
            <QuickForm endpoint="reset_setting" class="quick--inline" done="It is as it was declared.">
                <input type="hidden" name="key" value=setting.key/>
                <button class="button button--ghost" type="submit" title=label>{said}</button>
            </QuickForm>
        }
    });
    let value_input = input(setting, value.value);
    view! {
        <li class="setting">
            <div class="setting__says"><h3>{setting.name}</h3><code>{setting.key}</code><p id=about>{setting.description}</p><p class="settings__changed">{setting.effective}</p></div>
            <div class="setting__form">
                <QuickForm endpoint="set_setting" done="Saved.">
                    <input type="hidden" name="key" value=setting.key/>
                    <div class="setting__value">{value_input}<button class="button" type="submit">"Save"</button></div>
                </QuickForm>
                {changed}{reset}
            </div>
        </li>
    }
    .into_any()
}

fn input(setting: &'static Setting, value: String) -> AnyView {
    let (name, about) = (setting.name, format!("about-{}", setting.key));
    match setting.rule {
        SettingRule::YesNo => {
            let choices = vec![("true".to_owned(), "On".to_owned()), ("false".to_owned(), "Off".to_owned())];
            view! { <select name="value" aria-label=name aria-describedby=about>{options(choices, &value)}</select> }.into_any()
        }
        SettingRule::OneOf(all) => {
            let choices = all.iter().map(|one| ((*one).to_owned(), (*one).to_owned())).collect();
            view! { <select name="value" aria-label=name aria-describedby=about>{options(choices, &value)}</select> }.into_any()
        }
        SettingRule::Number { .. } | SettingRule::NumberOrZero { .. } => {
            view! { <input name="value" inputmode="numeric" maxlength="20" required aria-label=name aria-describedby=about title=setting.takes() value=value/> }.into_any()
        }
        SettingRule::TimeZone => {
            view! { <input name="value" maxlength="100" required placeholder="Europe/Berlin" spellcheck="false" autocapitalize="off" aria-label=name aria-describedby=about value=value/> }.into_any()
        }
        SettingRule::Text { most } if most > 100 => {
            view! { <textarea name="value" rows="3" maxlength=most.to_string() aria-label=name aria-describedby=about>{value}</textarea> }.into_any()
        }
        SettingRule::Text { most } => {
            view! { <input name="value" maxlength=most.to_string() aria-label=name aria-describedby=about value=value/> }.into_any()
        }
        SettingRule::Colour { .. } => {
            view! { <input name="value" maxlength="7" pattern="#[0-9A-Fa-f]{6}" placeholder="#1d4ed8" spellcheck="false" aria-label=name aria-describedby=about value=value/> }.into_any()
        }
    }
}
