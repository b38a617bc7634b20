//! What is being written: outlives the page's being fetched again, and is kept on the server as one types.

use super::attach::Attached;
use crate::functions::work::save_draft;
use crate::{AppError, live};
use leptos::html;
use leptos::prelude::*;
use oxdesk::tickets::{Draft, TicketId, TicketStatus};
use std::time::Duration;

/// How long a pause in typing is before what was typed is kept.
const PAUSE: Duration = Duration::from_millis(700);

/// A composer's state, made once a page.
#[derive(Clone, Copy)]
pub struct Writing {
    /// Where it is written.
    pub node: NodeRef<html::Textarea>,
    pub attached: Attached,
    pub progress: RwSignal<Option<u32>>,
    pub message: RwSignal<Option<String>>,
    /// Says that the draft is kept, or is not.
    pub kept: RwSignal<&'static str>,
    /// What stands there now.
    pub text: RwSignal<String>,
    /// The status that sending brings, when a macro says so.
    pub then: RwSignal<Option<TicketStatus>>,
    keeps: bool,
    state: StoredValue<State>,
    /// Another tab's draft was found to be newer than what this one knows of.
    conflict: RwSignal<bool>,
    /// The drafts as the server last gave them.
    given: RwSignal<Vec<Draft>>,
}

#[derive(Default)]
struct State {
    ticket: Option<TicketId>,
    is_internal: bool,
    /// The reply and the note.
    sheets: [Sheet; 2],
    waiting: Option<TimeoutHandle>,
}

#[derive(Default, Clone)]
struct Sheet {
    text: String,
    /// The draft's version that this tab has seen; 0 for none.
    version: i32,
}

impl Writing {
    /// `error` is what was wrong with the last attempt, when no script runs.
    /// Guests' drafts are not kept.
    pub fn new(error: Option<String>, keeps: bool) -> Self {
        Self {
            keeps,
            node: NodeRef::new(),
            attached: Attached::new(),
            progress: RwSignal::new(None),
            message: RwSignal::new(error),
            kept: RwSignal::new(""),
            text: RwSignal::new(String::new()),
            then: RwSignal::new(None),
            state: StoredValue::new(State::default()),
            conflict: RwSignal::new(false),
            given: RwSignal::new(Vec::new()),
        }
    }

    /// Takes over the drafts of a ticket that comes to be shown. What is fetched again later does not touch what is
    /// being typed.
    pub fn show(self, ticket: TicketId, is_internal: bool, drafts: Vec<Draft>) {
        let _ = self.state.try_update_value(|state| {
            if state.ticket != Some(ticket) {
                let sheet = |internal: bool| {
                    let draft = drafts.iter().find(|draft| draft.is_internal == internal);
                    draft
                        .map_or_else(Sheet::default, |draft| Sheet { text: draft.body.clone(), version: draft.version })
                };
                let _ = self.text.try_set(sheet(is_internal).text);
                *state =
                    State { ticket: Some(ticket), is_internal, sheets: [sheet(false), sheet(true)], waiting: None };
            }
        });
        let _ = self.given.try_set(drafts);
    }

    /// The other tab's draft, while it is to be decided which one counts.
    pub fn conflict(self) -> Option<Draft> {
        let internal = self.state.with_value(|state| state.is_internal);
        self.conflict.get().then(|| self.given.get().into_iter().find(|draft| draft.is_internal == internal)).flatten()
    }

    /// Shows the reply or the note.
    pub fn turn_to(self, is_internal: bool, node: NodeRef<html::Textarea>) {
        self.keep_now();
        self.state.update_value(|state| state.is_internal = is_internal);
        self.kept.set("");
        self.conflict.set(false);
        self.put(node);
    }

    pub fn typed(self, text: String) {
        self.kept.set("");
        self.text.set(text.clone());
        self.state.update_value(|state| {
            let sheet = usize::from(state.is_internal);
            state.sheets[sheet].text = text;
            if let Some(waiting) = state.waiting.take() {
                waiting.clear();
            }
            state.waiting = set_timeout_with_handle(move || self.keep_now(), PAUSE).ok();
        });
    }

    /// Takes over what was typed and chosen before the program was there.
    pub fn adopt(self) {
        #[cfg(feature = "hydrate")]
        {
            let typed = self.node.get_untracked().map(|area| area.value()).unwrap_or_default();
            if !typed.is_empty() && typed != self.text.get_untracked() {
                self.typed(typed);
            }
            self.attached.look();
        }
    }

