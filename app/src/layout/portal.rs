//! The portal's frame: large type, few things.

use crate::functions::people::{SignOut, use_viewer};
use crate::pages::follow;
use crate::ui::{Avatar, Logo};
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};

#[component]
pub fn PortalLayout() -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    follow(sign_out);
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <div class="portal">
            <header class="portal__top">
                <a class="portal__brand" href="/portal"><Logo/>"Help"</a>
                <nav aria-label="Main">
                    <A href="/portal/new">"New request"</A>
                    <A href="/portal/requests">"My requests"</A>
                </nav>
                <span class="grow"></span>
                {match use_viewer() {
                    Some(viewer) => view! {
                        <span class="portal__me">
                            {viewer.is_agent.then(|| view! { <a href="/tickets">"Workspace"</a> })}
                            <A href="/portal/account"><Avatar name=Some(viewer.name.clone()) large=true/><span class="sr-only">"Account of "{viewer.name.clone()}</span></A>
                            <ActionForm action=sign_out><button class="button button--ghost" type="submit">"Sign out"</button></ActionForm>
                        </span>
                    }.into_any(),
                    None => view! { <a class="button" href="/login">"Sign in"</a> }.into_any(),
                }}
            </header>
            <main class="portal__main" id="main" tabindex="-1"><Outlet/></main>
        </div>
    }
    .into_any()
}
