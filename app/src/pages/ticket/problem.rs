//! A ticket as a problem: what causes others, and how people work on meanwhile.

use super::super::composer::Writing;
use super::folds::{Fold, Hidden};
use crate::ui::{Icon, QuickForm};
use leptos::prelude::*;
use oxdesk::search::KnownError;
use oxdesk::tickets::{Link, Problem, TicketId};

/// What is known of it, and a form for that; of a ticket that is none, the form alone.
#[component]
pub fn AboutProblem(id: TicketId, problem: Option<Problem>, links: Vec<Link>, may_update: bool) -> impl IntoView {
    if problem.is_none() && !may_update {
        return ().into_any();
    }
    let form = form(id, problem.as_ref());
    let count = problem.as_ref().filter(|problem| problem.is_known_error).map(|_| "known error".to_owned());
    let body = problem.map(|problem| {
        let said = |name: &'static str, text: Option<String>| {
            text.map(|text| view! { <h3>{name}</h3><p class="problem__text">{text}</p> })
        };
        let (cause, way) = (said("Cause", problem.root_cause), said("Workaround", problem.workaround));
        view! { <p class="muted">{grouped(&links)}</p>{cause}{way} }
    });
    view! { <Fold name="problem" title="Problem" count opens=may_update form>{body}</Fold> }.into_any()
}

/// How many tickets come from it, as far as the reader sees them.
fn grouped(links: &[Link]) -> String {
    let (all, open) = (links.len(), links.iter().filter(|link| link.ticket.status.is_open()).count());
    match all {
        0 => "No ticket is linked to it yet.".to_owned(),
        1 => format!("1 ticket comes from it, {open} open."),
        all => format!("{all} tickets come from it, {open} open."),
    }
}

fn form(id: TicketId, problem: Option<&Problem>) -> AnyView {
    let id = problem.map_or(id, |problem| problem.ticket_id);
    let version = problem.map(|problem| problem.version.to_string());
    let version = version.map(|version| view! { <Hidden name="problem[version]" value=version/> });
    let cause = problem.and_then(|problem| problem.root_cause.clone());
    let way = problem.and_then(|problem| problem.workaround.clone());
    let known = problem.is_some_and(|problem| problem.is_known_error);
    let drop = problem.map(|_| {
        view! {
            <QuickForm endpoint="drop_problem" done="It is no problem any more.">
                <Hidden name="id" value=id.to_string()/>
                <button class="button button--ghost" type="submit">"It is no problem"</button>
            </QuickForm>
        }
    });
    let hint = problem.is_none().then(|| {
        view! { <p class="field__hint">"When several tickets have one cause: link them to this one, and write down here what is known of it."</p> }
    });
    let (save, done) =
        if problem.is_some() { ("Save", "Saved.") } else { ("Make it a problem", "It is a problem now.") };
    view! {
        <QuickForm endpoint="save_problem" done>
            <Hidden name="id" value=id.to_string()/>{version}{hint}
            <label for="problem-cause">"Cause"</label>
            <textarea id="problem-cause" name="problem[root_cause]" rows="3" maxlength="20000">{cause}</textarea>
            <label for="problem-way">"Workaround"</label>
            <textarea id="problem-way" name="problem[workaround]" rows="3" maxlength="20000">{way}</textarea>
            <label class="check"><input type="checkbox" name="problem[is_known_error]" value="true" checked=known/>" Known error: offer it where people ask the same"</label>
            <button class="button" type="submit">{save}</button>
        </QuickForm>
        {drop}
    }
    .into_any()
}

/// What a ticket may come from, to be linked with it and to be put into the answer.
pub fn known_errors(id: TicketId, errors: Vec<KnownError>, writing: Option<Writing>) -> AnyView {
    if errors.is_empty() {
        return ().into_any();
    }
    let rows = errors.into_iter().map(|error| known_error(id, error, writing)).collect_view();
    view! { <section class="known known--error" aria-label="Known errors"><h2><Icon icon=Icon::Warning/>"Known errors"</h2><ul>{rows}</ul></section> }
        .into_any()
}

fn known_error(id: TicketId, error: KnownError, writing: Option<Writing>) -> AnyView {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let KnownError { ticket_number: number, subject, root_cause, workaround, is_linked } = error;
    let (link, put) =
        (format!("This ticket comes from {number}"), format!("Text: put the workaround of {number} into the answer"));
    let linked = number.clone();
    let link = (!is_linked && writing.is_some()).then(|| {
        view! {
            <QuickForm endpoint="link_tickets" class="quick--inline" done="Linked.">
                <Hidden name="id" value=id.to_string()/><Hidden name="link_type" value="RELATED"/><Hidden name="ticket" value=linked/>
                <button class="button button--ghost" type="submit" title=link>"Comes from it"</button>
            </QuickForm>
        }
    });
    let text = workaround.clone();
    let quote = writing.zip(text).map(|(writing, text)| {
        view! { <button type="button" class="button button--ghost" hidden=move || !hydrated.get() aria-label=put on:click=move |_| writing.add(&text, writing.node)>"Text"</button> }
    });
    let says = workaround.or(root_cause).map(|text| view! { <p class="known__solved">{text}</p> });
    view! {
        <li><a href=format!("/tickets/{number}")><span class="num">{number.clone()}</span>" "{subject}</a>{says}<span class="known__deeds">{link}{quote}</span></li>
    }
    .into_any()
}
