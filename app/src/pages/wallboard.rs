//! A screen on the wall: what waits, what is due, who is at work, readable from three metres.

use crate::functions::reports::read_wallboard;
use crate::live::use_live;
use crate::ui::{ErrorState, PriorityBadge, span};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::Timestamp;
use oxdesk::presence::AtWork;
use oxdesk::reports::Wallboard as Board;
use oxdesk::tickets::{QueueCount, TicketRow};

#[component]
pub fn Wallboard() -> impl IntoView {
    let live = use_live();
    let minute = RwSignal::new(0_u32);
    every_minute(minute);
    let board = Resource::new(move || (live.track(), live.track_presence(), minute.get()), |_| read_wallboard());
    view! {
        <Title text="Wallboard"/>
        <main class="wall" id="main">
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    match board.await {
                        Ok(board) => view! { <Shown board/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
    .into_any()
}

/// What is left until a deadline changes though nothing happens.
#[cfg(feature = "hydrate")]
fn every_minute(minute: RwSignal<u32>) {
    let tick = move || {
        let _ = minute.try_update(|count| *count = count.wrapping_add(1));
    };
    if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(60)) {
        on_cleanup(move || handle.clear());
    }
}

#[cfg(not(feature = "hydrate"))]
fn every_minute(_: RwSignal<u32>) {}

#[component]
fn Shown(board: Board) -> impl IntoView {
    let Board { queues, due, at_work, today, now, clock } = board;
    let sum = |count: fn(&QueueCount) -> i64| queues.iter().map(count).sum::<i64>();
    let late = sum(|queue| queue.late);
    let figures = [
        figure("Open", sum(|queue| queue.open), false),
        figure("Not taken", sum(|queue| queue.unassigned), false),
        figure("Late", late, late > 0),
        figure("Came today", today.created, false),
        figure("Solved today", today.solved, false),
    ];
    view! {
        <header class="wall__head"><h1>"Service desk"</h1><p class="num">{clock}</p></header>
        <dl class="wall__figures">{figures.into_iter().collect_view()}</dl>
        <div class="wall__parts">
            <section aria-label="Queues"><h2>"Queues"</h2><Queues queues/></section>
            <section aria-label="Due next"><h2>"Due next"</h2><Due due now/></section>
            <section aria-label="At work"><h2>"At work"</h2><Working at_work/></section>
        </div>
    }
    .into_any()
}

fn figure(name: &'static str, count: i64, is_bad: bool) -> impl IntoView {
    view! { <div class:wall__bad=is_bad><dt>{name}</dt><dd class="num">{count}</dd></div> }
}

#[component]
fn Queues(queues: Vec<QueueCount>) -> impl IntoView {
    let row = |queue: QueueCount| {
        let late = queue.late > 0;
        view! {
            <tr><th scope="row">{queue.name.unwrap_or_else(|| "No queue".to_owned())}</th><td class="num">{queue.open}</td><td class="num">{queue.unassigned}</td><td class="num" class:wall__bad=late>{queue.late}</td></tr>
        }
    };
    let rows = queues.into_iter().take(10).map(row).collect_view();
    view! {
        <table class="wall__table">
            <thead><tr><th scope="col">"Queue"</th><th scope="col" class="num">"Open"</th><th scope="col" class="num">"Not taken"</th><th scope="col" class="num">"Late"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Due(due: Vec<TicketRow>, now: Timestamp) -> impl IntoView {
    if due.is_empty() {
        return view! { <p class="wall__calm">"Nothing is due."</p> }.into_any();
    }
    let row = |ticket: TicketRow| {
        let left = ticket.due_at.map_or(0, |at| now.seconds_until(at));
        let words = if left < 0 { format!("{} late", span(left)) } else { span(left) };
        let who = ticket.assignee.map_or("Nobody".to_owned(), |person| person.name);
        view! {
            <li class:wall__bad=left < 0>
                <b class="num wall__left">{words}</b>
                <PriorityBadge priority=ticket.priority/>
                <span class="wall__subject">{ticket.subject}</span>
                <span class="wall__who">{who}</span>
            </li>
        }
    };
    view! { <ol class="wall__due">{due.into_iter().map(row).collect_view()}</ol> }.into_any()
}

#[component]
fn Working(at_work: Vec<AtWork>) -> impl IntoView {
    if at_work.is_empty() {
        return view! { <p class="wall__calm">"Nobody has a ticket open."</p> }.into_any();
    }
    let row = |one: AtWork| {
        let does = if one.is_writing { "writing" } else { "reading" };
        view! { <li><span>{one.name}</span><small>{does}</small></li> }
    };
    view! { <ul class="wall__people">{at_work.into_iter().map(row).collect_view()}</ul> }.into_any()
}
