//! Rules: what the desk does by itself, as sentences, with what they did and what they would do.

mod rule_form;
mod told;

use super::{Arrangement, options};
use crate::functions::automation::{Automation, read_automation};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use oxdesk::automation::rules::sentence;
use oxdesk::automation::{Rule, Worker};
use rule_form::rule_form;
use told::{log, tried};

#[component]
pub fn AutomationPage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = move || {
        let query = query.read();
        (query.get("try"), query.get("log"), query.get("export").is_some())
    };
    let automation =
        Resource::new(move || (live.track(), asked()), |(_, (tried, log, export))| read_automation(tried, log, export));
    view! {
        <Title text="Automation"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Automation"</h1><p class="muted">"What the desk does by itself. Rules are tried in their order; none fires on what it did itself."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || {
                    let (tries, logs, _) = asked();
                    Suspend::new(async move {
                        match automation.await {
                            Ok(automation) => show(automation, tries, logs),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(automation: Automation, tries: Option<String>, logs: Option<String>) -> AnyView {
    let row = |rule: &Rule| {
        let id = rule.id.to_string();
        let below = match (&automation.tried, &automation.log) {
            (Some(list), _) if tries.as_ref() == Some(&id) => tried(list),
            (_, Some(list)) if logs.as_ref() == Some(&id) => log(list, automation.now),
            _ => ().into_any(),
        };
        let deeds = deeds(rule);
        let form = view! { {rule_form(Some(rule), &automation)}<Remove id/> }.into_any();
        let state = if rule.enabled { "On" } else { "Off" };
        let says = format!("{state} · {}", sentence(rule, &automation.names));
        view! { <Arrangement name=rule.name.clone() says may_change=true form>{deeds}{below}</Arrangement> }
    };
    let rules = if automation.rules.is_empty() {
        view! { <EmptyState title="No rules yet" text="Write one below, as a sentence."/> }.into_any()
    } else {
        view! { <ul class="panel panel--plain">{automation.rules.iter().map(row).collect_view()}</ul> }.into_any()
    };
    let words = automation.words.iter().map(|word| view! { <option value=word.clone()></option> }).collect_view();
    view! {
        <datalist id="rule-words">{words}</datalist>
        <section><h2>"Rules"</h2>{rules}</section>
        <section><h2>"New rule"</h2>{rule_form(None, &automation)}</section>
        <section><h2>"Who works when"</h2><p class="muted">"Whom a queue's rule gives tickets to: skills are compared with a ticket's tags, hours with the clock."</p>{workers(&automation)}</section>
        <section><h2>"Elsewhere"</h2>{elsewhere(automation.export)}</section>
    }
    .into_any()
}

fn deeds(rule: &Rule) -> AnyView {
    let id = rule.id.to_string();
    let (try_it, log) = (format!("/admin/automation?try={id}"), format!("/admin/automation?log={id}"));
    let (to, label) = if rule.enabled { ("false", "Turn off") } else { ("true", "Turn on") };
    view! {
        <div class="arranged__deeds">
            <QuickForm endpoint="enable_rule" class="quick--inline">
                <input type="hidden" name="id" value=id/><input type="hidden" name="enabled" value=to/>
                <button class="button" type="submit">{label}</button>
            </QuickForm>
            <A href=try_it attr:class="button button--ghost" scroll=false>"Try it"</A>
            <A href=log attr:class="button button--ghost" scroll=false>"Log"</A>
        </div>
    }
    .into_any()
}

#[component]
fn Remove(id: String) -> impl IntoView {
    view! {
        <QuickForm endpoint="delete_rule" class="quick--inline" done="Removed.">
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit"><Icon icon=Icon::Bin/>"Remove this rule"</button>
        </QuickForm>
    }
    .into_any()
}

fn workers(automation: &Automation) -> AnyView {
    let calendars: Vec<(String, String)> = std::iter::once((String::new(), "At any hour".to_owned()))
        .chain(automation.calendars.iter().map(|(id, name)| (id.to_string(), name.clone())))
        .collect();
    let row = |worker: &Worker| {
        let (id, now) = (worker.id.to_string(), worker.calendar_id.map(|id| id.to_string()).unwrap_or_default());
        let mut says = vec![match worker.skills.as_slice() {
            [] => "No skills".to_owned(),
            skills => skills.join(", "),
        }];
        let hours = automation.calendars.iter().find(|(id, _)| Some(*id) == worker.calendar_id);
        says.push(hours.map_or_else(|| "at any hour".to_owned(), |(_, name)| name.clone()));
        says.extend(worker.away.then(|| "away".to_owned()));
        let (skills_id, hours_id) = (format!("skills-{id}"), format!("hours-{id}"));
        let (hours_of, skills) = (options(calendars.clone(), &now), worker.skills.join(", "));
        let form = view! {
            <QuickForm endpoint="set_assignment" class="arranged__form" done="Saved.">
                <input type="hidden" name="person" value=id/>
                <label for=skills_id.clone()>"Skills"<span class="field__optional">" separated by commas"</span></label>
                <input id=skills_id name="skills" maxlength="400" placeholder="vpn, printer" value=skills/>
                <label for=hours_id.clone()>"Works"</label>
                <select id=hours_id name="calendar_id">{hours_of}</select>
                <button class="button button--primary" type="submit">"Save"</button>
            </QuickForm>
        }
        .into_any();
        view! { <Arrangement name=worker.name.clone() says=says.join(" · ") may_change=true form/> }
    };
    view! { <ul class="panel panel--plain">{automation.workers.iter().map(row).collect_view()}</ul> }.into_any()
}

fn elsewhere(export: Option<String>) -> AnyView {
    let out = match export {
        Some(text) => view! {
            <label for="exported">"All rules, to be taken to another desk"</label>
            <textarea id="exported" class="try__raw" readonly rows="10">{text}</textarea>
        }
        .into_any(),
        None => view! { <p><A href="/admin/automation?export=yes" attr:class="button" scroll=false>"Show all rules as text"</A></p> }.into_any(),
    };
    view! {
        {out}
        <QuickForm endpoint="import_rules" class="arranged__form" done="Taken over, turned off.">
            <label for="imported">"Rules of another desk"</label>
            <textarea id="imported" name="rules" class="try__raw" rows="4" required placeholder="[{\"name\": …}]"></textarea>
            <p class="field__hint">"They come turned off. Queues, people and macros are found by their names."</p>
            <button class="button" type="submit">"Take them over"</button>
        </QuickForm>
    }
    .into_any()
}
