//! What stands beside the conversation under the properties: deadline, requester, and what agents keep.

use super::custom_fields::CustomFields;
use super::deadlines::WhyThen;
use super::folds::{Checklist, Ending, FollowUp, Links, TimeSpent, Watchers};
use crate::functions::people::use_viewer;
use crate::functions::tickets::Choices;
use crate::ui::{Avatar, DueRing};
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::knowledge::FoundArticle;
use oxdesk::ratings::Rating;
use oxdesk::tickets::{Abilities, Ticket, Workbench};

#[component]
pub fn Side(
    ticket: Ticket,
    bench: Workbench,
    choices: Choices,
    rating: Option<Rating>,
    may: Abilities,
    now: Timestamp,
) -> impl IntoView {
    let requester = ticket.requester_label().to_owned();
    let Workbench { links, merged, watchers, ccs, checklist, time, minutes, is_muted, deadlines, articles, .. } = bench;
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
    view! {
        <CustomFields ticket=ticket.clone() fields people=choices.people.clone() may_update=may.update/>
        {rated}
        {ticket.due_at.map(|due| view! { <div class="side__due"><DueRing due_at=Some(due) created_at=ticket.created_at now/></div> })}
        {deadlines.map(|deadlines| view! { <WhyThen deadlines utc_offset_seconds/> })}
        <section>
            <h2>"Requester"</h2>
            <p class="side__person"><Avatar name=Some(requester.clone())/><b>{requester}</b></p>
            <p class="muted side__mail">{ticket.requester_email.clone()}</p>
        </section>
        <Known number=ticket.ticket_number.to_string() articles/>
        <FollowUp ticket=ticket.clone() may_update=may.update/>
        <Links id links merged may_update=may.update/>
        <Checklist id items=checklist may_update=may.update/>
        <Watchers id watchers ccs people=choices.people may_update=may.update is_muted/>
        <TimeSpent id entries=time minutes may_update=may.update/>
        <Ending ticket may/>
    }
    .into_any()
}

/// What is known about it already, and the way to write down what was found out.
#[component]
fn Known(number: String, articles: Vec<FoundArticle>) -> impl IntoView {
    let rows = articles.into_iter().map(|found| {
        view! { <li><a href=format!("/portal/kb/{}", found.slug)>{found.title}</a></li> }
    });
    view! {
        <section class="known" aria-label="Knowledge">
            <h2>"Knowledge"</h2>
            <ul>{rows.collect_view()}</ul>
            <p><a class="known__write" href=format!("/knowledge/new?ticket={number}")>"Make an article of it"</a></p>
        </section>
    }
    .into_any()
}
