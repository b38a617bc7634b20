//! The portal's frame: large type, few things.

use super::second_factor_due;
use crate::brand::use_brand;
use crate::functions::people::use_viewer;
use crate::ui::{Avatar, Logo};
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use oxdesk::settings::Brand;

/// On how many of the viewer's requests something happened that they have not seen: found by the host before the page
/// begins.
#[cfg(feature = "ssr")]
fn news() -> i64 {
    crate::session::extension::<crate::functions::requester::News>().map_or(0, |news| news.0)
}

#[cfg(not(feature = "ssr"))]
fn news() -> i64 {
    0
}

#[component]
pub fn PortalLayout() -> impl IntoView {
    let news = SharedValue::new(news).into_inner();
    let name = use_brand().name;
    let called = if name == Brand::default().name { "Help".to_owned() } else { name };
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <div class="portal">
            <header class="portal__top">
                // A whole new page, as the first one is: what it shows is found before it begins.
                <a class="portal__brand" href="/portal" rel="external"><Logo/>{called}</a>
                <nav aria-label="Main">
                    <A href="/portal/kb">"Knowledge"</A>
                    <A href="/portal/new">"New request"</A>
                    <A href="/portal/requests">"My requests"{(news > 0).then(|| view! { <b class="portal__news">{news}<span class="sr-only">" with news"</span></b> })}</A>
                </nav>
                <span class="grow"></span>
                {match use_viewer() {
                    Some(viewer) => view! {
                        <span class="portal__me">
                            {viewer.is_agent.then(|| view! { <a href="/tickets">"Workspace"</a> })}
                            <A href="/portal/account"><Avatar name=Some(viewer.name.clone()) large=true/><span class="sr-only">"Account of "{viewer.name.clone()}</span></A>
                            // A plain form: its answer is a whole new page anyway.
                            <form method="post" action="/fn/sign_out"><button class="button button--ghost" type="submit">"Sign out"</button></form>
                        </span>
                    }.into_any(),
                    None => view! { <a class="button" href="/login">"Sign in"</a> }.into_any(),
                }}
            </header>
            {use_viewer().and_then(|viewer| second_factor_due(&viewer)).map(|due| view! { <aside class="portal__owed" aria-label="To be done">{due}</aside> })}
            <main class="portal__main" id="main" tabindex="-1"><Outlet/></main>
        </div>
    }
    .into_any()
}
