//! The tree of categories.

use super::{Arrangement, arranged_page, options};
use crate::functions::arranging::Arranged;
use crate::ui::{EmptyState, Icon, QuickForm};
use leptos::prelude::*;
use oxdesk::categories::Category;
use oxdesk::queues::QueueDetail;
use oxdesk::tickets::TicketPriority;

#[component]
pub fn Categories() -> impl IntoView {
    arranged_page(
        "Categories",
        "Two levels. Choosing one can mean a queue and a priority; tickets follow a new name.",
        show,
    )
}

fn show(arranged: Arranged) -> AnyView {
    let may = arranged.may_manage_fields;
    let Arranged { categories, queues, .. } = arranged;
    let row = |category: &Category| {
        let says = says(category, &queues);
        let form = view! { {form(Some(category), &categories, &queues)}<Delete category=category.clone()/> }.into_any();
        view! { <Arrangement name=category.name.clone() says may_change=may form under=category.parent_id.is_some()/> }
    };
    let list = if categories.is_empty() {
        view! { <EmptyState title="No categories yet" text="The portal asks what a request is about once there is one."/> }.into_any()
    } else {
        view! { <ul class="panel panel--plain">{categories.iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {list}
        {may.then(|| view! { <section><h2>"New category"</h2>{form(None, &categories, &queues)}</section> })}
    }
    .into_any()
}

fn says(category: &Category, queues: &[QueueDetail]) -> String {
    let queue = category.queue_id.and_then(|id| queues.iter().find(|queue| queue.id == id));
    let mut says: Vec<String> = category.description.iter().cloned().collect();
    says.extend(queue.map(|queue| format!("goes to {}", queue.name)));
    says.extend(category.priority.map(|priority| format!("priority {}", priority.label().to_lowercase())));
    says.extend((!category.is_public).then(|| "not in the portal".to_owned()));
    says.join(" · ")
}

#[component]
fn Delete(category: Category) -> impl IntoView {
    let label = format!("Delete {}", category.name);
    view! {
        <QuickForm endpoint="delete_category" class="quick--inline" done="Deleted.">
            <input type="hidden" name="id" value=category.id.to_string()/>
            <button class="button button--ghost" type="submit" aria-label=label><Icon icon=Icon::Bin/>"Delete with what is under it"</button>
        </QuickForm>
    }
    .into_any()
}

fn form(category: Option<&Category>, all: &[Category], queues: &[QueueDetail]) -> AnyView {
    let key = category.map_or("new".to_owned(), |category| category.id.to_string());
    let field = move |name: &str| format!("{name}-{key}");
    let none = |label: &str| std::iter::once((String::new(), label.to_owned()));
    let parents = all.iter().filter(|other| other.parent_id.is_none() && category.is_none_or(|own| own.id != other.id));
    let parents = none("None: it stands on its own")
        .chain(parents.map(|parent| (parent.id.to_string(), parent.name.clone())))
        .collect();
    let queues = none("As its parent, or none")
        .chain(queues.iter().filter(|queue| queue.active).map(|queue| (queue.id.to_string(), queue.name.clone())))
        .collect();
    let priorities = TicketPriority::ALL.iter().rev().map(|one| (one.to_string(), one.label().to_owned()));
    let priorities = none("As its parent, or medium").chain(priorities).collect();
    let text = |id: Option<String>| id.unwrap_or_default();
    let is_public = category.is_none_or(|category| category.is_public);
    let chosen = [
        category.and_then(|one| one.parent_id).map(|id| id.to_string()),
        category.and_then(|one| one.queue_id).map(|id| id.to_string()),
    ];
    let [parent, queue] = chosen.map(text);
    let category = category.cloned();
    view! {
        <QuickForm endpoint="save_category" class="arranged__form" done="Saved.">
            {category.as_ref().map(|category| view! { <input type="hidden" name="id" value=category.id.to_string()/> })}
            <label for=field("name")>"Name"</label>
            <input id=field("name") name="name" required maxlength="100" value=category.as_ref().map(|category| category.name.clone())/>
            <label for=field("parent")>"Under"</label>
            <select id=field("parent") name="parent_id">{options(parents, &parent)}</select>
            <label for=field("description")>"What for"<span class="field__optional">" optional"</span></label>
            <input id=field("description") name="description" maxlength="300" value=category.as_ref().and_then(|category| category.description.clone())/>
            <label for=field("queue")>"Goes to the queue"</label>
            <select id=field("queue") name="queue_id">{options(queues, &queue)}</select>
            <label for=field("priority")>"Begins with the priority"</label>
            <select id=field("priority") name="priority">{options(priorities, &category.as_ref().and_then(|one| one.priority).map(|one| one.to_string()).unwrap_or_default())}</select>
            <label for=field("position")>"Place in the list"<span class="field__optional">" optional"</span></label>
            <input id=field("position") name="position" inputmode="numeric" pattern="[0-9]{1,6}" value=category.as_ref().map(|category| category.position.to_string())/>
            <label class="check"><input type="checkbox" name="is_public" value="yes" checked=is_public/>"Offered in the portal"</label>
            <button class="button button--primary" type="submit">"Save the category"</button>
        </QuickForm>
    }
    .into_any()
}