    /// Writes a text after what stands there.
    pub fn add(self, text: &str, node: NodeRef<html::Textarea>) {
        if text.is_empty() {
            return;
        }
        let mut written = self.state.with_value(|state| state.sheets[usize::from(state.is_internal)].text.clone());
        if !written.is_empty() && !written.ends_with('\n') {
            written.push_str("\n\n");
        }
        written.push_str(text);
        self.write(written, node);
    }

    /// Writes a name in place of what was typed of it.
    pub fn mention(self, name: &str, node: NodeRef<html::Textarea>) {
        let written = self.text.get_untracked();
        if let Some((before, _)) = written.rsplit_once('@') {
            self.write(format!("{before}@{name} "), node);
        }
    }

    fn write(self, text: String, node: NodeRef<html::Textarea>) {
        self.typed(text);
        self.put(node);
        if let Some(area) = node.get_untracked() {
            let _ = area.focus();
        }
    }

    /// Uses what the other tab has.
    pub fn take_other(self, text: String, version: i32, node: NodeRef<html::Textarea>) {
        self.update_sheet(|sheet| *sheet = Sheet { text, version });
        self.conflict.set(false);
        self.put(node);
    }

    /// Keeps what stands here, knowing of the other.
    pub fn keep_mine(self, version: i32) {
        self.update_sheet(|sheet| sheet.version = version);
        self.conflict.set(false);
        self.keep();
    }

    /// It was sent: there is nothing to keep any more. The form is back to how it began.
    #[cfg(feature = "hydrate")]
    pub fn sent(self, form: &web_sys::HtmlFormElement) {
        use wasm_bindgen::JsCast;
        self.state.update_value(|state| {
            if let Some(waiting) = state.waiting.take() {
                waiting.clear();
            }
            state.sheets[usize::from(state.is_internal)] = Sheet::default();
        });
        self.kept.set("");
        self.attached.look();
        self.then.set(None);
        // Resetting brings the draft back that the page came with, and the first of the two kinds.
        if let Some(area) = form.query_selector("textarea").ok().flatten()
            && let Ok(area) = area.dyn_into::<web_sys::HtmlTextAreaElement>()
        {
            let internal = form.query_selector("input[value=note]:checked").ok().flatten().is_some();
            self.state.update_value(|state| state.is_internal = internal);
            let text = self.state.with_value(|state| state.sheets[usize::from(internal)].text.clone());
            area.set_value(&text);
            self.text.set(text);
        }
    }

    fn update_sheet(self, change: impl FnOnce(&mut Sheet)) {
        self.state.update_value(|state| change(&mut state.sheets[usize::from(state.is_internal)]));
    }

    fn put(self, node: NodeRef<html::Textarea>) {
        let text = self.state.with_value(|state| state.sheets[usize::from(state.is_internal)].text.clone());
        if let Some(area) = node.get_untracked() {
            area.set_value(&text);
        }
        self.text.set(text);
    }

    /// Keeps what waits to be kept.
    fn keep_now(self) {
        let waiting = self.state.try_update_value(|state| state.waiting.take()).flatten();
        if let Some(waiting) = waiting.filter(|_| self.keeps) {
            waiting.clear();
            self.keep();
        }
    }

    fn keep(self) {
        let Some(Some((ticket, internal, sheet))) = self.state.try_with_value(|state| {
            let internal = state.is_internal;
            state.ticket.map(|ticket| (ticket, internal, state.sheets[usize::from(internal)].clone()))
        }) else {
            return;
        };
        let live = live::use_live();
        leptos::task::spawn_local(async move {
            let kept = save_draft(ticket.to_string(), internal, Some(sheet.text), sheet.version).await;
            match kept {
                Ok(version) => {
                    let _ = self.state.try_update_value(|state| state.sheets[usize::from(internal)].version = version);
                    let _ = self.kept.try_set(if version > 0 { "Draft saved" } else { "" });
                }
                Err(AppError::Core(oxdesk::Error::Conflict { .. })) => {
                    let _ = self.conflict.try_set(true);
                    live.bump();
                }
                Err(_) => {
                    let _ = self.kept.try_set("Draft not saved");
                }
            }
        });
    }
}
