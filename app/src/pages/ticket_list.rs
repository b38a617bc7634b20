//! The agents' list: what should I do next?

use super::bulk::{BulkForm, BulkState};
use super::filter_bar::{Bar, FilterBar};
use super::row_choice;
use super::ticket::{OneTicket, provide_form_failure};
use crate::functions::tickets::{Choices, group_tickets, list_tickets, ticket_choices};
use crate::live::use_live;
use crate::ui::{Avatar, DueRing, EmptyState, ErrorState, Icon, LoadingRows, PriorityBadge, StatusBadge, relative};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use oxdesk::Timestamp;
use oxdesk::tickets::{TicketColumn, TicketGroup, TicketList as List, TicketRow};

#[component]
pub fn TicketList() -> impl IntoView {
    let query = use_query_map();
    let bar = Memo::new(move |_| Bar::of(&query.read()));
    let is_split = Memo::new(move |_| bar.read().open.is_some());
    provide_form_failure();
    view! {
        // Not a closure inside the title: on the server it would be read after this page's signals are gone.
        {move || view! { <Title text=bar.read().title()/> }}
        <div class="split" class:split--beside=is_split>
            <section class="list" aria-label="Tickets"><Listed bar/></section>
            {move || is_split.get().then(|| view! { <Beside bar/> })}
        </div>
    }
    .into_any()
}

/// The ticket beside the list.
#[component]
fn Beside(bar: Memo<Bar>) -> impl IntoView {
    let number = Memo::new(move |_| bar.read().open.clone().unwrap_or_default());
    let is_chosen = Memo::new(move |_| !number.read().is_empty());
    view! {
        <div class="split__beside">
            {move || if is_chosen.get() {
                view! { <OneTicket number/> }.into_any()
            } else {
                view! { <EmptyState title="Choose a ticket" text="It opens here, beside the list: j and k move, Enter opens."/> }.into_any()
            }}
        </div>
    }
    .into_any()
}

/// What the list shows: a page of rows, or the first rows of each group.
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
enum Shown {
    Page(List),
    Groups(Vec<TicketGroup>),
}

