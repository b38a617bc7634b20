//! Organisations: whom people belong to.

use super::Arrangement;
use crate::functions::organisations::{OrganisationsAsked, OrganisationsShown, read_organisations};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::people::Organisation;

#[component]
pub fn Organisations() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        let said = |name: &str| query.get(name).filter(|text| !text.is_empty());
        OrganisationsAsked { q: said("q"), after: said("after") }
    });
    let shown = Resource::new(move || (asked.get(), live.track_own()), |(asked, _)| read_organisations(asked));
    view! {
        <Title text="Organisations"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Organisations"</h1><p class="muted">"Whom people belong to. Whoever writes from one of its domains belongs to it by itself."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match shown.await {
                        Ok(shown) => show(&asked.get_untracked(), shown),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(asked: &OrganisationsAsked, shown: OrganisationsShown) -> AnyView {
    let OrganisationsShown { organisations, next } = shown;
    let q = asked.q.clone().unwrap_or_default();
    let next = next.map(|after| {
        let mut params = ParamsMap::new();
        params.insert("q", q.clone());
        params.insert("after", after);
        let href = format!("/admin/organisations{}", params.to_query_string());
        view! { <p><a class="button" href=href>"More"</a></p> }
    });
    let list = match (organisations.is_empty(), asked.q.is_some()) {
        (true, true) => view! { <EmptyState title="No organisation like that" text="Look for the beginning of a word of its name."/> }.into_any(),
        (true, false) => view! { <EmptyState title="No organisations yet" text="A name, the domains of its addresses, and whether its people see each other’s tickets."/> }.into_any(),
        (false, _) => view! { <ul class="panel panel--plain">{organisations.into_iter().map(row).collect_view()}</ul> }.into_any(),
    };
    let new = form(None);
    view! {
        <form class="people__search" role="search" aria-label="Organisations" method="get" action="/admin/organisations">
            <input type="search" name="q" value=q aria-label="Search organisations" placeholder="Name" maxlength="200"/><button class="button" type="submit">"Search"</button>
        </form>
        {list}{next}
        <section><h2>"New organisation"</h2>{new}</section>
    }
    .into_any()
}

fn row(organisation: Organisation) -> AnyView {
    let people = match organisation.people {
        0 => "nobody yet".to_owned(),
        1 => "1 person".to_owned(),
        people => format!("{people} people"),
    };
    let domains = (!organisation.domains.is_empty()).then(|| organisation.domains.join(", "));
    let shares = organisation.shares_tickets.then(|| "see each other’s tickets".to_owned());
    let says = [Some(people), domains, shares].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let (id, label) = (organisation.id.to_string(), format!("Delete {}", organisation.name));
    let (name, form) = (organisation.name.clone(), form(Some(organisation)));
    let change = view! {
        {form}
        <QuickForm endpoint="delete_organisation" class="quick--inline" done="Deleted: its people belong to none.">
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit" aria-label=label><Icon icon=Icon::Bin/>"Delete"</button>
        </QuickForm>
    }
    .into_any();
    view! { <Arrangement name says may_change=true form=change/> }.into_any()
}

fn form(organisation: Option<Organisation>) -> AnyView {
    let own = organisation.as_ref().map_or("new".to_owned(), |organisation| organisation.id.to_string());
    let id = move |name: &str| format!("{name}-{own}");
    let head = organisation.as_ref().map(|organisation| {
        view! {
            <input type="hidden" name="organisation[id]" value=organisation.id.to_string()/>
            <input type="hidden" name="organisation[version]" value=organisation.version.to_string()/>
        }
    });
    let shares = organisation.as_ref().is_some_and(|organisation| organisation.shares_tickets);
    let domains = organisation.as_ref().map(|organisation| organisation.domains.join(" "));
    let name = organisation.map(|organisation| organisation.name);
    view! {
        <QuickForm endpoint="save_organisation" class="arranged__form" done="Saved.">
            {head}
            <label for=id("name")>"Name"</label>
            <input id=id("name") name="organisation[name]" required maxlength="200" autocomplete="off" value=name/>
            <label for=id("domains")>"Domains of its addresses"<span class="field__optional">" optional"</span></label>
            <input id=id("domains") name="organisation[domains]" maxlength="5000" autocomplete="off" spellcheck="false" placeholder="example.com" value=domains/>
            <label class="check"><input type="checkbox" name="organisation[shares_tickets]" value="true" checked=shares/>"Its people see each other’s tickets"</label>
            <button class="button button--primary" type="submit">"Save the organisation"</button>
        </QuickForm>
    }
    .into_any()
}
