//! What a rule did, and what it would do.

use crate::ui::{Ago, EmptyState};
use leptos::prelude::*;
use leptos_router::components::A;
use oxdesk::Timestamp;
use oxdesk::automation::{RuleOutcome, RuleRun, Tried};

/// What a rule would do, were it tried on the tickets that changed last.
pub fn tried(list: &[Tried]) -> AnyView {
    let fires = list.iter().filter(|tried| tried.fires).count();
    let row = |tried: &Tried| {
        let number = tried.ticket_number.to_string();
        view! {
            <li class="rule__told" class:rule__told--missed=!tried.fires>
                <A href=format!("/tickets/{number}")>{number.clone()}</A><span>{tried.subject.clone()}</span>
                <small>{tried.said.join(" · ")}</small>
            </li>
        }
    };
    // Those it fires on first: they are what one looks for.
    let rows = list.iter().filter(|tried| tried.fires).chain(list.iter().filter(|tried| !tried.fires)).map(row);
    view! {
        <div class="rule__below" id="tried">
            <p><b>{format!("It would fire on {fires} of the {} tickets that changed last.", list.len())}</b>" Nothing was done."</p>
            <ul>{rows.collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// What a rule did, and on what it did not fire.
pub fn log(list: &[RuleRun], now: Timestamp) -> AnyView {
    if list.is_empty() {
        return view! { <EmptyState title="Nothing yet" text="It was not tried on any ticket since it is on."/> }
            .into_any();
    }
    let row = |run: &RuleRun| {
        let number = run.ticket_number.to_string();
        let missed = matches!(run.outcome, RuleOutcome::Missed | RuleOutcome::Loop);
        let said = match run.said.as_slice() {
            [] => run.outcome.label().to_owned(),
            said => format!("{}: {}", run.outcome.label(), said.join(" · ")),
        };
        view! {
            <li class="rule__told" class:rule__told--missed=missed class:rule__told--failed=run.outcome == RuleOutcome::Failed>
                <A href=format!("/tickets/{number}")>{number.clone()}</A><span>{run.subject.clone()}</span><Ago at=run.created_at now/>
                <small>{said}</small>
            </li>
        }
    };
    view! { <div class="rule__below" id="log"><ul>{list.iter().map(row).collect_view()}</ul></div> }.into_any()
}
