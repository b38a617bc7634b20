//! Live updates in the browser: the server says that something happened, the pages ask again for what they show.

use leptos::prelude::*;
use std::future::poll_fn;
use std::task::{Poll, Waker};
use std::time::Duration;

/// So long after something was done here, the server's word of it is no news.
const ECHO: Duration = Duration::from_millis(1500);

/// Counts what has happened. A resource that reads it is fetched again each time.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub struct Live {
    changes: RwSignal<u32>,
    /// Those of them that were made here.
    own: RwSignal<u32>,
    presence: RwSignal<u32>,
    notified: RwSignal<u32>,
    /// The page came before its program: what happened in between is not on it.
    behind: RwSignal<bool>,
}

impl Live {
    fn new() -> Self {
        Self {
            behind: RwSignal::new(false),
            changes: RwSignal::new(0),
            own: RwSignal::new(0),
            presence: RwSignal::new(0),
            notified: RwSignal::new(0),
        }
    }

    pub fn track(self) -> u32 {
        self.changes.get()
    }

    /// Counts apart what was done here: a form that somebody fills in is not made anew for what others do.
    pub fn track_own(self) -> u32 {
        self.own.get()
    }

    /// Counts apart when colleagues come, write and go: no list is fetched again for that.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    pub fn track_presence(self) -> u32 {
        self.presence.get()
    }

    /// Counts apart when the viewer's notifications come, or are read elsewhere.
    pub fn track_notified(self) -> u32 {
        self.notified.get()
    }

    /// Counts what has happened, but stands still while `held`, except for what was done here: what someone points at
    /// must not move away under them.
    pub fn held_while(self, held: Signal<bool>) -> Held {
        let (seen, own) = (RwSignal::new(self.changes.get_untracked()), StoredValue::new(self.own.get_untracked()));
        let late = RwSignal::new(false);
        Effect::new(move |_| {
            let (changes, mine) = (self.changes.get(), self.own.get());
            let is_mine = mine != own.get_value();
            if (!held.get() || is_mine) && seen.get_untracked() != changes {
                late.set(false);
                seen.set(changes);
            }
            if is_mine {
                own.set_value(mine);
                // The server tells of it too, a moment later.
                let catch_up = move || {
                    let now = self.changes.try_get_untracked();
                    if let Some(now) = now.filter(|now| seen.try_get_untracked().is_some_and(|seen| seen != *now)) {
                        let _ = late.try_set(false);
                        let _ = seen.try_set(now);
                    }
                };
                set_timeout(catch_up, ECHO);
            }
        });
        let waiting = StoredValue::new(Vec::<Waker>::new());
        let held_back = Signal::derive(move || late.get() && held.get());
        Effect::new(move |_| {
            if !held_back.get() {
                waiting.update_value(|waiting| waiting.drain(..).for_each(Waker::wake));
            }
        });
        Held { live: self, seen, held, late, held_back, waiting, times: StoredValue::new(0) }
    }

    /// Looks again once a page that came before its program hears what happens. Called where the page asks for what it
    /// shows: before that, nobody would.
    pub fn catch_up(self) {
        Effect::new(move |_| {
            if self.behind.get() {
                self.behind.set(false);
                self.changes.update(|count| *count = count.wrapping_add(1));
            }
        });
    }

    /// Something was done here: look again at once.
    pub fn bump(self) {
        self.own.update(|count| *count = count.wrapping_add(1));
        self.changes.update(|count| *count = count.wrapping_add(1));
    }
}

/// Changes that wait until nothing is pointed at.
#[derive(Clone, Copy)]
pub struct Held {
    live: Live,
    seen: RwSignal<u32>,
    held: Signal<bool>,
    /// What was asked for before it was held came back since.
    late: RwSignal<bool>,
    held_back: Signal<bool>,
    waiting: StoredValue<Vec<Waker>>,
    /// How often what was held back came through.
    times: StoredValue<u32>,
}

