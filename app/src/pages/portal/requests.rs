//! The viewer's own requests.

use super::RequestPanel;
use super::change::OwnChanges;
use crate::functions::requester::list_own_requests;
use crate::live::use_live;
use crate::ui::{EmptyState, ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

#[component]
pub fn PortalRequests() -> impl IntoView {
    view! {
        <Title text="My requests"/>
        <div class="portal__column"><h1>"My requests"</h1><OwnChanges/><Requests/><p><A href="/portal/assets" attr:class="button">"What you have"</A></p></div>
    }
    .into_any()
}

/// The viewer's own tickets.
#[component]
fn Requests() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let list = Resource::new(
        move || (query.read().get("after"), live.track()),
        move |(after, _)| list_own_requests(None, after, false),
    );
    live.catch_up();
    view! {
        <Transition fallback=|| view! { <LoadingRows rows=3/> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) if list.rows.is_empty() => view! {
                        <EmptyState title="No requests" text="When you ask for help, it stands here with its answers.">
                            <A href="/portal/new" attr:class="button button--primary">"Ask for help"</A>
                        </EmptyState>
                    }.into_any(),
                    Ok(list) => view! { <RequestPanel list/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}
