//! What was said and done on a ticket, oldest first.

use crate::ui::{Ago, Avatar, Icon, QuickForm, file_link};
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::mail::{Delivery, DeliveryState, RawMailId};
use oxdesk::tickets::{
    Attachment, Comment, CommentId, HistoryEntry, MergedRequest, SUBJECT_MAX, Ticket, TicketId, TicketPriority,
    TicketStatus, TimelineEntry,
};
use std::collections::HashMap;

#[component]
pub fn Timeline(
    ticket: Ticket,
    /// Its description, safe to show.
    html: String,
    attachments: Vec<Attachment>,
    entries: Vec<TimelineEntry>,
    now: Timestamp,
    #[prop(optional)] with_events: bool,
    /// The ticket from which a message may become one of its own.
    #[prop(optional_no_strip)]
    splits: Option<TicketId>,
    /// The mail that made it.
    #[prop(optional_no_strip)]
    mail: Option<RawMailId>,
) -> impl IntoView {
    let requester = ticket.requester_label().to_owned();
    view! {
        <div class="stream">
            <article class="message">
                <Avatar name=Some(requester.clone()) large=true/>
                <div>
                    <header><b>{requester}</b><span class="muted"><Ago at=ticket.created_at now/></span></header>
                    <Text html/>
                    <Files files=attachments/>
                    {original(mail)}
                </div>
            </article>
            {entries
                .into_iter()
                .filter_map(|entry| match entry {
                    TimelineEntry::Reply(comment) => Some(view! { <Message comment now splits/> }.into_any()),
                    TimelineEntry::Note(comment) => Some(view! { <Message comment now internal=true/> }.into_any()),
                    TimelineEntry::Merged(request) => Some(view! { <Merged request=*request now/> }.into_any()),
                    TimelineEntry::Event(entry) if with_events => describe(&entry).map(|words| {
                        view! { <p class="event">{words}" · "<Ago at=entry.created_at now/></p> }.into_any()
                    }),
                    TimelineEntry::Event(_) => None,
                })
                .collect_view()}
        </div>
    }
    .into_any()
}

#[component]
fn Message(
    comment: Comment,
    now: Timestamp,
    #[prop(optional)] internal: bool,
    #[prop(optional_no_strip)] splits: Option<TicketId>,
) -> impl IntoView {
    let split = splits.map(|ticket| view! { <Split ticket comment=comment.id/> });
    let mark =
        internal.then(|| view! { <span class="message__internal"><Icon icon=Icon::Lock/>"Internal note"</span> });
    view! {
        <article class="message" class:message--note=internal>
            <Avatar name=Some(comment.author.clone()) large=true/>
            <div>
                <header>
                    <b>{comment.author}</b>
                    <span class="muted"><Ago at=comment.created_at now/>{comment.is_from_email.then_some(" · by mail")}</span>
                    {mark}
                </header>
                <Text html=comment.html/>
                <Files files=comment.attachments/>
                {delivered(comment.delivery)}
                <div class="message__deeds">{original(comment.original)}{split}</div>
            </div>
        </article>
    }
    .into_any()
}

/// What frames of mails were seen to have, by the mail: it outlives the conversation's being shown again.
#[derive(Clone, Copy)]
pub struct Frames(StoredValue<HashMap<RawMailId, ArcRwSignal<Pictures>>>);

impl Frames {
    pub fn new() -> Self {
        Self(StoredValue::new(HashMap::new()))
    }

    fn pictures(self, mail: RawMailId) -> ArcRwSignal<Pictures> {
        let new = || ArcRwSignal::new(Pictures::None);
        self.0.try_update_value(|seen| seen.entry(mail).or_insert_with(new).clone()).unwrap_or_else(new)
    }
}

/// The mail as it came, in a frame where nothing runs; browsers fetch it when it is opened.
fn original(mail: Option<RawMailId>) -> Option<AnyView> {
    let mail = mail?;
    let address = format!("/mail/{mail}");
    let pictures = use_context().unwrap_or_else(Frames::new).pictures(mail);
    let seen = pictures.clone();
    let (source, plain) = (address.clone(), address);
    let lazy = leptos::attr::custom::custom_attribute("loading", "lazy");
    Some(
        view! {
            <details class="message__more">
                <summary>"The mail as it came"</summary>
                <iframe class="message__mail" title="The mail as it came" src=source sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" on:load=move |event| seen.set(fit(&event)) {..lazy}></iframe>
                {move || pictures_form(pictures.get(), mail)}
                <p><a class="link" href=plain target="_blank" rel="noopener">"In a page of its own"</a></p>
            </details>
        }
        .into_any(),
    )
}

