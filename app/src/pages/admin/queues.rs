//! Queues, who works in them, and to whom a new ticket goes.

use super::{Arrangement, arranged_page, options};
use crate::functions::arranging::Arranged;
use crate::ui::{EmptyState, Icon, QuickForm};
use leptos::prelude::*;
use oxdesk::people::Person;
use oxdesk::queues::{AssignmentRule, Member, QueueDetail, QueueVisibility};

#[component]
pub fn Queues() -> impl IntoView {
    arranged_page(
        "Queues",
        "Where tickets stand until someone has them. A retired queue keeps its tickets and takes no new ones.",
        show,
    )
}

fn show(arranged: Arranged) -> AnyView {
    let may = arranged.may_manage_queues;
    let people = StoredValue::new(arranged.people);
    let list = if arranged.queues.is_empty() {
        view! { <EmptyState title="No queues yet" text="Without any, everyone who works tickets sees them all."/> }
            .into_any()
    } else {
        let row = |queue| view! { <Queue queue people=people.get_value() may/> };
        view! { <ul class="panel panel--plain">{arranged.queues.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {list}
        {may.then(|| view! { <section><h2>"New queue"</h2>{form(None)}</section> })}
    }
    .into_any()
}

#[component]
fn Queue(queue: QueueDetail, people: Vec<Person>, may: bool) -> impl IntoView {
    let mut says = vec![
        format!("Seen by {}", queue.visibility.label().to_lowercase()),
        format!("a new ticket goes to {}", queue.assignment_rule.label().to_lowercase()),
    ];
    says.extend((!queue.active).then(|| "retired".to_owned()));
    let (id, members) = (queue.id.to_string(), queue.members.clone());
    view! {
        <Arrangement name=queue.name.clone() says=says.join(" · ") may_change=may form=form(Some(queue))>
            <Members key="queue" id endpoints=("add_queue_member", "remove_queue_member") members people may/>
        </Arrangement>
    }
    .into_any()
}

fn form(queue: Option<QueueDetail>) -> AnyView {
    let key = queue.as_ref().map_or("new".to_owned(), |queue| queue.id.to_string());
    let id = queue.as_ref().map(|queue| queue.id.to_string());
    let visibility = queue.as_ref().map_or(QueueVisibility::Members, |queue| queue.visibility);
    let rule = queue.as_ref().map_or(AssignmentRule::None, |queue| queue.assignment_rule);
    let retired = queue.as_ref().is_some_and(|queue| !queue.active);
    let field = move |name: &str| format!("{name}-{key}");
    let visibilities = QueueVisibility::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let rules = AssignmentRule::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let retire = id.is_some().then(|| view! { <label class="check"><input type="checkbox" name="retired" value="yes" checked=retired/>"Retired"</label> });
    view! {
        <QuickForm endpoint="save_queue" class="arranged__form" done="Saved.">
            {id.map(|id| view! { <input type="hidden" name="id" value=id/> })}
            <label for=field("name")>"Name"</label>
            <input id=field("name") name="name" required maxlength="100" value=queue.as_ref().map(|queue| queue.name.clone())/>
            <label for=field("description")>"What for"<span class="field__optional">" optional"</span></label>
            <input id=field("description") name="description" maxlength="500" value=queue.as_ref().and_then(|queue| queue.description.clone())/>
            <label for=field("visibility")>"Who sees its tickets"</label>
            <select id=field("visibility") name="visibility">{options(visibilities, visibility.as_str())}</select>
            <label for=field("rule")>"Who gets a new one"</label>
            <select id=field("rule") name="assignment_rule">{options(rules, rule.as_str())}</select>
            {retire}
            <button class="button button--primary" type="submit">"Save the queue"</button>
        </QuickForm>
    }
    .into_any()
}

/// Those who belong to a queue or a team, and the form for one more.
#[component]
pub fn Members(
    /// What the form calls the thing: `queue` or `team`.
    key: &'static str,
    id: String,
    /// Adding and taking away.
    endpoints: (&'static str, &'static str),
    members: Vec<Member>,
    people: Vec<Person>,
    may: bool,
) -> impl IntoView {
    let others: Vec<_> = people
        .into_iter()
        .filter(|person| !members.iter().any(|member| member.person.id == person.id))
        .map(|person| (person.id.to_string(), person.name))
        .collect();
    let owner = id.clone();
    let rows = members
        .into_iter()
        .map(|member| {
            let label = format!("Take {} away", member.person.name);
            let owner = owner.clone();
            let cross = may.then(|| view! {
                <QuickForm endpoint=endpoints.1 class="quick--inline">
                    <input type="hidden" name=key value=owner/>
                    <input type="hidden" name="user_id" value=member.person.id.to_string()/>
                    <button class="button button--ghost button--icon member__cross" type="submit" aria-label=label.clone() title=label><Icon icon=Icon::Cross/></button>
                </QuickForm>
            });
            view! { <li class="member">{member.person.name}{member.away.then(|| view! { <span class="muted">" away"</span> })}{cross}</li> }
        })
        .collect_view();
    let select = format!("member-{id}");
    let add = (may && !others.is_empty()).then(|| view! {
        <QuickForm endpoint=endpoints.0 class="members__add">
            <input type="hidden" name=key value=id.clone()/>
            <label class="sr-only" for=select.clone()>"Someone more"</label>
            <div class="quick__row"><select id=select name="user_id">{options(others, "")}</select><button class="button" type="submit">"Add"</button></div>
        </QuickForm>
    });
    view! { <div class="members"><ul class="members__list">{rows}</ul>{add}</div> }.into_any()
}
