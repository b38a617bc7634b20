//! Custom fields.

use super::{Arrangement, arranged_page, options};
use crate::functions::arranging::Arranged;
use crate::ui::{EmptyState, Icon, QuickForm, Undo};
use leptos::prelude::*;
use oxdesk::categories::path;
use oxdesk::fields::rules::show as show_value;
use oxdesk::fields::{Field, FieldKind};

#[component]
pub fn Fields() -> impl IntoView {
    arranged_page(
        "Fields",
        "What you want to know of a ticket beside what every ticket has. A deleted field keeps its values and can be brought back.",
        show,
    )
}

fn show(arranged: Arranged) -> AnyView {
    let may = arranged.may_manage_fields;
    let list = if arranged.fields.is_empty() {
        view! { <EmptyState title="No fields yet" text="A field has a kind: text, number, date, choice, person, yes or no."/> }.into_any()
    } else {
        let row = |field: &Field| {
            let form = view! { {form(Some(field), &arranged)}<Delete field=field.clone()/> }.into_any();
            let name = field.label.clone();
            if field.is_deleted {
                return view! { <Gone field=field.clone()/> }.into_any();
            }
            view! { <Arrangement name says=says(field, &arranged) may_change=may form/> }.into_any()
        };
        view! { <ul class="panel panel--plain">{arranged.fields.iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {list}
        {may.then(|| view! { <section><h2>"New field"</h2>{form(None, &arranged)}</section> })}
    }
    .into_any()
}

fn says(field: &Field, arranged: &Arranged) -> String {
    let mut says = vec![field.kind.label().to_owned(), field.key.clone()];
    says.extend(field.required.then(|| "required".to_owned()));
    says.extend(field.is_public.then(|| "in the portal".to_owned()));
    let category = field.category_id.and_then(|id| arranged.categories.iter().find(|category| category.id == id));
    says.extend(category.map(|category| format!("for {}", category.name)));
    let queue = field.queue_id.and_then(|id| arranged.queues.iter().find(|queue| queue.id == id));
    says.extend(queue.map(|queue| format!("in {}", queue.name)));
    says.extend(field.asked_when.as_ref().map(|when| format!("when {} is {}", when.key, when.value)));
    says.join(" · ")
}

#[component]
fn Delete(field: Field) -> impl IntoView {
    let undo = Undo { endpoint: "restore_field", fields: vec![("id", field.id.to_string())] };
    view! {
        <QuickForm endpoint="delete_field" class="quick--inline" done="Deleted. Its values stay." undo=Some(undo)>
            <input type="hidden" name="id" value=field.id.to_string()/>
            <button class="button button--ghost" type="submit" aria-label=format!("Delete {}", field.label)><Icon icon=Icon::Bin/>"Delete"</button>
        </QuickForm>
    }
    .into_any()
}

/// A deleted field, and the way back.
#[component]
fn Gone(field: Field) -> impl IntoView {
    view! {
        <li class="arranged arranged--gone">
            <div class="arranged__fold"><span class="arranged__name">{field.label}</span><small>"Deleted · "{field.key}</small></div>
            <QuickForm endpoint="restore_field" class="quick--inline" done="It is back.">
                <input type="hidden" name="id" value=field.id.to_string()/>
                <button class="button" type="submit">"Bring back"</button>
            </QuickForm>
        </li>
    }
    .into_any()
}

fn form(field: Option<&Field>, arranged: &Arranged) -> AnyView {
    let key = field.map_or("new".to_owned(), |field| field.key.clone());
    let id = move |name: &str| format!("{name}-{key}");
    let id_of = id.clone();
    let none = |label: &str| std::iter::once((String::new(), label.to_owned()));
    let named = |id: Option<oxdesk::categories::CategoryId>| {
        id.and_then(|id| arranged.categories.iter().find(|category| category.id == id)).map(|found| found.name.clone())
    };
    let categories = arranged.categories.iter().map(|category| {
        let parent = named(category.parent_id);
        let label = parent.map_or_else(|| category.name.clone(), |parent| path(&parent, Some(&category.name)));
        (category.id.to_string(), label)
    });
    let categories = none("Every category").chain(categories).collect();
    let queues = arranged.queues.iter().map(|queue| (queue.id.to_string(), queue.name.clone()));
    let queues = none("Every queue").chain(queues).collect();
    let others =
        arranged.fields.iter().filter(|other| !other.is_deleted && field.is_none_or(|own| own.key != other.key));
    let others =
        none("Always").chain(others.map(|other| (other.key.clone(), format!("When “{}” is", other.label)))).collect();
    let kind = match field {
        Some(field) => {
            view! { <p class="muted">"Kind: "{field.kind.label()}" · key: "<code>{field.key.clone()}</code></p> }
                .into_any()
        }
        None => {
            let kinds = FieldKind::ALL.iter().map(|kind| (kind.to_string(), kind.label().to_owned())).collect();
            view! {
                <label for=id("kind")>"Kind"</label>
                <select id=id("kind") name="field[kind]">{options(kinds, "TEXT")}</select>
                <label for=id("key")>"Key, for the API and filters"<span class="field__optional">" optional, never changes"</span></label>
                <input id=id("key") name="field[key]" maxlength="40" pattern="[a-z][a-z0-9_]*" autocomplete="off"/>
            }
            .into_any()
        }
    };
    let choices = field.is_none_or(|field| field.kind.has_choices()).then(|| {
        let text = field.map(|field| field.choices.join("\n"));
        view! {
            <label for=id("choices")>"Choices, one a line"</label>
            <textarea id=id("choices") name="field[choices]" rows="3">{text}</textarea>
        }
    });
    let when = field.and_then(|field| field.asked_when.clone());
    let (when_key, when_value) = when.map(|when| (when.key, when.value)).unwrap_or_default();
    let chosen = |id: Option<String>| id.unwrap_or_default();
    let category = chosen(field.and_then(|field| field.category_id).map(|id| id.to_string()));
    let queue = chosen(field.and_then(|field| field.queue_id).map(|id| id.to_string()));
    let default = field.and_then(|field| field.default_value.as_ref()).map(show_value);
    let (id, field) = (id_of, field.cloned());
    view! {
        <QuickForm endpoint="save_field" class="arranged__form" done="Saved.">
            {field.as_ref().map(|field| view! { <input type="hidden" name="id" value=field.id.to_string()/> })}
            <label for=id("label")>"Label"</label>
            <input id=id("label") name="field[label]" required maxlength="100" value=field.as_ref().map(|field| field.label.clone())/>
            {kind}
            {choices}
            <label for=id("help")>"Help"<span class="field__optional">" optional"</span></label>
            <input id=id("help") name="field[help]" maxlength="300" value=field.as_ref().and_then(|field| field.help.clone())/>
            <label for=id("default")>"Begins with"<span class="field__optional">" optional"</span></label>
            <input id=id("default") name="field[default_value]" value=default/>
            <label for=id("category")>"Belongs to"</label>
            <div class="quick__row">
                <select id=id("category") name="field[category_id]" aria-label="Category">{options(categories, &category)}</select>
                <select name="field[queue_id]" aria-label="Queue">{options(queues, &queue)}</select>
            </div>
            <label for=id("when")>"Is asked"</label>
            <div class="quick__row">
                <select id=id("when") name="field[asked_when_key]">{options(others, &when_key)}</select>
                <input name="field[asked_when_value]" aria-label="That value" maxlength="100" value=when_value/>
            </div>
            <label for=id("position")>"Place in the form"<span class="field__optional">" optional"</span></label>
            <input id=id("position") name="field[position]" inputmode="numeric" pattern="[0-9]{1,6}" value=field.as_ref().map(|field| field.position.to_string())/>
            <label class="check"><input type="checkbox" name="field[required]" value="yes" checked=field.as_ref().is_some_and(|field| field.required)/>"Required"</label>
            <label class="check"><input type="checkbox" name="field[is_public]" value="yes" checked=field.as_ref().is_some_and(|field| field.is_public)/>"Requesters fill it in and see it"</label>
            <button class="button button--primary" type="submit">"Save the field"</button>
        </QuickForm>
    }
    .into_any()
}