/// How a mail in its frame has it with pictures that lie elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub enum Pictures {
    /// It has none, or they are shown this once.
    None,
    /// They wait for their reader's word.
    Wait,
    /// They are shown: their reader trusts the sender.
    Trusted,
}

/// Once and for all, for this reader and this sender.
fn pictures_form(pictures: Pictures, mail: RawMailId) -> Option<AnyView> {
    let (always, label, done) = match pictures {
        Pictures::None => return None,
        Pictures::Wait => ("true", "Always show this sender’s pictures", "Shown from now on."),
        Pictures::Trusted => ("false", "Ask again before showing this sender’s pictures", "You will be asked again."),
    };
    Some(
        view! {
            <QuickForm endpoint="show_pictures" class="quick--inline" done>
                <input type="hidden" name="id" value=mail.to_string()/>
                <input type="hidden" name="always" value=always/>
                <button class="button button--ghost" type="submit">{label}</button>
            </QuickForm>
        }
        .into_any(),
    )
}

/// Makes a frame as tall as what is in it, up to a screen and a half, and looks how it has it with pictures.
#[cfg(feature = "hydrate")]
fn fit(event: &leptos::ev::Event) -> Pictures {
    use wasm_bindgen::JsCast;
    let frame = event.target().and_then(|frame| frame.dyn_into::<web_sys::HtmlIFrameElement>().ok());
    let Some((frame, page)) = frame.and_then(|frame| Some((frame.clone(), frame.content_document()?))) else {
        return Pictures::None;
    };
    if let Some(whole) = page.document_element() {
        let _ = frame.set_attribute("height", &whole.scroll_height().clamp(80, 1400).to_string());
    }
    let has = |selector: &str| page.query_selector(selector).ok().flatten().is_some();
    match (has("body > .ask"), has("body > .trusted")) {
        (true, _) => Pictures::Wait,
        (_, true) => Pictures::Trusted,
        _ => Pictures::None,
    }
}

#[cfg(not(feature = "hydrate"))]
fn fit(_: &leptos::ev::Event) -> Pictures {
    Pictures::None
}

/// What became of the mail that carries a message: said where it is not simply sent.
fn delivered(delivery: Option<Delivery>) -> Option<AnyView> {
    let delivery = delivery?;
    let (words, wrong) = match delivery.state {
        DeliveryState::Waiting | DeliveryState::Sending => ("Waits to be sent", false),
        DeliveryState::Sent => ("Sent", false),
        DeliveryState::Failed => ("Not delivered", true),
        DeliveryState::Bounced => ("Came back", true),
        DeliveryState::Suppressed => ("Not sent: this address takes no mail", true),
    };
    let said = delivery.said.filter(|_| wrong).map(|said| format!(": {said}"));
    Some(view! { <p class="message__delivery" class:message__delivery--wrong=wrong><Icon icon={if wrong { Icon::Warning } else { Icon::Mail }}/>{words}{said}</p> }.into_any())
}

/// Makes a ticket of its own from a message.
#[component]
fn Split(ticket: TicketId, comment: CommentId) -> impl IntoView {
    let field = format!("split-{comment}");
    view! {
        <details class="message__more">
            <summary>"Split"</summary>
            <QuickForm endpoint="split_ticket">
                <input type="hidden" name="id" value=ticket.to_string()/>
                <input type="hidden" name="comment" value=comment.to_string()/>
                <label for=field.clone()>"Subject of the new ticket"</label>
                <div class="quick__row"><input id=field.clone() name="subject" required maxlength=SUBJECT_MAX/><button class="button" type="submit">"Make a ticket"</button></div>
            </QuickForm>
        </details>
    }
    .into_any()
}

