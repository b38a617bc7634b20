//! What stands beside the conversation under the properties: deadline, requester, and what agents keep.

use super::super::composer::Writing;
use super::about::{AboutAssets, AboutChanges};
use super::assistant::{Assistant, Suggested};
use super::custom_fields::CustomFields;
use super::deadlines::WhyThen;
use super::folds::{Checklist, Ending, FollowUp, Links, TimeSpent, Watchers};
use super::problem::{AboutProblem, known_errors};
use crate::functions::knowledge::article_text;
use crate::functions::people::use_viewer;
use crate::functions::tickets::Choices;
use crate::ui::{Avatar, DueRing, QuickForm};
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::ratings::Rating;
use oxdesk::search::{Found, Known, SimilarTicket};
use oxdesk::tickets::{Abilities, Ticket, TicketId, Workbench};

#[component]
pub fn Side(
    ticket: Ticket,
    bench: Workbench,
    choices: Choices,
    rating: Option<Rating>,
    may: Abilities,
    now: Timestamp,
    writing: Writing,
) -> impl IntoView {
    let requester = ticket.requester_label().to_owned();
    let Workbench {
        links,
        merged,
        watchers,
        ccs,
        checklist,
        time,
        minutes,
        is_muted,
        deadlines,
        known,
        is_drafting,
        assets,
        own_assets,
        changes,
        problem,
        ..
    } = bench;
    let utc_offset_seconds = use_viewer().map(|viewer| viewer.utc_offset_seconds).unwrap_or_default();
    let id = ticket.id;
    let rated = rating.map(|rating| {
        view! {
            <section class="rated">
                <h2>"Rating"</h2>
                <p><b>{format!("{} of 5", rating.score.number())}</b>" · "{rating.score.label()}</p>
                {rating.comment.map(|comment| view! { <p class="muted">{comment}</p> })}
            </section>
        }
    });
    let place =
        oxdesk::categories::place(&choices.categories, ticket.category.as_deref(), ticket.subcategory.as_deref());
    let fields = choices.fields.iter().filter(|field| {
        let belongs = oxdesk::fields::rules::belongs(field, &place.ids, ticket.queue.as_ref().map(|queue| queue.id));
        belongs || (!field.is_deleted && ticket.custom_fields.contains_key(&field.key))
    });
    let fields: Vec<_> = fields.cloned().collect();
    let suggested = may.update.then(|| view! { <Suggested ticket=ticket.clone() triage=known.triage.clone() categories=choices.categories.clone() queues=choices.queues.clone()/> });
    view! {
        {suggested}
        <CustomFields ticket=ticket.clone() fields people=choices.people.clone() may_update=may.update/>
        {rated}
        {ticket.due_at.map(|due| view! { <div class="side__due"><DueRing due_at=Some(due) created_at=ticket.created_at now/></div> })}
        {deadlines.map(|deadlines| view! { <WhyThen deadlines utc_offset_seconds/> })}
        <section>
            <h2>"Requester"</h2>
            <p class="side__person"><Avatar name=Some(requester.clone())/><b>{requester}</b></p>
            <p class="muted side__mail">{ticket.requester_email.clone()}</p>
        </section>
        {(is_drafting && may.reply).then(|| view! { <Assistant id writing/> })}
        <KnownAbout id number=ticket.ticket_number.to_string() known writing=may.reply.then_some(writing) is_drafting/>
        <AboutAssets id assets own=own_assets may_update=may.update/>
        <AboutChanges number=ticket.ticket_number.to_string() changes/>
        <FollowUp ticket=ticket.clone() may_update=may.update/>
        <AboutProblem id problem links=links.clone() may_update=may.update/>
        <Links id links merged may_update=may.update/>
        <Checklist id items=checklist may_update=may.update/>
        <Watchers id watchers ccs people=choices.people may_update=may.update is_muted/>
        <TimeSpent id entries=time minutes may_update=may.update/>
        <Ending ticket may/>
    }
    .into_any()
}

