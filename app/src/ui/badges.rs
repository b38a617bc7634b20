//! Small marks: people, status, priority, deadline. Never colour alone.

use super::time::span;
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::tickets::{TicketPriority, TicketStatus};

/// Initials on one of twelve hues that the name decides. Without a name: a dashed circle.
#[component]
pub fn Avatar(#[prop(into)] name: Option<String>, #[prop(optional)] large: bool) -> impl IntoView {
    let size = if large { " avatar--large" } else { "" };
    match name {
        Some(name) => {
            let hue = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 12;
            let initials: String = name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
            view! { <span class=format!("avatar avatar--{hue}{size}") title=name aria-hidden="true">{initials.to_uppercase()}</span> }.into_any()
        }
        None => view! { <span class=format!("avatar avatar--none{size}") title="Nobody yet"></span> }.into_any(),
    }
}

#[component]
pub fn StatusBadge(status: TicketStatus) -> impl IntoView {
    view! { <span class=format!("status status--{}", status.as_str().to_lowercase())>{status.label()}</span> }
}

/// Bars that grow with the priority; the critical one is a sign of its own.
#[component]
pub fn PriorityBadge(priority: TicketPriority, #[prop(optional)] label: bool) -> impl IntoView {
    let class = format!("priority priority--{}", priority.as_str().to_lowercase());
    let name = priority.label();
    let bars = if priority == TicketPriority::Critical {
        view! { <span class=class title=name aria-hidden="true">"!"</span> }.into_any()
    } else {
        view! { <span class=class title=name aria-hidden="true"><i></i><i></i><i></i></span> }.into_any()
    };
    view! {
        <span class="priority-label">
            {bars}
            {if label { view! { <span>{name}</span> }.into_any() } else { view! { <span class="sr-only">{format!("Priority {name}")}</span> }.into_any() }}
        </span>
    }
}

/// The promise that falls due next: a ring that empties, and the time left in words.
#[component]
pub fn DueRing(due_at: Option<Timestamp>, created_at: Timestamp, now: Timestamp) -> impl IntoView {
    let Some(due) = due_at else { return view! { <span class="due"></span> }.into_any() };
    let left = now.seconds_until(due);
    let whole = created_at.seconds_until(due).max(1);
    let class = match left {
        ..0 => "due due--late",
        0..3600 => "due due--soon",
        _ => "due",
    };
    // The circle's circumference is 34.6.
    let filled = (left.max(0) as f64 / whole as f64).min(1.0) * 34.6;
    let words = if left < 0 { format!("{} late", span(left)) } else { span(left) };
    view! {
        <span class=class title=format!("Due {}", due.local(0))>
            <svg viewBox="0 0 14 14" aria-hidden="true">
                <circle cx="7" cy="7" r="5.5"/>
                <circle cx="7" cy="7" r="5.5" stroke-dasharray=format!("{filled:.1} 34.6")/>
            </svg>
            {words}
        </span>
    }
    .into_any()
}
