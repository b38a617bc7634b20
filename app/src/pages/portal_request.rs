//! A request as its requester sees it: a conversation, and what they may decide.

use super::composer::{Composer, Writing};
use super::portal::within;
use super::ticket::provide_form_failure;
use super::timeline::Timeline;
use crate::functions::people::use_viewer;
use crate::functions::tickets::read_ticket;
use crate::live::use_live;
use crate::ui::{ErrorState, Icon, LoadingRows, QuickForm, StatusBadge, relative};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use oxdesk::Timestamp;
use oxdesk::ratings::{COMMENT_MAX, Rating, Score};
use oxdesk::tickets::rules::{Needs, Side, next_statuses};
use oxdesk::tickets::{Abilities, REASON_MAX, Sharing, Ticket, TicketPage, TicketStatus};

#[component]
pub fn PortalRequest() -> impl IntoView {
    let params = use_params_map();
    let live = use_live();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let page = Resource::new(move || (number.get(), live.track()), |(number, _)| read_ticket(number));
    live.catch_up();
    let writing = Writing::new(use_query_map().read_untracked().get("error"), use_viewer().is_some());
    provide_form_failure();
    view! {
        {move || view! { <Title text=number.get()/> }}
        <Transition fallback=|| view! { <LoadingRows/> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Request page writing/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Request(page: TicketPage, writing: Writing) -> impl IntoView {
    let TicketPage { ticket, html, attachments, timeline, may, fields, rating, sharing, usual_wait, now, .. } = page;
    let explanation = match ticket.status {
        TicketStatus::New => "We have it. Someone will look at it soon.",
        TicketStatus::InProgress => "We are working on it.",
        TicketStatus::Waiting => "It is your turn: please answer below.",
        TicketStatus::Resolved => "We think this is solved. Is it?",
        TicketStatus::Closed => "This request is closed.",
        TicketStatus::Cancelled => "This request was cancelled.",
    };
    let together = ticket
        .merged_into_id
        .map(|_| view! { <p class="muted">"It is handled together with another request about the same."</p> });
    let solution = ticket.resolution_note.clone().map(|note| {
        view! { <div class="notice"><Icon icon=Icon::Check/><p><b>"What solved it: "</b>{note}</p></div> }
    });
    let action = format!("/portal/requests/{}/comments", ticket.ticket_number);
    // Here one only replies, whatever else one may do in the workspace.
    let writes = Abilities { note: false, update: false, ..may };
    let guest = use_viewer().is_none().then(|| {
        let register = register_href(&ticket);
        view! { <p class="muted">"Your link opens this request alone. "<a class="link" href=register>"Make an account"</a>" with the same address to see all of yours."</p> }
    });
    let waits = ticket.status.is_open() && ticket.first_response_at.is_none();
    let expected = waits
        .then(|| expected(ticket.due_at, usual_wait, now))
        .flatten()
        .map(|words| view! { <p class="expected"><Icon icon=Icon::Clock/>{words}</p> });
    let details = (!fields.is_empty()).then(|| {
        let rows = fields
            .into_iter()
            .map(|field| view! { <div><dt>{field.label}</dt><dd>{field.value}</dd></div> })
            .collect_view();
        view! { <dl class="details">{rows}</dl> }
    });
    let rates =
        (may.rate && ticket.merged_into_id.is_none()).then(|| view! { <Rate id=ticket.id.to_string() rating/> });
    let shares = sharing.map(|sharing| view! { <Shares id=ticket.id.to_string() sharing/> });
    let decides = may.own && ticket.merged_into_id.is_none();
    view! {
        <div class="portal__column">
            <header class="portal__request">
                <p><span class="num">{ticket.ticket_number.to_string()}</span><StatusBadge status=ticket.status/><span class="muted">"sent "{relative(ticket.created_at, now)}</span></p>
                <h1>{ticket.subject.clone()}</h1>
                <p>{explanation}</p>
                {together}
                {guest}
                {expected}
                {details}
                {solution}
                {decides.then(|| view! { <Decisions ticket=ticket.clone()/> })}
                {shares}
            </header>
            {rates}
            <Timeline ticket=ticket.clone() html attachments entries=timeline now/>
            {may.reply.then(|| view! { <Composer action ticket may=writes to="the service desk".to_owned() drafts=Vec::new() writing/> })}
        </div>
    }
    .into_any()
}

/// When the first answer can be expected, in words: what was promised, else what is usual.
fn expected(due: Option<Timestamp>, usual: Option<i64>, now: Timestamp) -> Option<String> {
    let promised = due.map(|due| now.seconds_until(due)).filter(|seconds| *seconds > 0);
    match (promised, usual) {
        (Some(seconds), _) => Some(format!("You can expect an answer {}.", within(seconds))),
        (None, Some(seconds)) if due.is_none() => Some(format!("Most people have a first answer {}.", within(seconds))),
        _ => None,
    }
}

/// Registering with the address that the link went to.
fn register_href(ticket: &Ticket) -> String {
    let mut query = ParamsMap::new();
    query.insert("email", ticket.requester_email.clone());
    query.insert("name", ticket.requester_name.clone().unwrap_or_default());
    format!("/register{}", query.to_query_string())
}

/// One question: how did it go?
#[component]
fn Rate(id: String, rating: Option<Rating>) -> impl IntoView {
    let given = rating.as_ref().map(|rating| rating.score);
    let title = if given.is_some() { "Thank you for telling us" } else { "How did it go?" };
    let scores = Score::ALL
        .into_iter()
        .rev()
        .map(|score| {
            let number = score.number().to_string();
            view! {
                <label class="rate__score">
                    <input type="radio" name="score" value=number required checked=given == Some(score)/>
                    <span>{score.label()}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="rate" id="rate" aria-label="How did it go?">
            <h2>{title}</h2>
            <QuickForm endpoint="rate_ticket" done="Thank you.">
                <input type="hidden" name="id" value=id/>
                <div class="rate__scores" role="radiogroup" aria-label="How did it go?">{scores}</div>
                <label for="rate-comment">"Anything we should know?"<span class="field__optional">" optional"</span></label>
                <textarea id="rate-comment" name="comment" rows="2" maxlength=COMMENT_MAX>{rating.and_then(|rating| rating.comment)}</textarea>
                <button class="button button--primary" type="submit">{if given.is_some() { "Change it" } else { "Send" }}</button>
            </QuickForm>
        </section>
    }
    .into_any()
}

/// Who else sees the request, and the way to change that.
#[component]
fn Shares(id: String, sharing: Sharing) -> impl IntoView {
    let Sharing { organisation, is_shared } = sharing;
    let (says, act) = if is_shared {
        (format!("Your colleagues at {organisation} see this request too."), "Show it to nobody else")
    } else {
        ("Only you and the service desk see this request.".to_owned(), "Show it to my colleagues")
    };
    view! {
        <div class="shares">
            <p class="muted"><Icon icon=Icon::Eye/>{says}</p>
            <QuickForm endpoint="share_request" class="quick--inline" done="Changed.">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="shared" value=(!is_shared).to_string()/>
                <button class="button button--ghost" type="submit">{act}</button>
            </QuickForm>
        </div>
    }
    .into_any()
}

/// A link from a mail that no longer opens anything, or never did.
#[component]
pub fn PortalExpired() -> impl IntoView {
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    provide_form_failure();
    let (title, text) = match token.as_str() {
        "sent" => ("It is on its way", "A new link is in your mail. It works for two weeks."),
        "unknown" => {
            ("This link does not work", "Perhaps a part of it was lost. Open it from the mail again, or ask anew.")
        }
        _ => (
            "This link is too old",
            "Links in our mails work for two weeks. We can send a new one to the same address.",
        ),
    };
    let renews = (token != "sent" && token != "unknown").then(|| {
        view! {
            <QuickForm endpoint="renew_link">
                <input type="hidden" name="token" value=token/>
                <button class="button button--primary" type="submit">"Send me a new link"</button>
            </QuickForm>
        }
    });
    view! {
        <Title text=title/>
        <div class="portal__column"><h1>{title}</h1><p>{text}</p>{renews}<p class="portal__actions"><a class="button" href="/portal" rel="external">"To the start"</a></p></div>
    }
    .into_any()
}

/// What the requester may decide now, by the status machine.
#[component]
fn Decisions(ticket: Ticket) -> impl IntoView {
    let mut next: Vec<_> = next_statuses(ticket.status, Side::Requester).collect();
    // What we hope for comes first.
    next.sort_by_key(|next| next.to != TicketStatus::Closed);
    let buttons = next
        .into_iter()
        // Answering does this.
        .filter(|next| ticket.status != TicketStatus::Waiting || next.to != TicketStatus::InProgress)
        .map(|next| match next.needs {
            Needs::Reason => view! { <Cancel ticket=ticket.clone()/> }.into_any(),
            _ => {
                let (label, class) = match next.to {
                    TicketStatus::Closed => ("Yes, it is solved", "button button--primary"),
                    _ => ("No, please reopen it", "button"),
                };
                view! {
                    <QuickForm endpoint="change_own_status" class="quick--inline" done="Thank you.">
                        <input type="hidden" name="id" value=ticket.id.to_string()/>
                        <input type="hidden" name="status" value=next.to.as_str()/>
                        <button class=class type="submit">{label}</button>
                    </QuickForm>
                }
                .into_any()
            }
        })
        .collect_view();
    view! { <div class="decisions">{buttons}</div> }.into_any()
}

#[component]
fn Cancel(ticket: Ticket) -> impl IntoView {
    view! {
        <details class="decisions__cancel" data-closes="">
            <summary class="button button--ghost">"I no longer need this"</summary>
            <QuickForm endpoint="change_own_status" done="Cancelled.">
                <input type="hidden" name="id" value=ticket.id.to_string()/>
                <input type="hidden" name="status" value=TicketStatus::Cancelled.as_str()/>
                <label for="cancel-reason">"Why?"</label>
                <input id="cancel-reason" name="reason" required maxlength=REASON_MAX placeholder="It works again"/>
                <button class="button" type="submit">"Cancel the request"</button>
            </QuickForm>
        </details>
    }
    .into_any()
}
