//! The agents' frame: the rail on the left, the page beside it.

use super::palette::{CommandPalette, Palette, provide_palette};
use super::second_factor_due;
use crate::brand::use_brand;
use crate::functions::notifications::read_unread;
use crate::functions::people::{SignOut, Viewer, use_viewer};
use crate::functions::views::read_rail;
use crate::keyboard::use_sheet;
use crate::live::use_live;
use crate::pages::{follow, href, show_on_desktop, view_href};
use crate::ui::{Avatar, ErrorState, Icon, Logo, Menu};
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;
use oxdesk::notifications::UNREAD_MAX;
use oxdesk::tickets::{COUNT_MAX, TicketSort};
use oxdesk::views::{FIXED_VIEWS, Rail, queue_bar};

/// The rail's views, asked for once and again whenever something happens.
pub type RailResource = Resource<crate::error::Result<Rail>>;

pub fn use_rail() -> RailResource {
    expect_context()
}

#[component]
pub fn AgentLayout() -> impl IntoView {
    let refused = |error: oxdesk::Error| {
        view! { <main id="main"><ErrorState error=crate::AppError::Core(error)/></main> }.into_any()
    };
    match use_viewer() {
        Some(viewer) if viewer.is_agent => {
            let live = use_live();
            provide_context::<RailResource>(Resource::new(move || live.track(), |_| read_rail()));
            // Not inside a `Suspend`: on the server, what stands in one is made more than once.
            view! { <Frame viewer palette=provide_palette()/> }.into_any()
        }
        Some(_) => refused(oxdesk::Error::Forbidden),
        None => refused(oxdesk::Error::Unauthenticated),
    }
}

#[component]
fn Frame(viewer: Viewer, palette: Palette) -> impl IntoView {
    let may_report = viewer.may_report;
    let due = second_factor_due(&viewer);
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <div class="shell">
            <nav class="rail" aria-label="Main">
                <a class="rail__brand" href="/tickets"><Logo/>{use_brand().name}</a>
                <form class="rail__search" role="search" method="get" action="/tickets">
                    <Icon icon=Icon::Search/>
                    <input type="search" name="q" aria-label="Search tickets" placeholder="Search or number" maxlength="200"/>
                    <kbd aria-hidden="true">"/"</kbd>
                </form>
                {due}
                <Bell/>
                <Views/>
                <h2>"Workspace"</h2>
                <A href="/knowledge"><Icon icon=Icon::Book/><span>"Knowledge"</span></A>
                <A href="/assets"><Icon icon=Icon::Box/><span>"Assets"</span></A>
                <A href="/changes"><Icon icon=Icon::Check/><span>"Changes"</span></A>
                <Show when=move || may_report><A href="/reports"><Icon icon=Icon::Eye/><span>"Reports"</span></A></Show>
                <A href="/admin"><Icon icon=Icon::Gear/><span>"Admin"</span></A>
                <Me viewer/>
            </nav>
            <main class="page" id="main" tabindex="-1"><Outlet/></main>
        </div>
        // Scripts open it, by its key or this button; without them there is the search field.
        <button type="button" class="palette__open" data-key="palette" hidden on:click=move |_| palette.open.set(true)>"Go to or do"</button>
        <CommandPalette palette/>
    }
    .into_any()
}

/// What there is to read, counted. Where the viewer allowed it, what comes while they are elsewhere is shown on the desktop.
#[component]
fn Bell() -> impl IntoView {
    let live = use_live();
    let unread = Resource::new(move || live.track_notified(), |_| read_unread());
    show_on_desktop(unread);
    let here = use_location().pathname;
    let current = move || here.try_with(|path| path == "/notifications").unwrap_or_default().then_some("page");
    let counted = move || {
        Suspend::new(async move {
            let count = unread.await.map(|unread| unread.count).unwrap_or_default();
            (count > 0).then(|| view! { <b class="rail__unread">{if count >= UNREAD_MAX { format!("{}+", UNREAD_MAX - 1) } else { count.to_string() }}<span class="sr-only">" unread"</span></b> })
        })
    };
    view! {
        <a class="rail__view" href="/notifications" aria-current=current><Icon icon=Icon::Bell/><span>"Notifications"</span><Transition>{counted}</Transition></a>
    }
    .into_any()
}