#[component]
fn Listed(bar: Memo<Bar>) -> impl IntoView {
    let query = use_query_map();
    let pointed = RwSignal::new(false);
    // Nor does what was chosen go when others work on the same tickets.
    let chosen = RwSignal::new(false);
    let held = use_live().held_while(Signal::derive(move || pointed.get() || chosen.get()));
    // A finger does not rest on the list as a mouse does.
    let enter = move |event: leptos::ev::PointerEvent| pointed.set(event.pointer_type() == "mouse");
    let after = Memo::new(move |_| query.read().get("after"));
    let bulk = BulkState::new();
    let choices = Resource::new(|| (), |()| ticket_choices());
    // Another ticket beside the list is no reason to fetch the list again.
    let asked = Memo::new(move |_| (bar.read().filter().0, bar.read().group));
    let looks = Memo::new(move |_| (bar.read().columns.clone(), bar.read().open.is_some()));
    let list = Resource::new(
        move || (asked.get(), after.get(), held.track()),
        |((filter, group), after, _)| async move {
            match group {
                Some(group) => group_tickets(filter, group).await.map(Shown::Groups),
                None => list_tickets(filter, after).await.map(Shown::Page),
            }
        },
    );
    let (icon, toggled) = (Icon::Menu, move || {
        let open = if bar.read().open.is_some() { None } else { Some(String::new()) };
        Bar { open, ..bar.get() }.href()
    });
    view! {
        <header class="bar">
            <h1>{move || bar.read().title()}</h1>
            <span class="grow"></span>
            <a class="button button--ghost" href=toggled title="List and ticket side by side"><Icon icon/>"Side by side"</a>
            <A href="/tickets/new" attr:class="button button--primary" attr:data-key="c"><Icon icon=Icon::Plus/>"New ticket"<kbd aria-hidden="true">"C"</kbd></A>
        </header>
        {move || view! { <FilterBar bar=bar.get()/> }}
        <div class="list__rows" on:pointerenter=enter on:pointerleave=move |_| pointed.set(false) on:change=move |_| chosen.set(row_choice::any_chosen())>
        <p class="list__waits" role="status">{move || held.is_waiting().then(|| view! { <button type="button" class="button" on:click=move |_| held.release()>"Show what changed"</button> })}</p>
        <Transition fallback=|| view! { <LoadingRows rows=12/> }>
            {move || Suspend::new(async move {
                match (list.await, choices.await) {
                    (Ok(shown), Ok(choices)) => {
                        let (shown, choices) = (StoredValue::new(shown), StoredValue::new(choices));
                        // Other columns, and links that open beside the list, are the same rows shown otherwise.
                        let rows = move || {
                            // Read, not only tracked: a memo that nobody has read yet listens to nothing.
                            let _ = looks.get();
                            row_choice::keep(chosen);
                            view! { <Rows shown=shown.get_value() choices=choices.get_value() bulk bar/> }
                        };
                        rows.into_any()
                    }
                    (Err(error), _) | (_, Err(error)) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Rows(shown: Shown, choices: Choices, bulk: BulkState, bar: Memo<Bar>) -> impl IntoView {
    let at = bar.get_untracked();
    let (body, older) = match shown {
        Shown::Page(list) if list.rows.is_empty() => return nothing(),
        Shown::Groups(groups) if groups.is_empty() => return nothing(),
        Shown::Page(list) => {
            let older = list.next.map(|next| format!("{}&after={next}", at.href()));
            (rows(list.rows, bar, list.now), older)
        }
        Shown::Groups(groups) => {
            let views = groups.into_iter().map(|group| view! { <Group group bar/> }).collect_view();
            (views.into_any(), None)
        }
    };
    view! {
        <BulkForm choices state=bulk>{body}</BulkForm>
        {older.map(|href| view! { <p class="pager"><A href=href attr:class="button">"Next page"</A></p> })}
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! { <EmptyState title="Nothing here" text="No ticket matches. All done, or try another filter."/> }.into_any()
}

#[component]
fn Group(group: TicketGroup, bar: Memo<Bar>) -> impl IntoView {
    let (key, value) = group.token;
    let all = bar.get_untracked().narrowed(&key, &value);
    let count = if group.more { format!("{}+", group.rows.len()) } else { group.rows.len().to_string() };
    let more = group.more.then(|| view! { <a class="group__more" href=all.clone()>"All of these"</a> });
    let name = group.label.clone();
    view! {
        <section class="group" aria-label=name>
            <h2 class="group__head"><a href=all>{group.label}</a><span class="muted num">{count}</span>{more}</h2>
            {rows(group.rows, bar, group.now)}
        </section>
    }
    .into_any()
}

fn rows(rows: Vec<TicketRow>, bar: Memo<Bar>, now: Timestamp) -> AnyView {
    let columns = bar.get_untracked().columns;
    let row = |row: TicketRow| {
        let columns = columns.clone();
        view! { <li><Pick row=&row/><Acts row=&row/><TicketRowView row columns bar now/></li> }
    };
    view! { <ol class="rows">{rows.into_iter().map(row).collect_view()}</ol> }.into_any()
}

/// The box that chooses a row. The key X ticks the focused row's.
#[component]
fn Pick<'a>(row: &'a TicketRow) -> impl IntoView + use<> {
    let label = format!("Choose {}", row.ticket_number);
    view! { <input class="row__pick" type="checkbox" name="ids[]" value=row.id.to_string() aria-label=label/> }
}

/// What can be done to a row without opening it: buttons of the form around the list, with an address of their own.
#[component]
fn Acts<'a>(row: &'a TicketRow) -> impl IntoView + use<> {
    if !row.status.is_open() {
        return ().into_any();
    }
    let (id, number) = (row.id, &row.ticket_number);
    let act = |deed: &str, says: &'static str, icon: Icon| {
        let label = format!("{says}: {number}");
        view! {
            <button class="row__act" type="submit" formaction="/fn/act_on_row" formnovalidate name="act" value=format!("{deed}:{id}") title=says aria-label=label><Icon icon/></button>
        }
    };
    view! { <span class="row__acts">{act("take", "Take it", Icon::Person)}{act("tomorrow", "Put off until tomorrow", Icon::Clock)}</span> }.into_any()
}

#[component]
fn TicketRowView(row: TicketRow, columns: Vec<TicketColumn>, bar: Memo<Bar>, now: Timestamp) -> impl IntoView {
    let number = row.ticket_number.to_string();
    let href = bar.get_untracked().ticket_href(&number);
    // Where the list stands beside a ticket, the row of that ticket is marked; elsewhere no row listens.
    let current = bar.get_untracked().open.is_some().then(|| {
        let number = number.clone();
        move || (bar.read().open.as_deref() == Some(number.as_str())).then_some("true")
    });
    let cells = columns.into_iter().map(|column| cell(column, &row, now)).collect_view();
    let (priority, status) = (row.priority, row.status);
    view! {
        // A plain link: the router takes it as one of its own, without one resolver for each row.
        <a href=href class="row" aria-current=move || current.as_ref().and_then(|current| current())>
            <PriorityBadge priority/>
            <span class="num">{number}</span>
            <StatusBadge status/>
            <span class="row__subject"><b>{row.subject}</b>" "<span>{row.excerpt}</span></span>
            <span class="row__cells">{cells}</span>
        </a>
    }
    .into_any()
}

fn cell(column: TicketColumn, row: &TicketRow, now: Timestamp) -> AnyView {
    let text = |class: &'static str, text: Option<String>| {
        let says = text.clone();
        view! { <span class=class title=says>{text}</span> }.into_any()
    };
    let moment = |at: Timestamp| {
        view! { <time class="row__time muted" datetime=at.to_string()>{relative(at, now)}</time> }.into_any()
    };
    match column {
        TicketColumn::Tags => {
            let tags =
                row.tags.iter().take(3).map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view();
            view! { <span class="row__tags">{tags}</span> }.into_any()
        }
        TicketColumn::Requester => text("row__text", Some(row.requester_name.clone())),
        TicketColumn::Queue => text("row__text", row.queue.clone()),
        TicketColumn::Category => text("row__text", row.category.clone()),
        TicketColumn::Created => moment(row.created_at),
        TicketColumn::Updated => moment(row.updated_at),
        TicketColumn::Assignee => {
            let name = row.assignee.as_ref().map(|person| person.name.clone());
            let says = name.as_ref().map_or("Not assigned".to_owned(), |name| format!("Assigned to {name}"));
            view! { <span class="row__assignee"><Avatar name/><span class="sr-only">{says}</span></span> }.into_any()
        }
        TicketColumn::Due => {
            let age = row.due_at.is_none().then(|| moment(row.created_at));
            view! { <span class="row__due"><DueRing due_at=row.due_at created_at=row.created_at now/>{age}</span> }
                .into_any()
        }
    }
}
