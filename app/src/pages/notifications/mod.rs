//! What the viewer was told.

mod choices;
mod desktop;
mod unsubscribe;

pub use choices::NotificationChoices;
pub use desktop::show_on_desktop;
pub use unsubscribe::Unsubscribe;

use crate::functions::notifications::list_notifications;
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, EmptyState, ErrorState, LoadingRows, QuickForm};
use desktop::AllowDesktop;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::Timestamp;
use oxdesk::notifications::{Notification, NotificationList, NotificationType};

#[component]
pub fn Notifications() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("show").as_deref() != Some("all"), query.get("type").unwrap_or_default(), query.get("after"))
    });
    let list = Resource::new(
        move || (asked.get(), live.track_notified(), live.track()),
        |((unread, kind, after), ..)| list_notifications(unread, Some(kind), after),
    );
    view! {
        <Title text="Notifications"/>
        <section class="list" aria-label="Notifications">
            <header class="bar told__bar"><h1>"Notifications"</h1><span class="grow"></span><AllowDesktop/>
                <QuickForm endpoint="mark_all_read" class="quick--inline" done="All read."><button class="button" type="submit">"Mark all as read"</button></QuickForm>
                <a class="button button--ghost" href="/account#notifications">"Choose"</a>
            </header>
            {move || filters(asked.get())}
            <Transition fallback=|| view! { <LoadingRows/> }>
                {move || {
                    let (unread, kind, _) = asked.get();
                    Suspend::new(async move {
                        match list.await {
                            Ok(list) => view! { <List list unread kind/> }.into_any(),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </section>
    }
    .into_any()
}

/// Unread or all, of one type or any. A plain form: it works without a script.
fn filters((unread, kind, _): (bool, String, Option<String>)) -> AnyView {
    let tab = |name: &'static str, show: &'static str, on: bool| {
        let href = href(show, &kind, None);
        view! { <a href=href class="button button--ghost tab" aria-current=on.then_some("page")>{name}</a> }
    };
    let types = NotificationType::ALL
        .iter()
        .map(|one| view! { <option value=one.as_str() selected=one.as_str() == kind>{one.label()}</option> })
        .collect_view();
    view! {
        <div class="filters">
            {tab("Unread", "unread", unread)}{tab("All", "all", !unread)}
            <form class="told__types" method="get" action="/notifications">
                <input type="hidden" name="show" value=if unread { "unread" } else { "all" }/>
                <label class="sr-only" for="told-type">"What for"</label>
                <select id="told-type" name="type"><option value="">"Everything"</option>{types}</select>
                <button class="button" type="submit">"Show"</button>
            </form>
        </div>
    }
    .into_any()
}

fn href(show: &str, kind: &str, after: Option<String>) -> String {
    let mut query = ParamsMap::new();
    query.insert("show", show.to_owned());
    if !kind.is_empty() {
        query.insert("type", kind.to_owned());
    }
    if let Some(after) = after {
        query.insert("after", after);
    }
    format!("/notifications{}", query.to_query_string())
}

#[component]
fn List(list: NotificationList, unread: bool, kind: String) -> impl IntoView {
    if list.rows.is_empty() {
        let (title, text) = match unread {
            true => ("Nothing unread", "What colleagues and requesters do on your tickets stands here."),
            false => ("Nothing yet", "What colleagues and requesters do on your tickets stands here."),
        };
        return view! { <EmptyState title text/> }.into_any();
    }
    let show = if unread { "unread" } else { "all" };
    let next = list.next.map(|after| {
        let href = href(show, &kind, Some(after.to_string()));
        view! { <p class="pager"><a href=href class="button">"Older ones"</a></p> }
    });
    let now = list.now;
    let rows = list.rows.into_iter().map(|row| view! { <li><Line row now/></li> }).collect_view();
    view! { <ul class="told">{rows}</ul>{next} }.into_any()
}

#[component]
fn Line(row: Notification, now: Timestamp) -> impl IntoView {
    let more = (row.more > 0).then(|| format!(", and {} more", row.more));
    let unread = !row.read;
    let body = view! {
        <span class="told__dot" aria-hidden="true"></span>
        <span class="told__text"><b>{row.message}{more}</b><span>{row.title}</span>{unread.then(|| view! { <span class="sr-only">"unread"</span> })}</span>
        <span class="muted"><Ago at=row.created_at now/></span>
    };
    match row.link {
        Some(link) => view! { <a class="told__line" class:told__line--unread=unread href=link>{body}</a> }.into_any(),
        None => view! {
            <QuickForm endpoint="mark_notification_read" class="told__form">
                <input type="hidden" name="id" value=row.id.to_string()/>
                <button class="told__line" class:told__line--unread=unread type="submit">{body}</button>
            </QuickForm>
        }
        .into_any(),
    }
}
