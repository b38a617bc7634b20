//! Macros: what there is, and the form for a new one.

use crate::functions::macros::list_macros;
use crate::functions::people::use_viewer;
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::macros::rules::PLACEHOLDERS;
use oxdesk::macros::{Macro, NAME_MAX};
use oxdesk::tickets::{COMMENT_MAX, TicketPriority, TicketStatus};

#[component]
pub fn Macros() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let macros = Resource::new(move || live.track_own(), |_| list_macros());
    view! {
        <Title text="Macros"/>
        <section class="sheet" aria-label="Macros">
            <h1>"Macros"</h1>
            <div>
                <p class="muted">"A text and what goes with it, behind one name. On a ticket: the button under what you write, or / in an empty answer."</p>
                <Transition fallback=|| view! { <LoadingRows rows=3/> }>
                    {move || Suspend::new(async move {
                        match macros.await {
                            Ok(list) => view! { <List list/> }.into_any(),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })}
                </Transition>
                <h2>"New macro"</h2>
                <Form/>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn List(list: Vec<Macro>) -> impl IntoView {
    if list.is_empty() {
        return view! { <EmptyState title="No macros yet" text="What you write for the third time is worth one."/> }
            .into_any();
    }
    let row = |found: Macro| {
        let does = does(&found);
        view! {
            <li class="kept__row">
                <span class="kept__text"><b>{found.name.clone()}</b><small>{does}</small><span class="macro__body">{found.body}</span></span>
                {found.may_edit.then(|| view! {
                    <QuickForm endpoint="delete_macro" class="quick--inline" done="Deleted.">
                        <input type="hidden" name="id" value=found.id.to_string()/>
                        <button class="button button--ghost button--icon" type="submit" aria-label=format!("Delete {}", found.name)><Icon icon=Icon::Bin/></button>
                    </QuickForm>
                })}
            </li>
        }
    };
    view! { <ul class="kept__list macro__list">{list.into_iter().map(row).collect_view()}</ul> }.into_any()
}

/// What using it does, in words.
fn does(found: &Macro) -> String {
    let mut words = vec![if found.is_shared { "Everyone's".to_owned() } else { "Yours".to_owned() }];
    words.extend(found.priority.map(|priority| format!("priority {}", priority.label())));
    words.extend(found.assign_to_me.then(|| "assigns to you".to_owned()));
    words.extend((!found.tags.is_empty()).then(|| format!("tags {}", found.tags.join(", "))));
    words.extend(found.status.map(|status| format!("sending makes it {}", status.label())));
    words.join(" · ")
}

#[component]
fn Form() -> impl IntoView {
    let may_share = use_viewer().is_some_and(|viewer| viewer.audiences.everyone);
    let known = PLACEHOLDERS.map(|(name, means)| view! { <li><code>{format!("{{{{{name}}}}}")}</code>" "{means}</li> });
    let statuses = [TicketStatus::InProgress, TicketStatus::Waiting, TicketStatus::Resolved];
    view! {
        <QuickForm endpoint="save_macro" class="macro__form" done="Saved.">
            <label for="macro-name">"Name"</label>
            <input id="macro-name" name="name" required maxlength=NAME_MAX/>
            <label for="macro-body">"Text"</label>
            <textarea id="macro-body" name="body" rows="5" maxlength=COMMENT_MAX aria-describedby="macro-known"></textarea>
            <ul class="macro__known" id="macro-known">{known.collect_view()}</ul>
            <div class="sheet__pair">
                <div><label for="macro-status">"Sending makes the ticket"</label>
                <select id="macro-status" name="status"><option value="">"What it would be"</option>
                    {statuses.map(|status| view! { <option value=status.as_str()>{status.label()}</option> }).collect_view()}
                </select></div>
                <div><label for="macro-priority">"Priority"</label>
                <select id="macro-priority" name="priority"><option value="">"As it is"</option>
                    {TicketPriority::ALL.iter().rev().map(|priority| view! { <option value=priority.as_str()>{priority.label()}</option> }).collect_view()}
                </select></div>
            </div>
            <label for="macro-tags">"Tags to add, separated by commas"</label>
            <input id="macro-tags" name="tags" autocomplete="off"/>
            <label class="check"><input type="checkbox" name="assign_to_me" value="yes"/>"Assign the ticket to whoever uses it"</label>
            {may_share.then(|| view! { <label class="check"><input type="checkbox" name="is_shared" value="yes"/>"For everyone who works tickets"</label> })}
            <button class="button button--primary" type="submit">"Save the macro"</button>
        </QuickForm>
    }
    .into_any()
}