/// What is known about it already: articles, to be put into the answer, and tickets like it, with how they ended.
#[component]
fn KnownAbout(
    id: TicketId,
    number: String,
    known: Known,
    writing: Option<Writing>,
    is_drafting: bool,
) -> impl IntoView {
    // What it may be filed under is offered where it is filed.
    let Known { errors, articles, tickets, alike, .. } = known;
    let errors = known_errors(id, errors, writing);
    let drafted = is_drafting.then(|| format!("/knowledge/new?ticket={number}&draft=model"));
    let incident = incident(id, alike);
    let articles = articles.into_iter().map(|found| article(found, writing)).collect_view();
    let similar = (!tickets.is_empty()).then(|| {
        let rows = tickets.into_iter().map(similar).collect_view();
        view! { <section class="known" aria-label="Similar tickets"><h2>"Similar tickets"</h2><ul>{rows}</ul></section> }
    });
    view! {
        {errors}
        {incident}
        <section class="known" aria-label="Knowledge">
            <h2>"Knowledge"</h2>
            <ul>{articles}</ul>
            <p><a class="known__write" href=format!("/knowledge/new?ticket={number}")>"Make an article of it"</a></p>
            {drafted.map(|href| view! { <p><a class="known__write" href=href>"Have one drafted"</a></p> })}
        </section>
        {similar}
    }
    .into_any()
}

/// Several people wrote the same today.
fn incident(id: TicketId, alike: Vec<SimilarTicket>) -> Option<AnyView> {
    if alike.is_empty() {
        return None;
    }
    let rows = alike.iter().cloned().map(similar).collect_view();
    let numbers = alike
        .iter()
        .map(|ticket| view! { <input type="hidden" name="numbers[]" value=ticket.ticket_number.clone()/> })
        .collect_view();
    let head = format!("{} open tickets of the last day say the same.", alike.len());
    Some(
        view! {
            <section class="known known--incident" aria-label="Possible incident">
                <h2>"Possible incident"</h2>
                <p>{head}</p>
                <ul>{rows}</ul>
                <QuickForm endpoint="link_alike" done="Linked.">
                    <input type="hidden" name="id" value=id.to_string()/>{numbers}
                    <button class="button" type="submit">"Link all of them"</button>
                </QuickForm>
            </section>
        }
        .into_any(),
    )
}

fn article(found: Found, writing: Option<Writing>) -> AnyView {
    // Scripts write into the answer; without them there is the link.
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let (why, path, address) = (found.why.sentence(), found.path(), found.address.clone());
    let (title, slug) = (found.title.clone(), address.clone());
    // Whole: it is read in a mail, too.
    let link = move || {
        let origin = window().location().origin().unwrap_or_default();
        format!("[{title}]({origin}/portal/kb/{slug})")
    };
    let (named, quoted) = (found.title.clone(), found.title.clone());
    let deeds = writing.map(|writing| {
        // Who asked could not open what is not for everyone.
        let name = found.is_public.then(|| {
            view! { <button type="button" class="button button--ghost" aria-label=format!("Put a link to “{named}” into the answer") on:click=move |_| writing.add(&link(), writing.node)>"Link"</button> }
        });
        let quote = move |_| {
            let address = address.clone();
            leptos::task::spawn_local(async move {
                match article_text(address).await {
                    Ok(text) => writing.add(&text, writing.node),
                    Err(error) => drop(writing.message.try_set(Some(error.to_string()))),
                }
            });
        };
        view! { <span class="known__deeds" hidden=move || !hydrated.get()>{name}<button type="button" class="button button--ghost" aria-label=format!("Put the text of “{quoted}” into the answer") on:click=quote>"Text"</button></span> }
    });
    view! { <li><a href=path title=why>{found.title}</a>{deeds}</li> }.into_any()
}

fn similar(ticket: SimilarTicket) -> AnyView {
    let solved = ticket.resolution.map(|text| view! { <p class="known__solved">{text}</p> });
    view! { <li><a href=format!("/tickets/{}", ticket.ticket_number)><span class="num">{ticket.ticket_number.clone()}</span>" "{ticket.subject}</a>{solved}</li> }.into_any()
}