/// What another ticket asked for that was merged into this one.
#[component]
fn Merged(request: MergedRequest, now: Timestamp) -> impl IntoView {
    view! {
        <article class="message">
            <Avatar name=Some(request.requester.clone()) large=true/>
            <div>
                <header><b>{request.requester}</b><span class="muted"><Ago at=request.created_at now/></span>
                    <span class="message__merged"><Icon icon=Icon::Merge/>{request.ticket_number.to_string()}" · "{request.subject}</span></header>
                <Text html=request.html/>
                <Files files=request.attachments/>
            </div>
        </article>
    }
    .into_any()
}

/// What someone wrote, as the server made it safe to show.
#[component]
fn Text(html: String) -> impl IntoView {
    view! { <div class="message__text" inner_html=html></div> }.into_any()
}

#[component]
fn Files(files: Vec<Attachment>) -> impl IntoView {
    if files.is_empty() {
        return ().into_any();
    }
    view! {
        <ul class="files">
            {files
                .into_iter()
                .map(|file| view! {
                    <li>{file_link(format!("/attachments/{}", file.id), file.file_name, file.file_size)}</li>
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

/// A change in words; `None` for what the timeline shows anyway.
fn describe(entry: &HistoryEntry) -> Option<String> {
    let (who, new) = (&entry.author, entry.new_value.as_deref());
    let status = |word: Option<&str>| {
        word.and_then(|word| word.parse::<TicketStatus>().ok()).map(|status| status.label().to_owned())
    };
    let priority = |word: Option<&str>| {
        word.and_then(|word| word.parse::<TicketPriority>().ok()).map(|priority| priority.label().to_owned())
    };
    Some(match (entry.action.as_str(), entry.field.as_deref()) {
        ("CREATED", _) => return None,
        ("STATUS_CHANGED", _) => format!("{who} set the status to {}", status(new)?),
        ("PRIORITY_CHANGED", _) => format!("{who} set the priority to {}", priority(new)?),
        ("ASSIGNED", _) => {
            new.map_or_else(|| format!("{who} took the assignee away"), |person| format!("{who} assigned {person}"))
        }
        ("MERGED", Some("merged_into")) => format!("{who} merged this ticket into {}", new?),
        ("MERGED", _) => format!("{who} merged {} into this ticket", new?),
        ("UNMERGED", _) => format!("{who} took the merge with {} back", entry.old_value.as_deref()?),
        ("SPLIT", Some("split_from")) => format!("{who} split this ticket from {}", new?),
        ("SPLIT", _) => format!("{who} split {} from this ticket", new?),
        ("LINKED", _) => format!("{who} linked: {}", new?.to_lowercase().replace('_', " ").replace("tkt-", "TKT-")),
        ("UNLINKED", _) => format!("{who} took a link away"),
        ("DELETED", _) => format!("{who} deleted the ticket: {}", new?),
        ("RESTORED", _) => format!("{who} restored the ticket"),
        // They stand on the page themselves.
        (_, Some("resolution_note" | "cancel_reason")) => return None,
        (_, Some("follow_up_at")) => match new {
            Some(at) => format!("{who} put the ticket off until {}", at.parse::<Timestamp>().ok()?.local(0)),
            None => format!("{who} took the ticket back into the inbox"),
        },
        (_, Some("cc")) => match new {
            Some(email) => format!("{who} added {email} in copy"),
            None => format!("{who} took {} out of the copies", entry.old_value.as_deref()?),
        },
        ("BOUNCED", _) => format!("A mail to {} did not arrive: {}", entry.old_value.as_deref()?, new?),
        (_, Some("queue_id")) => new.map_or_else(
            || format!("{who} took the ticket out of its queue"),
            |queue| format!("{who} moved the ticket to {queue}"),
        ),
        ("RATED", _) => format!("{who} says how it went: {}", new?.to_lowercase()),
        (_, Some("shared")) if new == Some("yes") => format!("{who} shows this to their colleagues"),
        (_, Some("shared")) => format!("{who} shows this to nobody else"),
        (_, Some(field)) if field.starts_with("custom_fields.") => {
            let name = field.trim_start_matches("custom_fields.").replace('_', " ");
            new.map_or_else(|| format!("{who} emptied {name}"), |value| format!("{who} set {name} to {value}"))
        }
        (_, Some(field)) => format!("{who} changed {}: {}", field.replace('_', " "), new.unwrap_or("nothing")),
        (action, None) => format!("{who}: {}", action.to_lowercase().replace('_', " ")),
    })
}
