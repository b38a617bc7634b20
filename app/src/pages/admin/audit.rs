//! The audit log: who did what, when, from where, and what was there before.

use super::options;
use crate::functions::audit::{AuditAsked, AuditEntryShown, AuditShown, read_audit};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::Timestamp;
use oxdesk::audit::{AuditCheck, AuditFilter, ChangedField, Verified};

#[component]
pub fn AuditPage() -> impl IntoView {
    provide_form_failure();
    let query = use_query_map();
    let asked = Memo::new(move |_| asked(&query.read()));
    let live = use_live();
    let entries = Resource::new(move || (asked.get(), live.track_own()), |(asked, _)| read_audit(asked));
    view! {
        <Title text="Audit log"/>
        <div class="sheet sheet--list">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || {
                    let asked = asked.get();
                    Suspend::new(async move {
                        match entries.await {
                            Ok(shown) => show(&asked, shown),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn asked(query: &ParamsMap) -> AuditAsked {
    let said = |name: &str| query.get(name).filter(|text| !text.is_empty());
    let filter = AuditFilter {
        user_id: said("user_id").and_then(|id| id.parse().ok()),
        email: said("email"),
        action: said("action"),
        entity_type: said("entity_type"),
        entity_id: said("entity_id"),
        from: said("from"),
        until: said("until"),
    };
    AuditAsked { filter, after: said("after") }
}

fn href(path: &str, filter: &AuditFilter, more: &[(&str, &str)]) -> String {
    let mut query = ParamsMap::new();
    let user = filter.user_id.map(|id| id.to_string());
    let AuditFilter { user_id: _, email, action, entity_type, entity_id, from, until } = filter;
    for (name, value) in [
        ("user_id", &user),
        ("email", email),
        ("action", action),
        ("entity_type", entity_type),
        ("entity_id", entity_id),
        ("from", from),
        ("until", until),
    ] {
        if let Some(value) = value {
            query.insert(name.to_owned(), value.clone());
        }
    }
    for (name, value) in more {
        query.insert((*name).to_owned(), (*value).to_owned());
    }
    format!("{path}{}", query.to_query_string())
}

fn show(asked: &AuditAsked, shown: AuditShown) -> AnyView {
    let AuditShown { entries, next, actions, entity_types, check, now } = shown;
    let filter = &asked.filter;
    let next = next.map(|next| {
        let href = href("/admin/audit", filter, &[("after", &next)]);
        view! { <p class="pager"><a href=href class="button">"Next page"</a></p> }
    });
    let only = only(filter, &entries);
    let list = match entries.is_empty() {
        true => view! { <EmptyState title="Nothing was recorded like this" text="Ask for less, or for more days."/> }
            .into_any(),
        false => {
            let entries = entries.into_iter().map(entry).collect_view();
            view! { <ol class="audit" aria-label="Entries">{entries}</ol> }.into_any()
        }
    };
    let check = check.map(|check| told(check, now));
    let (head, search) = (head(filter), search(filter, actions, entity_types));
    view! { {head}{check}{search}{only}{list}{next} }.into_any()
}

/// What narrows the list without a field of the form: it was come to by a link.
fn only(filter: &AuditFilter, entries: &[AuditEntryShown]) -> Option<AnyView> {
    let who = filter.user_id.map(|_| match entries.first() {
        Some(first) => format!("Only what {} did.", first.who),
        None => "Only what one person did.".to_owned(),
    });
    let what = filter.entity_id.as_ref().map(|id| {
        let kind = filter.entity_type.as_deref().map(in_words).unwrap_or_default();
        match is_identifier(id) {
            true => format!("Only what happened to one {kind}."),
            false => format!("Only what happened to {kind} {id}."),
        }
    });
    let says = [who, what].into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!says.is_empty()).then(|| view! { <p class="muted audit__only">{says}</p> }.into_any())
}

/// Whether an id is one that says nothing to a person; a setting's key does.
fn is_identifier(id: &str) -> bool {
    id.len() == 36 && id.matches('-').count() == 4
}

fn head(filter: &AuditFilter) -> AnyView {
    let (table, lines) = (href("/admin/audit/export.csv", filter, &[]), href("/admin/audit/export.jsonl", filter, &[]));
    view! {
        <header class="sheet__head kb__head">
            <div><h1>"Audit log"</h1><p class="muted">"Who did what, from where, and what was there before. Each entry is chained to the one before it: none can be changed or removed without it showing."</p></div>
            <span class="arranged__deeds">
                <QuickForm endpoint="check_audit" class="quick--inline"><button class="button button--ghost" type="submit"><Icon icon=Icon::Check/>"Check the chain"</button></QuickForm>
                <a class="button button--ghost" href=table rel="external" download="">"CSV"</a>
                <a class="button button--ghost" href=lines rel="external" download="">"JSON lines"</a>
            </span>
        </header>
    }
    .into_any()
}

/// What the walk along the chain found, or that it is under way.
fn told(check: AuditCheck, now: Timestamp) -> AnyView {
    let AuditCheck { asked_at, done_at, found } = check;
    let Some(found) = found else {
        return view! { <div class="notice audit__notice" role="status"><p>"The chain is being checked, since "<Ago at=asked_at now/>". "<a class="linked" href="/admin/audit" rel="external">"Look again"</a></p></div><LookAgain/> }.into_any();
    };
    let at = done_at.unwrap_or(asked_at);
    match found {
        Verified::Whole { entries, last } => {
            let anchor = last.map(|last| view! { <code class="audit__anchor">{last.to_string()}</code> });
            let says = format!(
                "The chain is whole: {entries} entries, each as it was written. Kept elsewhere, this anchor proves it later, too:"
            );
            view! { <div class="notice audit__notice" role="status"><Icon icon=Icon::Check/><p>{says}{anchor}" Checked "<Ago at now/>"."</p></div> }.into_any()
        }
        Verified::Broken { position, audit_log_id, why } => {
            let place = position.map(|position| format!(" at {position}")).unwrap_or_default();
            let entry = audit_log_id.map(|id| format!(", entry {id}")).unwrap_or_default();
            let says = format!("The chain is broken{place}{entry}: {why}.");
            view! { <div class="notice notice--alert audit__notice" role="alert"><p>{says}" Checked "<Ago at now/>"."</p></div> }.into_any()
        }
    }
}

/// Reads the page again in a moment.
#[component]
fn LookAgain() -> impl IntoView {
    let live = use_live();
    Effect::new(move |_| set_timeout(move || live.bump(), LOOKS_AGAIN));
}

/// A walk takes two seconds for a hundred thousand entries.
const LOOKS_AGAIN: std::time::Duration = std::time::Duration::from_secs(2);

fn search(filter: &AuditFilter, actions: Vec<String>, entity_types: Vec<String>) -> AnyView {
    let choices = |any: &str, all: Vec<String>| {
        let words = all.into_iter().map(|word| (word.clone(), in_words(&word)));
        std::iter::once((String::new(), any.to_owned())).chain(words).collect::<Vec<_>>()
    };
    let (action, entity_type) =
        (filter.action.clone().unwrap_or_default(), filter.entity_type.clone().unwrap_or_default());
    let actions = options(choices("Anything done", actions), &action);
    let entity_types = options(choices("To anything", entity_types), &entity_type);
    let (email, from, until) = (filter.email.clone(), filter.from.clone(), filter.until.clone());
    let kept = [("user_id", filter.user_id.map(|id| id.to_string())), ("entity_id", filter.entity_id.clone())];
    let kept = kept.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let kept = kept.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let is_narrowed = *filter != AuditFilter::default();
    let all = is_narrowed.then(|| view! { <a class="linked" href="/admin/audit">"Everything"</a> });
    view! {
        <form class="people__search audit__search" method="get" action="/admin/audit" role="search" aria-label="Audit log">
            <input type="search" name="email" maxlength="254" aria-label="Whose deeds, by e-mail" placeholder="E-mail of who did it" value=email/>
            <select name="action" aria-label="What was done">{actions}</select>
            <select name="entity_type" aria-label="To what">{entity_types}</select>
            <label>"From"<input type="date" name="from" value=from/></label>
            <label>"Until"<input type="date" name="until" value=until/></label>
            {kept}
            <button class="button" type="submit">"Search"</button>{all}
        </form>
    }
    .into_any()
}

/// The log's words as a person says them: `LOGIN_FAILED` is "login failed".
fn in_words(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

fn entry(entry: AuditEntryShown) -> AnyView {
    let action = in_words(&entry.action);
    let thing = entry.entity_type.as_deref().map(in_words).unwrap_or_default();
    // A name says more than an id.
    let named = entry.description.clone().or_else(|| entry.entity_id.clone().filter(|id| !is_identifier(id)));
    let who = entry.who.clone();
    let is_bad = matches!(entry.action.as_str(), "LOGIN_FAILED" | "REFUSED");
    let (details, anchor) = (details(&entry), format!("entry-{}", entry.id));
    view! {
        <li id=anchor>
            <details class="audit__entry">
                <summary>
                    <time datetime=entry.instant>{entry.at}</time>
                    <span class="audit__who">{who}</span>
                    <span class="audit__what"><b class="tag" class:tag--bad=is_bad>{action}</b>" "{thing}" "<span class="muted">{named}</span></span>
                </summary>
                {details}
            </details>
        </li>
    }
    .into_any()
}

fn details(entry: &AuditEntryShown) -> AnyView {
    let changes = (!entry.fields.is_empty()).then(|| {
        let rows = entry.fields.iter().cloned().map(changed).collect_view();
        view! {
            <div class="table-frame" tabindex="0" role="region" aria-label="What changed"><table class="table">
                <thead><tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
    });
    let facts = [
        ("Door", &entry.origin),
        ("Address", &entry.ip_address),
        ("Program", &entry.user_agent),
        ("Request", &entry.request_id),
        ("Id of it", &entry.entity_id),
    ];
    let facts = facts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
    let place = entry.position.map(|position| ("Place in the chain", position.to_string()));
    let facts = facts.chain(place);
    let facts = facts.map(|(name, text)| view! { <div><dt>{name}</dt><dd>{text}</dd></div> }).collect_view();
    let of_it = AuditFilter {
        entity_type: entry.entity_type.clone(),
        entity_id: entry.entity_id.clone(),
        ..AuditFilter::default()
    };
    let of_it = entry.entity_id.as_ref().map(|_| {
        let href = href("/admin/audit", &of_it, &[]);
        view! { <a class="linked" href=href>"All that happened to it"</a> }
    });
    let by_them = entry.user_id.as_ref().and_then(|id| id.parse().ok()).map(|user_id| {
        let deeds = AuditFilter { user_id: Some(user_id), ..AuditFilter::default() };
        let (deeds, person) = (href("/admin/audit", &deeds, &[]), format!("/admin/people/{user_id}"));
        view! { <a class="linked" href=deeds>"All that they did"</a><a class="linked" href=person>"Who they are"</a> }
    });
    view! { <div class="audit__details">{changes}<dl class="facts facts--one">{facts}</dl><p class="audit__links">{of_it}{by_them}</p></div> }.into_any()
}

fn changed(field: ChangedField) -> AnyView {
    let side = |text: Option<String>| match text {
        Some(text) => view! { <td class="table__wide">{text}</td> }.into_any(),
        None => view! { <td class="table__wide muted">"—"</td> }.into_any(),
    };
    let name = if field.name.is_empty() { "value".to_owned() } else { field.name };
    let (before, after) = (side(field.before), side(field.after));
    view! { <tr><th scope="row">{name}</th>{before}{after}</tr> }.into_any()
}