/// How it stood when something began to be fetched.
#[derive(Clone, Copy)]
pub struct Begun {
    was_held: bool,
    times: u32,
}

impl Held {
    pub fn track(self) -> u32 {
        self.seen.get()
    }

    pub fn is_waiting(self) -> bool {
        self.held_back.get() || self.live.changes.get() != self.seen.get()
    }

    pub fn release(self) {
        self.let_go();
        self.seen.set(self.live.changes.get_untracked());
    }

    /// What was held back comes through: it is to be fetched anew anyway, and a resource fetches one thing after another.
    pub fn let_go(self) {
        // What is still being fetched must not be held back either, once it comes.
        self.times.update_value(|times| *times = times.wrapping_add(1));
        self.late.set(false);
    }

    /// To be asked as soon as something is fetched, and handed to [`Held::wait`].
    pub fn begin(self) -> Begun {
        Begun { was_held: self.held.get_untracked(), times: self.times.get_value() }
    }

    /// Holds back what was fetched while someone began to point, until they no longer do, or ask for it.
    pub async fn wait(self, begun: Begun) {
        let let_go = self.times.try_get_value() != Some(begun.times);
        if begun.was_held || let_go || self.held.try_get_untracked() != Some(true) {
            return;
        }
        let _ = self.late.try_set(true);
        poll_fn(|context| {
            if self.held_back.try_get_untracked() != Some(true) {
                return Poll::Ready(());
            }
            let waker = context.waker().clone();
            let _ = self.waiting.try_update_value(|waiting| waiting.push(waker));
            Poll::Pending
        })
        .await;
    }
}

pub fn provide_live() {
    let live = Live::new();
    provide_context(live);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::listen(live));
}

/// Never fails: what is made for a visitor who has gone finds nothing around it any more.
pub fn use_live() -> Live {
    use_context().unwrap_or_else(Live::new)
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Live;
    use crate::functions::people::use_viewer;
    use leptos::prelude::*;
    use std::time::Duration;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    /// Several events in this time are one look.
    const TOGETHER: Duration = Duration::from_millis(120);

    /// Opens the one stream of this tab, once someone is signed in. The browser reconnects by itself.
    pub fn listen(live: Live) {
        let Some(viewer) = use_viewer() else { return };
        let address = format!("/events?since={}", viewer.made_at.as_microsecond());
        let Ok(source) = EventSource::new(&address) else { return };
        let waiting = StoredValue::new(false);
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |_| {
            if !waiting.get_value() {
                waiting.set_value(true);
                set_timeout(
                    move || {
                        waiting.set_value(false);
                        live.changes.update(|count| *count = count.wrapping_add(1));
                    },
                    TOGETHER,
                );
            }
        });
        for name in ["change", "refresh"] {
            let _ = source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
        }
        let met =
            Closure::<dyn Fn(MessageEvent)>::new(move |_| live.presence.update(|count| *count = count.wrapping_add(1)));
        let _ = source.add_event_listener_with_callback("presence", met.as_ref().unchecked_ref());
        met.forget();
        let told =
            Closure::<dyn Fn(MessageEvent)>::new(move |_| live.notified.update(|count| *count = count.wrapping_add(1)));
        let _ = source.add_event_listener_with_callback("notified", told.as_ref().unchecked_ref());
        told.forget();
        // Says that this page hears what happens from now on.
        let ready = Closure::<dyn Fn(MessageEvent)>::new(move |_| {
            let Some(body) = document().body() else { return };
            // Who came and went while the line was broken is kept nowhere.
            if body.has_attribute("data-live") {
                live.presence.update(|count| *count = count.wrapping_add(1));
            }
            let _ = body.set_attribute("data-live", "ready");
            if body.has_attribute("data-late") {
                let _ = body.remove_attribute("data-late");
                live.behind.set(true);
            }
        });
        let _ = source.add_event_listener_with_callback("ready", ready.as_ref().unchecked_ref());
        // Both live as long as the tab.
        heard.forget();
        ready.forget();
    }
}
