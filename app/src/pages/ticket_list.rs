//! The agents' list: what should I do next?

use crate::functions::tickets::list_tickets;
use crate::live::use_live;
use crate::ui::{
    Avatar, DueRing, EmptyState, ErrorState, FallbackSubmit, Icon, LoadingRows, PriorityBadge, Select, StatusBadge,
    relative,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::{A, Form};
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::tickets::{
    AssigneeFilter, TicketFilter, TicketList as List, TicketPriority, TicketRow, TicketSort, TicketStatus,
};

#[component]
pub fn TicketList() -> impl IntoView {
    let query = use_query_map();
    let live = use_live();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (filter_of(&query), query.get("after"))
    });
    let list = Resource::new(move || (asked.get(), live.track()), |((filter, after), _)| list_tickets(filter, after));
    view! {
        // Not a closure inside the title: on the server it would be read after this page's signals are gone.
        {move || view! { <Title text=title_of(&query.read())/> }}
        <section class="list" aria-label="Tickets">
            <header class="bar">
                <h1>{move || title_of(&query.read())}</h1>
                <span class="grow"></span>
                <A href="/tickets/new" attr:class="button button--primary" attr:data-key="c"><Icon icon=Icon::Plus/>"New ticket"<kbd aria-hidden="true">"C"</kbd></A>
            </header>
            {move || view! { <Filters query=query.get()/> }}
            <Transition fallback=|| view! { <LoadingRows rows=12/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => view! { <Rows list query=query.get_untracked()/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

/// What the address asks for. Words it does not know are ignored: an old link still opens.
fn filter_of(query: &ParamsMap) -> TicketFilter {
    let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let words = text("q");
    let status = match text("status").as_deref() {
        // A search looks everywhere, a list at what is open.
        None if words.is_none() => TicketStatus::OPEN.to_vec(),
        None | Some("any") => Vec::new(),
        Some("open") => TicketStatus::OPEN.to_vec(),
        Some(word) => word.parse().map(|status| vec![status]).unwrap_or_default(),
    };
    TicketFilter {
        status,
        priority: text("priority").and_then(|word| word.parse().ok()).into_iter().collect(),
        assignee: match text("assignee").as_deref() {
            Some("me") => Some(AssigneeFilter::Me),
            Some("none") => Some(AssigneeFilter::Nobody),
            Some(id) => id.parse().ok().map(AssigneeFilter::Person),
            None => None,
        },
        queue: text("queue").and_then(|id| id.parse().ok()),
        tag: text("tag"),
        mine: false,
        overdue: text("overdue").is_some(),
        words,
        sort: Some(text("sort").and_then(|word| word.parse().ok()).unwrap_or(TicketSort::Due)),
    }
}

fn title_of(query: &ParamsMap) -> String {
    if let Some(words) = query.get("q").filter(|words| !words.trim().is_empty()) {
        return format!("Search: {words}");
    }
    match (query.get("assignee").as_deref(), query.get("overdue")) {
        (_, Some(_)) => "Overdue",
        (Some("me"), _) => "My tickets",
        (Some("none"), _) => "Unassigned",
        _ => "Inbox",
    }
    .to_owned()
}

/// The filter bar: a plain GET form, so that every filter is in the address.
#[component]
fn Filters(query: ParamsMap) -> impl IntoView {
    let value = |name: &str| query.get(name).unwrap_or_default();
    let kept = ["assignee", "overdue", "queue", "tag", "q"]
        .into_iter()
        .filter_map(|name| query.get(name).map(|value| view! { <input type="hidden" name=name value=value/> }))
        .collect_view();
    let pair = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let statuses = [pair("open", "Open"), pair("any", "Any status")]
        .into_iter()
        .chain(TicketStatus::ALL.iter().map(|status| pair(status.as_str(), status.label())))
        .collect();
    let priorities = std::iter::once(pair("", "Any priority"))
        .chain(TicketPriority::ALL.iter().rev().map(|priority| pair(priority.as_str(), priority.label())))
        .collect();
    let sorts = vec![
        pair("due", "Next deadline"),
        pair("created", "Newest"),
        pair("updated", "Last change"),
        pair("priority", "Priority"),
    ];
    let default_status = if query.get("q").is_some() { "any" } else { "open" };
    let (priority, sort) = (value("priority"), value("sort"));
    let status = Some(value("status")).filter(|status| !status.is_empty()).unwrap_or_else(|| default_status.to_owned());
    view! {
        <Form method="GET" action="/tickets" attr:class="filters">
            {kept}
            <Select name="status" label="Status" hide_label=true options=statuses selected=status submits=true/>
            <Select name="priority" label="Priority" hide_label=true options=priorities selected=priority submits=true/>
            <Select name="sort" label="Sorted by" hide_label=true options=sorts selected=sort submits=true/>
            <FallbackSubmit label="Apply" class="button button--ghost filters__apply"/>
        </Form>
    }
    .into_any()
}

#[component]
fn Rows(list: List, query: ParamsMap) -> impl IntoView {
    if list.rows.is_empty() {
        return view! { <EmptyState title="Nothing here" text="No ticket matches. All done, or try another filter."/> }
            .into_any();
    }
    let now = list.now;
    let older = list.next.map(|next| {
        let mut query = query;
        query.replace("after", next);
        format!("/tickets{}", query.to_query_string())
    });
    view! {
        <ol class="rows">
            {list.rows.into_iter().map(|row| view! { <li><TicketRowView row now/></li> }).collect_view()}
        </ol>
        {older.map(|href| view! { <p class="pager"><A href=href attr:class="button">"Next page"</A></p> })}
    }
    .into_any()
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
