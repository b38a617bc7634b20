//! People: found by name, address or role, and invited.

use super::options;
use crate::functions::accounts::{PeopleAsked, PeopleShown, read_people};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, EmptyState, ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::Timestamp;
use oxdesk::people::User;

#[component]
pub fn People() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| asked(&query.read()));
    let people = Resource::new(move || (asked.get(), live.track_own()), |(asked, _)| read_people(asked));
    view! {
        <Title text="People"/>
        <div class="sheet sheet--list">
            <header class="sheet__head"><h1>"People"</h1><p class="muted">"Everyone with an account, and everyone who ever wrote in."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || {
                    let asked = asked.get();
                    Suspend::new(async move {
                        match people.await {
                            Ok(shown) => show(asked, shown),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn asked(query: &ParamsMap) -> PeopleAsked {
    let said = |name: &str| query.get(name).filter(|text| !text.is_empty());
    PeopleAsked { q: said("q"), role: said("role"), state: said("state"), after: said("after") }
}

fn show(asked: PeopleAsked, shown: PeopleShown) -> AnyView {
    let PeopleShown { people, next, roles, now } = shown;
    let next = next.map(|next| {
        let href = href(&PeopleAsked { after: Some(next), ..asked.clone() });
        view! { <p class="pager"><a href=href class="button">"Next page"</a></p> }
    });
    let list = match people.is_empty() {
        true => view! { <EmptyState title="Nobody is like this" text="Names, addresses and telephone numbers are found by the beginning of each word."/> }.into_any(),
        false => table(people, now),
    };
    let (search, invite) = (search(&asked, &roles), invite(roles));
    view! { {search}{list}{next}{invite} }.into_any()
}

fn href(asked: &PeopleAsked) -> String {
    let mut query = ParamsMap::new();
    let PeopleAsked { q, role, state, after } = asked;
    for (name, value) in [("q", q), ("role", role), ("state", state), ("after", after)] {
        if let Some(value) = value {
            query.insert(name, value.clone());
        }
    }
    format!("/admin/people{}", query.to_query_string())
}

fn search(asked: &PeopleAsked, roles: &[String]) -> AnyView {
    let any = |says: &str| (String::new(), says.to_owned());
    let roles = std::iter::once(any("Any role")).chain(roles.iter().map(|role| (role.clone(), role.clone()))).collect();
    let states = vec![
        any("On or off"),
        ("on".to_owned(), "Switched on".to_owned()),
        ("off".to_owned(), "Switched off".to_owned()),
    ];
    let (role, state) = (asked.role.clone().unwrap_or_default(), asked.state.clone().unwrap_or_default());
    let words = asked.q.clone();
    view! {
        <form class="people__search" method="get" action="/admin/people" role="search" aria-label="People">
            <input type="search" name="q" maxlength="200" aria-label="Name, address or telephone number" placeholder="Name, address, telephone" value=words/>
            <select name="role" aria-label="Role">{options(roles, &role)}</select>
            <select name="state" aria-label="On or off">{options(states, &state)}</select>
            <button class="button" type="submit">"Search"</button>
        </form>
    }
    .into_any()
}

fn table(people: Vec<User>, now: Timestamp) -> AnyView {
    let row = |user: User| {
        let (href, name) = (format!("/admin/people/{}", user.id), user.name());
        let last = user.last_login_at.map(|at| view! { <Ago at now/> });
        let off = (!user.active).then(|| view! { " "<span class="tag">"Off"</span> });
        view! {
            <tr class:people__off=!user.active>
                <td class="assets__name"><a href=href>{name}</a>{off}</td>
                <td class="table__wide">{user.email}</td>
                <td>{user.roles.join(", ")}</td>
                <td>{last}</td>
            </tr>
        }
    };
    let rows = people.into_iter().map(row).collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="People"><table class="table">
            <thead><tr><th scope="col">"Name"</th><th scope="col">"E-mail"</th><th scope="col">"Roles"</th><th scope="col">"Signed in"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

fn invite(roles: Vec<String>) -> AnyView {
    let roles = roles.into_iter().map(|role| (role.clone(), role)).collect();
    view! {
        <section>
            <h2>"Invite someone"</h2>
            <QuickForm endpoint="invite_user" class="arranged__form" done="Invited: a mail is on its way.">
                <label for="invite-name">"Name"</label>
                <input id="invite-name" name="name" required maxlength="200" autocomplete="off"/>
                <label for="invite-email">"E-mail"</label>
                <input id="invite-email" name="email" type="email" required maxlength="254" autocomplete="off"/>
                <label for="invite-role">"Role"</label>
                <select id="invite-role" name="role">{options(roles, "AGENT")}</select>
                <p class="field__hint">"They get a mail with a link to choose a password. It works for a week."</p>
                <button class="button button--primary" type="submit">"Invite"</button>
            </QuickForm>
        </section>
    }
    .into_any()
}
