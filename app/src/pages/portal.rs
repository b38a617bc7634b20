//! The requesters' side: ask, and see what became of it.

use super::request_form::RequestForm;
use crate::functions::people::use_viewer;
use crate::functions::tickets::list_tickets;
use crate::live::use_live;
use crate::ui::{EmptyState, ErrorState, LoadingRows, StatusBadge, relative};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use oxdesk::tickets::{TicketFilter, TicketList, TicketSort, TicketStatus};

#[component]
pub fn PortalHome() -> impl IntoView {
    view! {
        <Title text="Help"/>
        <section class="hero">
            <h1>"What can we help you with?"</h1>
            <p>"Say it in a sentence. A person reads every request."</p>
            <form class="ask" method="get" action="/portal/new">
                <label class="sr-only" for="subject">"What is wrong?"</label>
                <input class="ask__field" id="subject" name="subject" maxlength="200" placeholder="My screen stays black after the update"/>
                <button class="button button--primary button--large" type="submit">"Ask for help"</button>
            </form>
        </section>
        {use_viewer().map(|_| view! {
            <section class="portal__section"><h2>"My open requests"</h2><Requests open=true/></section>
        })}
    }
    .into_any()
}

#[component]
pub fn PortalNew() -> impl IntoView {
    let query = use_query_map();
    let subject = query.read_untracked().get("subject").unwrap_or_default();
    let error = query.read_untracked().get("error");
    view! {
        <Title text="New request"/>
        <div class="portal__column">
            <h1>"Tell us what happened"</h1>
            <RequestForm subject stranger=use_viewer().is_none() error/>
        </div>
    }
    .into_any()
}

#[component]
pub fn PortalThanks() -> impl IntoView {
    let number = use_query_map().read_untracked().get("number").filter(|number| number.len() < 30);
    view! {
        <Title text="Thank you"/>
        <div class="portal__column">
            <h1>"Thank you, we have it"</h1>
            {number.map(|number| view! { <p>"Your request is "<b class="num">{number}</b>". Keep the number: we answer by mail."</p> })}
            <p>"With an account for the same address you can follow it here."</p>
            <p class="portal__actions"><a class="button button--primary" href="/register">"Make an account"</a><a class="button" href="/portal">"Back to the start"</a></p>
        </div>
    }
    .into_any()
}

#[component]
pub fn PortalRequests() -> impl IntoView {
    view! {
        <Title text="My requests"/>
        <div class="portal__column"><h1>"My requests"</h1><Requests open=false/></div>
    }
    .into_any()
}

/// The viewer's own tickets.
#[component]
fn Requests(open: bool) -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let list = Resource::new(
        move || (query.read().get("after").filter(|_| !open), live.track()),
        move |(after, _)| {
            let filter = TicketFilter {
                mine: true,
                status: if open { TicketStatus::OPEN.to_vec() } else { Vec::new() },
                sort: Some(TicketSort::Created),
                ..TicketFilter::default()
            };
            list_tickets(filter, after)
        },
    );
    view! {
        <Transition fallback=|| view! { <LoadingRows rows=3/> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) if list.rows.is_empty() => view! {
                        <EmptyState title="No requests" text="When you ask for help, it stands here with its answers.">
                            <A href="/portal/new" attr:class="button button--primary">"Ask for help"</A>
                        </EmptyState>
                    }.into_any(),
                    Ok(list) => view! { <RequestPanel list/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn RequestPanel(list: TicketList) -> impl IntoView {
    let now = list.now;
    let rows = list
        .rows
        .into_iter()
        .map(|row| {
            view! {
                <li><A href=format!("/portal/requests/{}", row.ticket_number)>
                    <b>{row.subject}</b><StatusBadge status=row.status/>
                    <small>{row.ticket_number.to_string()}" · sent "{relative(row.created_at, now)}</small>
                </A></li>
            }
        })
        .collect_view();
    view! {
        <ul class="panel">{rows}</ul>
        {list.next.map(|next| view! { <p class="pager"><A href=format!("/portal/requests?after={next}") attr:class="button">"Older"</A></p> })}
    }
    .into_any()
}
