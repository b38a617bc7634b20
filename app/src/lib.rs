//! What people see: the shell, the routes, the pages, their server functions, and the design system they share.

// A page is one nested type; its layout is computed by recursion.
#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
mod assets;
mod brand;
mod error;
pub mod functions;
mod keyboard;
mod layout;
mod live;
mod pages;
#[cfg(feature = "hydrate")]
mod send;
pub mod session;
mod ui;

pub use error::AppError;

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

/// The document around every page.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="preload" href="/fonts/inter-latin.woff2" r#as="font" type="font/woff2" crossorigin="anonymous"/>
                <AutoReload options=options.clone()/>
                <assets::PageAssets options/>
                <brand::BrandStyles/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    functions::people::provide_viewer();
    brand::provide_brand();
    let name = brand::use_brand().name;
    let titled = move |title: String| if title.is_empty() { name.clone() } else { format!("{title} · {name}") };
    live::provide_live();
    ui::provide_toasts();
    keyboard::listen();
    view! {
        <Title formatter=titled/>
        <Router>
            <Routes fallback=|| view! { <pages::NotFound/> }>
                <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/login") view={Lazy::<pages::LazySignIn>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/login/code") view={Lazy::<pages::LazyEnterCode>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/second-factor") view={Lazy::<pages::LazySecondFactor>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/register") view={Lazy::<pages::LazyRegister>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/verify/:token") view={Lazy::<pages::LazyVerify>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/forgot") view={Lazy::<pages::LazyForgot>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/reset/:token") view={Lazy::<pages::LazyReset>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/unsubscribe/:token") view={Lazy::<pages::LazyUnsubscribe>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
                <ParentRoute path=path!("/portal") view={Lazy::<pages::LazyPortalLayout>::new()} ssr=SsrMode::Async>
                    <Route path=path!("") view={Lazy::<pages::LazyPortalHome>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("new") view={Lazy::<pages::LazyPortalNew>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("thanks") view={Lazy::<pages::LazyPortalThanks>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("expired/:token") view={Lazy::<pages::LazyPortalExpired>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("requests") view={Lazy::<pages::LazyPortalRequests>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("requests/:number") view={Lazy::<pages::LazyPortalRequest>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("kb") view={Lazy::<pages::LazyKbHome>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("kb/:slug") view={Lazy::<pages::LazyKbArticle>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("assets") view={Lazy::<pages::LazyPortalAssets>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("changes/:number") view={Lazy::<pages::LazyPortalChange>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("ask") view={Lazy::<pages::LazyPortalAsk>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("ask/:id") view={Lazy::<pages::LazyPortalConversation>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("account") view={Lazy::<pages::LazyAccount>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
                <ParentRoute path=path!("") view={Lazy::<pages::LazyAgentLayout>::new()} ssr=SsrMode::Async>
                    <Route path=path!("/tickets") view={Lazy::<pages::LazyTicketList>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/tickets/new") view={Lazy::<pages::LazyNewTicket>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/tickets/:number") view={Lazy::<pages::LazyTicketDetail>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/macros") view={Lazy::<pages::LazyMacros>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/notifications") view={Lazy::<pages::LazyNotifications>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/search") view={Lazy::<pages::LazySearch>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/account") view={Lazy::<pages::LazyAccount>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin") view={Lazy::<pages::LazyAdmin>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/queues") view={Lazy::<pages::LazyQueues>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/teams") view={Lazy::<pages::LazyTeams>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/categories") view={Lazy::<pages::LazyCategories>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/fields") view={Lazy::<pages::LazyFields>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/service-levels") view={Lazy::<pages::LazyPromises>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/automation") view={Lazy::<pages::LazyAutomation>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/webhooks") view={Lazy::<pages::LazyWebhooks>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/people") view={Lazy::<pages::LazyPeople>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/people/:id") view={Lazy::<pages::LazyPerson>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/organisations") view={Lazy::<pages::LazyOrganisations>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/roles") view={Lazy::<pages::LazyRoles>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/audit") view={Lazy::<pages::LazyAudit>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/settings") view={Lazy::<pages::LazySettings>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/ai") view={Lazy::<pages::LazyAiLog>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/knowledge") view={Lazy::<pages::LazyKnowledge>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/knowledge/new") view={Lazy::<pages::LazyArticleEditor>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/knowledge/:id") view={Lazy::<pages::LazyArticleEditor>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/knowledge/:id/versions") view={Lazy::<pages::LazyArticleVersions>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets") view={Lazy::<pages::LazyAssets>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets/new") view={Lazy::<pages::LazyAssetEditor>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets/fields") view={Lazy::<pages::LazyAssetFields>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets/import") view={Lazy::<pages::LazyAssetImports>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets/import/:id") view={Lazy::<pages::LazyAssetImport>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets/:number") view={Lazy::<pages::LazyAssetPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets/:number/edit") view={Lazy::<pages::LazyAssetEditor>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/assets/:number/around") view={Lazy::<pages::LazyAssetAround>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/changes") view={Lazy::<pages::LazyChanges>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/changes/new") view={Lazy::<pages::LazyChangeEditor>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/changes/calendar") view={Lazy::<pages::LazyChangeCalendar>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/changes/templates") view={Lazy::<pages::LazyChangeTemplates>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/changes/:number") view={Lazy::<pages::LazyChangePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/changes/:number/edit") view={Lazy::<pages::LazyChangeEditor>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/reports") view={Lazy::<pages::LazyReports>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/mailboxes") view={Lazy::<pages::LazyMailboxes>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/mail-texts") view={Lazy::<pages::LazyMailTexts>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/quarantine") view={Lazy::<pages::LazyQuarantine>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/try-message") view={Lazy::<pages::LazyTryMessage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/outbox") view={Lazy::<pages::LazyOutbox>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
                <Route path=path!("/wallboard") view={Lazy::<pages::LazyWallboard>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/ui") view={Lazy::<pages::LazyGallery>::new()} ssr=SsrMode::Async/>
            </Routes>
        </Router>
        <keyboard::ShortcutSheet/>
        <ui::ToastRegion/>
    }
}
