//! Which colleagues are at this ticket too, and which of them are writing.

use crate::pages::composer::Writing;
use crate::ui::{Avatar, Icon};
use leptos::prelude::*;
use oxdesk::presence::Colleague;
use oxdesk::tickets::TicketId;

/// Who else is there. Lives as long as the page, however often what it shows is fetched again.
#[derive(Clone, Copy)]
pub struct Meeting {
    /// The ticket that is shown.
    at: RwSignal<Option<TicketId>>,
    colleagues: RwSignal<Vec<Colleague>>,
}

impl Meeting {
    pub fn new(writing: Writing) -> Self {
        let meeting = Self { at: RwSignal::new(None), colleagues: RwSignal::new(Vec::new()) };
        meeting.stay(writing);
        meeting
    }

    /// The page shows this ticket now.
    pub fn at(self, ticket: TicketId) {
        Effect::new(move |_| {
            if self.at.get_untracked() != Some(ticket) {
                let _ = self.at.try_set(Some(ticket));
            }
        });
    }

    #[cfg(not(feature = "hydrate"))]
    fn stay(self, _: Writing) {
        let _ = (self.at, self.colleagues);
    }

    /// Says every now and then that the viewer is there, at once when they begin or stop to write, and that they left.
    #[cfg(feature = "hydrate")]
    fn stay(self, writing: Writing) {
        use crate::functions::work::{be_present, leave_ticket};
        use crate::live::use_live;
        use leptos::task::spawn_local;
        use std::time::Duration;

        const EVERY: Duration = Duration::from_secs(15);
        /// Whoever has not typed for so long is thinking, not writing.
        const PAUSE: Duration = Duration::from_secs(6);

        // A page behind another window is not being read.
        let sees = || !document().hidden();
        let live = use_live();
        let is_writing = RwSignal::new(false);
        let leave = |ticket: TicketId| {
            spawn_local(async move {
                let _ = leave_ticket(ticket.to_string()).await;
            })
        };
        let say = move || {
            let (Some(ticket), now) = (self.at.get_untracked(), is_writing.get_untracked()) else { return };
            spawn_local(async move {
                if let Ok(there) = be_present(ticket.to_string(), now, sees()).await {
                    let _ = self.colleagues.try_set(there);
                }
            });
        };
        Effect::new(move |before: Option<Option<TicketId>>| {
            let ticket = self.at.get();
            if let Some(Some(before)) = before.filter(|before| *before != ticket) {
                leave(before);
                self.colleagues.set(Vec::new());
            }
            is_writing.track();
            live.track_presence();
            live.track_notified();
            say();
            ticket
        });
        let pause = StoredValue::new(None::<TimeoutHandle>);
        // What stood there when the page came is not being written now.
        Effect::new(move |before: Option<String>| {
            let text = writing.text.get();
            if before.is_some_and(|before| before != text) && !text.is_empty() {
                if !is_writing.get_untracked() {
                    is_writing.set(true);
                }
                if let Some(earlier) = pause.try_update_value(|pause| pause.take()).flatten() {
                    earlier.clear();
                }
                let stop = move || {
                    let _ = is_writing.try_set(false);
                };
                pause.set_value(set_timeout_with_handle(stop, PAUSE).ok());
            } else if text.is_empty() && is_writing.get_untracked() {
                is_writing.set(false);
            }
            text
        });
        let beat = set_interval_with_handle(say, EVERY).ok();
        on_cleanup(move || {
            if let Some(beat) = beat {
                beat.clear();
            }
            if let Some(ticket) = self.at.try_get_untracked().flatten() {
                leave(ticket);
            }
        });
    }
}

#[component]
pub fn Presence(meeting: Meeting) -> impl IntoView {
    let shown = |one: Colleague| {
        let says = if one.is_writing { "is writing…" } else { "is looking at this" };
        let says = format!("{} {says}", one.name);
        let pencil = one.is_writing.then(|| view! { <Icon icon=Icon::Pencil/> });
        view! {
            <span class="presence__one" class:presence__one--writing=one.is_writing><Avatar name=Some(one.name)/>{pencil}<span>{says}</span></span>
        }
    };
    let who = move || meeting.colleagues.get().into_iter().map(shown).collect_view();
    view! { <p class="presence" role="status">{who}</p> }.into_any()
}
