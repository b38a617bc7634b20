//! Live updates in the browser: the server says that something happened, the pages ask again for what they show.

use leptos::prelude::*;

/// Counts what has happened. A resource that reads it is fetched again each time.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub struct Live {
    changes: RwSignal<u32>,
    presence: RwSignal<u32>,
}

impl Live {
    fn new() -> Self {
        Self { changes: RwSignal::new(0), presence: RwSignal::new(0) }
    }

    pub fn track(self) -> u32 {
        self.changes.get()
    }

    /// Counts apart when colleagues come, write and go: no list is fetched again for that.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    pub fn track_presence(self) -> u32 {
        self.presence.get()
    }

    /// Something was done here: look again at once.
    pub fn bump(self) {
        self.changes.update(|count| *count = count.wrapping_add(1));
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
        if use_viewer().is_none() {
            return;
        }
        let Ok(source) = EventSource::new("/events") else { return };
        let waiting = StoredValue::new(false);
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |_| {
            if !waiting.get_value() {
                waiting.set_value(true);
                set_timeout(
                    move || {
                        waiting.set_value(false);
                        live.bump();
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
        // Says that this page hears what happens from now on.
        let ready = Closure::<dyn Fn(MessageEvent)>::new(move |_| {
            if let Some(body) = document().body() {
                let _ = body.set_attribute("data-live", "ready");
            }
        });
        let _ = source.add_event_listener_with_callback("ready", ready.as_ref().unchecked_ref());
        // Both live as long as the tab.
        heard.forget();
        ready.forget();
    }
}
