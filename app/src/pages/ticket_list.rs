//! The agents' list: what should I do next?

use super::bulk::{BulkForm, BulkState};
use super::filter_bar::{Bar, FilterBar};
use super::ticket::provide_form_failure;
use crate::functions::tickets::{Choices, list_tickets, ticket_choices};
use crate::live::use_live;
use crate::ui::{Avatar, DueRing, EmptyState, ErrorState, Icon, LoadingRows, PriorityBadge, StatusBadge, relative};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use oxdesk::tickets::{TicketList as List, TicketRow};

#[component]
pub fn TicketList() -> impl IntoView {
    let query = use_query_map();
    let live = use_live();
    let bar = Memo::new(move |_| Bar::of(&query.read()));
    let after = Memo::new(move |_| query.read().get("after"));
    provide_form_failure();
    let bulk = BulkState::new();
    let choices = Resource::new(|| (), |()| ticket_choices());
    let list = Resource::new(
        move || (bar.get().filter().0, after.get(), live.track()),
        |(filter, after, _)| list_tickets(filter, after),
    );
    view! {
        // Not a closure inside the title: on the server it would be read after this page's signals are gone.
        {move || view! { <Title text=bar.read().title()/> }}
        <section class="list" aria-label="Tickets">
            <header class="bar">
                <h1>{move || bar.read().title()}</h1>
                <span class="grow"></span>
                <A href="/tickets/new" attr:class="button button--primary" attr:data-key="c"><Icon icon=Icon::Plus/>"New ticket"<kbd aria-hidden="true">"C"</kbd></A>
            </header>
            {move || view! { <FilterBar bar=bar.get()/> }}
            <Transition fallback=|| view! { <LoadingRows rows=12/> }>
                {move || Suspend::new(async move {
                    match (list.await, choices.await) {
                        (Ok(list), Ok(choices)) => view! { <Rows list choices bulk bar=bar.get_untracked()/> }.into_any(),
                        (Err(error), _) | (_, Err(error)) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Rows(list: List, choices: Choices, bulk: BulkState, bar: Bar) -> impl IntoView {
    if list.rows.is_empty() {
        return view! { <EmptyState title="Nothing here" text="No ticket matches. All done, or try another filter."/> }
            .into_any();
    }
    let now = list.now;
    let older = list.next.map(|next| format!("{}&after={next}", bar.href()));
    view! {
        <BulkForm choices state=bulk>
            <ol class="rows">
                {list.rows.into_iter().map(|row| view! { <li><Pick row=&row/><TicketRowView row now/></li> }).collect_view()}
            </ol>
        </BulkForm>
        {older.map(|href| view! { <p class="pager"><A href=href attr:class="button">"Next page"</A></p> })}
    }
    .into_any()
}

/// The box that chooses a row. The key X ticks the focused row's.
#[component]
fn Pick<'a>(row: &'a TicketRow) -> impl IntoView + use<> {
    let label = format!("Choose {}", row.ticket_number);
    view! { <input class="row__pick" type="checkbox" name="ids[]" value=row.id.to_string() aria-label=label/> }
}

#[component]
fn TicketRowView(row: TicketRow, now: oxdesk::Timestamp) -> impl IntoView {
    let assignee = row.assignee.map(|person| person.name);
    let assigned = assignee.as_ref().map_or("Not assigned".to_owned(), |name| format!("Assigned to {name}"));
    let age = row.due_at.is_none().then(
        || view! { <time class="muted" datetime=row.created_at.to_string()>{relative(row.created_at, now)}</time> },
    );
    view! {
        // A plain link: the router takes it as one of its own, without one resolver for each row.
        <a href=format!("/tickets/{}", row.ticket_number) class="row">
            <PriorityBadge priority=row.priority/>
            <span class="num">{row.ticket_number.to_string()}</span>
            <StatusBadge status=row.status/>
            <span class="row__subject"><b>{row.subject}</b>" "<span>{row.excerpt}</span></span>
            <span class="row__tags">{row.tags.into_iter().take(3).map(|tag| view! { <span class="tag">{tag}</span> }).collect_view()}</span>
            <span class="row__assignee"><Avatar name=assignee/><span class="sr-only">{assigned}</span></span>
            <span class="row__due"><DueRing due_at=row.due_at created_at=row.created_at now/>{age}</span>
        </a>
    }
    .into_any()
}
