//! Administration: what is arranged, and mail.

mod ai;
mod audit;
mod automation;
mod categories;
mod fields;
mod mail_texts;
mod mailboxes;
mod organisations;
mod outbox;
mod people;
mod person;
mod promises;
mod quarantine;
mod queues;
mod roles;
mod settings;
mod teams;
mod try_message;
mod webhooks;

pub use ai::AiLogPage;
pub use audit::AuditPage;
pub use automation::AutomationPage;
pub use categories::Categories;
pub use fields::Fields;
pub use mail_texts::MailTexts;
pub use mailboxes::Mailboxes;
pub use organisations::Organisations;
pub use outbox::Outbox;
pub use people::People;
pub use person::PersonPage;
pub use promises::PromisesPage;
pub use quarantine::Quarantine;
pub use queues::Queues;
pub use roles::Roles;
pub use settings::SettingsPage;
pub use teams::Teams;
pub use try_message::TryMessage;
pub use webhooks::WebhooksPage;

use crate::functions::arranging::{Arranged, read_arranged};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, Icon, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

#[component]
pub fn Admin() -> impl IntoView {
    view! {
        <Title text="Admin"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Admin"</h1></header>
            <ul class="panel">
                <li><A href="/admin/settings"><b>"Settings"</b><small>"How the desk calls itself and looks, who may register, what it asks and keeps"</small></A></li>
                <li><A href="/admin/people"><b>"People"</b><small>"Accounts: who they are, what they may do, invited and switched off"</small></A></li>
                <li><A href="/admin/organisations"><b>"Organisations"</b><small>"Whom people belong to, and whether colleagues see each other’s tickets"</small></A></li>
                <li><A href="/admin/roles"><b>"Roles"</b><small>"What people may do"</small></A></li>
                <li><A href="/admin/audit"><b>"Audit log"</b><small>"Who did what, from where, and what was there before"</small></A></li>
                <li><A href="/admin/queues"><b>"Queues"</b><small>"Where tickets stand, who works there, and to whom a new one goes"</small></A></li>
                <li><A href="/admin/teams"><b>"Teams"</b><small>"People who share views"</small></A></li>
                <li><A href="/admin/categories"><b>"Categories"</b><small>"What requests are about, and which queue and priority that means"</small></A></li>
                <li><A href="/admin/fields"><b>"Fields"</b><small>"What you want to know of a ticket beside what every ticket has"</small></A></li>
                <li><A href="/assets/fields"><b>"Fields of assets"</b><small>"What you want to know of assets, by their category"</small></A></li>
                <li><A href="/admin/service-levels"><b>"Service levels"</b><small>"What you promise, over which hours, and what happens when it is late"</small></A></li>
                <li><A href="/admin/automation"><b>"Automation"</b><small>"Rules: what the desk does by itself, and whom tickets are given to"</small></A></li>
                <li><A href="/admin/webhooks"><b>"Webhooks"</b><small>"Other programs that are told what happens"</small></A></li>
                <li><A href="/admin/ai"><b>"AI"</b><small>"Which model is asked, what was sent there, and for whom"</small></A></li>
                <li><A href="/macros"><b>"Macros"</b><small>"Texts and what goes with them"</small></A></li>
                <li><A href="/admin/mailboxes"><b>"Mailboxes"</b><small>"Where mail comes in and becomes tickets, and from where answers go out"</small></A></li>
                <li><A href="/admin/mail-texts"><b>"Mail texts"</b><small>"What mails say, and how they look"</small></A></li>
                <li><A href="/admin/quarantine"><b>"Quarantine"</b><small>"Mail that was set aside, and whom nothing is sent to"</small></A></li>
                <li><A href="/admin/try-message"><b>"Try a message"</b><small>"What intake sees of a mail"</small></A></li>
                <li><A href="/admin/outbox"><b>"Outbox"</b><small>"Every mail that Oxdesk has written, newest first"</small></A></li>
            </ul>
        </div>
    }
    .into_any()
}

/// A page about something that is arranged: fetched again after each change.
fn arranged_page(
    title: &'static str,
    about: &'static str,
    show: impl Fn(Arranged) -> AnyView + Copy + Send + 'static,
) -> AnyView {
    provide_form_failure();
    let live = use_live();
    let arranged = Resource::new(move || live.track_own(), |_| read_arranged());
    view! {
        <Title text=title/>
        <div class="sheet">
            <header class="sheet__head"><h1>{title}</h1><p class="muted">{about}</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match arranged.await {
                        Ok(arranged) => show(arranged),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// Options of a choice: value and label, the one that is chosen marked.
pub(super) fn options(choices: Vec<(String, String)>, selected: &str) -> AnyView {
    let option = |(value, label): (String, String)| {
        let chosen = value == selected;
        view! { <option value=value selected=chosen>{label}</option> }
    };
    choices.into_iter().map(option).collect_view().into_any()
}

/// One thing of a list: its name and what it is, and behind it the form that changes it.
#[component]
pub(super) fn Arrangement(
    name: String,
    says: String,
    may_change: bool,
    form: AnyView,
    /// Stands under the one before it.
    #[prop(optional)]
    under: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let head = view! { <span class="arranged__name">{name.clone()}</span><small>{says}</small> };
    view! {
        <li class="arranged" class:arranged--under=under>
            {if may_change {
                view! { <details class="arranged__fold" data-closes=""><summary>{head}<Icon icon=Icon::Pencil/></summary>{form}</details> }.into_any()
            } else {
                view! { <div class="arranged__fold">{head}</div> }.into_any()
            }}
            {children.map(|children| children())}
        </li>
    }
    .into_any()
}