/// Who is signed in, and what concerns only them.
#[component]
fn Me(viewer: Viewer) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    follow(sign_out);
    let sheet = use_sheet();
    let away = viewer.is_away;
    let mark = away.then(|| view! { <span class="rail__away">"away"</span> });
    let face =
        view! { <Avatar name=Some(viewer.name.clone())/><span class="rail__name">{viewer.name.clone()}</span>{mark} }
            .into_any();
    view! {
        <div class="rail__me">
            <Menu name="me" button=face class="rail__face">
                <p class="menu__head"><b>{viewer.name}</b><span class="muted">{viewer.email}</span></p>
                <hr class="menu__line"/>
                // A plain form: its answer is a whole new page.
                <form method="post" action="/fn/set_away">
                    <input type="hidden" name="away" value=(!away).to_string()/>
                    <button class="menu__item" type="submit"><Icon icon=Icon::Clock/>{if away { "I am back" } else { "I am away" }}</button>
                </form>
                <a class="menu__item" href="/account"><Icon icon=Icon::Person/>"Account"</a>
                <a class="menu__item" href="/portal" rel="external"><Icon icon=Icon::Inbox/>"Portal"</a>
                <button type="button" class="menu__item" popovertarget="me" popovertargetaction="hide" on:click=move |_| sheet.set(true)><Icon icon=Icon::Keys/>"Keyboard"<kbd aria-hidden="true">"?"</kbd></button>
                <hr class="menu__line"/>
                <ActionForm action=sign_out><button class="menu__item" type="submit"><Icon icon=Icon::Leave/>"Sign out"</button></ActionForm>
            </Menu>
        </div>
    }
    .into_any()
}

/// The views: those every desk has, then the saved ones, each with its count. One boundary for all of them: each costs.
#[component]
fn Views() -> impl IntoView {
    let rail = use_rail();
    let here = Here { path: use_location().pathname, query: use_query_map() };
    view! {
        <Transition fallback=move || view_links(Rail::default(), here)>
            {move || Suspend::new(async move { view_links(rail.await.unwrap_or_default(), here) })}
        </Transition>
    }
    .into_any()
}

/// Where the viewer is. Found before anything is waited for: a visitor who has gone by then takes the router along.
#[derive(Clone, Copy)]
struct Here {
    path: Memo<String>,
    query: Memo<ParamsMap>,
}

impl Here {
    fn shows(self, bar: &str) -> bool {
        let list = self.path.try_with(|path| path == "/tickets").unwrap_or_default();
        list && self.query.try_with(|query| query.get("q")).flatten().unwrap_or_default() == bar
    }
}

fn view_links(rail: Rail, here: Here) -> AnyView {
    let counted = |count: i64| view! { <b>{capped(count)}</b> };
    let icons = [Icon::Inbox, Icon::Person, Icon::Nobody, Icon::Clock];
    let fixed = FIXED_VIEWS
        .into_iter()
        .zip(icons)
        .enumerate()
        .map(|(index, ((name, bar), icon))| {
            let count = rail.fixed.get(index).copied().map(counted);
            let target = href(bar, TicketSort::Due);
            view! { <ViewLink name=name.to_owned() bar=bar.to_owned() target icon here>{count}</ViewLink> }
        })
        .collect_view();
    let heading = (!rail.saved.is_empty()).then(|| view! { <h2>"Views"</h2> });
    let saved = rail
        .saved
        .into_iter()
        .map(|(view, count)| {
            let count = Some(counted(count));
            let target = view_href(&view);
            view! { <ViewLink name=view.name bar=view.bar target icon=Icon::Filter here>{count}</ViewLink> }
        })
        .collect_view();
    let queues_heading = (!rail.queues.is_empty()).then(|| view! { <h2>"Queues"</h2> });
    let queues = rail
        .queues
        .into_iter()
        .map(|(queue, count)| {
            let (bar, count) = (queue_bar(&queue.name), Some(counted(count)));
            let target = href(&bar, TicketSort::Due);
            view! { <ViewLink name=queue.name bar target icon=Icon::Dots here>{count}</ViewLink> }
        })
        .collect_view();
    view! { {fixed}{queues_heading}{queues}{heading}{saved} }.into_any()
}

/// A link to a view, marked while it is shown.
#[component]
fn ViewLink(name: String, bar: String, target: String, icon: Icon, here: Here, children: Children) -> impl IntoView {
    let current = move || here.shows(&bar).then_some("page");
    view! { <a class="rail__view" href=target aria-current=current><Icon icon/><span>{name}</span>{children()}</a> }
        .into_any()
}

fn capped(count: i64) -> String {
    if count >= COUNT_MAX { format!("{}+", COUNT_MAX - 1) } else { count.to_string() }
}
