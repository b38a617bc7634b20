//! A person: who they are, what they may do and see, and what opens their account.

use crate::functions::accounts::{AccountShown, read_account};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, ErrorState, FormFailure, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use oxdesk::people::rules::PERMISSION_GROUPS;
use oxdesk::people::{Account, Role, User};
use oxdesk::{Permission, Timestamp};

#[component]
pub fn PersonPage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let account = Resource::new(move || (id.get(), live.track_own()), |(id, _)| read_account(id));
    view! {
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok(shown) => show(shown),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(shown: AccountShown) -> AnyView {
    let AccountShown { account, queues, roles, is_oneself, now } = shown;
    let user = account.user.clone();
    let off = (!user.active).then(|| view! { " "<span class="tag">"Switched off"</span> });
    let (form, facts, sees, deeds) =
        (form(&account, roles), facts(&account, now), sees(&account, queues), deeds(&account, is_oneself));
    let data = data(&user, is_oneself);
    view! {
        <Title text=user.name()/>
        <header class="sheet__head kb__head">
            <div><p class="muted"><a class="linked" href="/admin/people">"People"</a></p><h1>{user.name()}{off}</h1></div>
            {deeds}
        </header>
        <div class="asset">
            <div class="asset__main"><section aria-label="Account"><h2>"Account"</h2>{form}</section></div>
            <aside class="asset__side">{facts}{sees}{data}</aside>
        </div>
    }
    .into_any()
}

fn form(account: &Account, roles: Vec<Role>) -> AnyView {
    let user = &account.user;
    let organisation = account.organisation.clone().map(|(_, name)| name);
    let role = |role: Role| {
        let has = user.roles.contains(&role.name);
        let about = role.description.map(|text| view! { <small>{text}</small> });
        view! { <label class="check check--said"><input type="checkbox" name="account[roles][]" value=role.name.clone() checked=has/><span>{role.name.clone()}{about}</span></label> }
    };
    let roles = roles.into_iter().map(role).collect_view();
    let user = user.clone();
    view! {
        <QuickForm endpoint="save_account" class="arranged__form" done="Saved.">
            <input type="hidden" name="account[id]" value=user.id.to_string()/>
            <input type="hidden" name="account[version]" value=user.version.to_string()/>
            <label for="first-name">"First name"</label>
            <input id="first-name" name="account[first_name]" maxlength="100" autocomplete="off" value=user.first_name/>
            <label for="last-name">"Last name"</label>
            <input id="last-name" name="account[last_name]" maxlength="100" autocomplete="off" value=user.last_name/>
            <label for="email">"E-mail"</label>
            <input id="email" name="account[email]" type="email" required maxlength="254" autocomplete="off" value=user.email/>
            <label for="phone">"Telephone"<span class="field__optional">" optional"</span></label>
            <input id="phone" name="account[phone]" maxlength="50" autocomplete="off" value=user.phone/>
            <label for="time-zone">"Time zone"</label>
            <input id="time-zone" name="account[time_zone]" required maxlength="100" autocomplete="off" placeholder="Europe/Berlin" value=user.time_zone/>
            <label for="organisation">"Organisation"<span class="field__optional">" optional, by its name"</span></label>
            <input id="organisation" name="account[organisation]" maxlength="200" autocomplete="off" value=organisation/>
            <fieldset><legend>"Roles"</legend>{roles}</fieldset>
            <button class="button button--primary" type="submit">"Save"</button>
        </QuickForm>
    }
    .into_any()
}

fn facts(account: &Account, now: Timestamp) -> AnyView {
    let user = &account.user;
    let when = |at: Option<Timestamp>| match at {
        Some(at) => view! { <Ago at now/> }.into_any(),
        None => "never".into_any(),
    };
    let password = match (account.has_password, account.link_until) {
        (_, Some(until)) => format!("a link to choose one is good until {} UTC", until.local(0)),
        (true, None) => "chosen".to_owned(),
        (false, None) => "none: they cannot sign in".to_owned(),
    };
    let counted = |count: i64, one: &str, many: &str| match count {
        0 => "none".to_owned(),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let teams = account.teams.iter().map(|team| team.name.clone()).collect::<Vec<_>>().join(", ");
    let known = [
        ("Organisation", account.organisation.clone().map(|(_, name)| name).unwrap_or_default()),
        ("Teams", teams),
        ("Password", password),
        ("Second factor", second_factor(account)),
        ("Browsers", counted(account.sessions, "is signed in", "are signed in")),
        ("API tokens", counted(account.tokens, "works", "work")),
    ];
    let known = known.into_iter().filter(|(_, text)| !text.is_empty());
    let rows = known.map(|(name, text)| view! { <div><dt>{name}</dt><dd>{text}</dd></div> }).collect_view();
    let (seen, made) = (when(user.last_login_at), when(Some(user.created_at)));
    view! {
        <section aria-label="Facts"><h2>"Facts"</h2>
            <dl class="facts facts--one">{rows}<div><dt>"Last signed in"</dt><dd>{seen}</dd></div><div><dt>"Made"</dt><dd>{made}</dd></div></dl>
        </section>
    }
    .into_any()
}

fn second_factor(account: &Account) -> String {
    match (account.second_factor_since, account.second_factor_due) {
        (Some(since), _) => format!("on since {}", since.date(0)),
        (None, Some(due)) => format!("wanted by {}", due.date(0)),
        (None, None) => "none".to_owned(),
    }
}

/// What this person can do and see, in words, and why.
fn sees(account: &Account, queues: Vec<String>) -> AnyView {
    if account.permissions.is_empty() {
        return view! { <section aria-label="What they may do"><h2>"What they may do"</h2><p class="muted">"Nothing."</p></section> }.into_any();
    }
    let by = |permission: Permission| {
        account.permissions.iter().find(|(one, _)| *one == permission).map(|(_, roles)| roles.join(", "))
    };
    let row = |(permission, meaning): &(Permission, &'static str)| {
        let roles = by(*permission)?;
        let queues = (*permission == Permission::TicketReadQueue && !queues.is_empty())
            .then(|| view! { <small>{queues.join(", ")}</small> });
        Some(view! { <li><span title=permission.as_str()>{*meaning}</span><small>{roles}</small>{queues}</li> })
    };
    let group = |(name, rows): &(&'static str, &'static [(Permission, &'static str)])| {
        let rows: Vec<_> = rows.iter().filter_map(row).collect();
        (!rows.is_empty()).then(|| view! { <h3>{*name}</h3><ul class="may">{rows}</ul> })
    };
    let groups = PERMISSION_GROUPS.iter().map(group).collect_view();
    let off = (!account.user.active).then(|| view! { <p class="muted">"Once the account is on again:"</p> });
    view! { <section aria-label="What they may do"><h2>"What they may do and see"</h2>{off}{groups}</section> }
        .into_any()
}

fn deeds(account: &Account, is_oneself: bool) -> AnyView {
    let (id, active) = (account.user.id.to_string(), account.user.active);
    let link = active.then(|| {
        let id = id.clone();
        view! {
            <QuickForm endpoint="mail_password_link" class="quick--inline" done="A mail is on its way.">
                <input type="hidden" name="id" value=id/>
                <button class="button button--ghost" type="submit">"Mail a link to choose a password"</button>
            </QuickForm>
        }
    });
    let reset = (!is_oneself && account.second_factor_since.is_some()).then(|| {
        let id = id.clone();
        view! {
            <QuickForm endpoint="reset_second_factor" class="quick--inline" done="Off: their password alone lets them in.">
                <input type="hidden" name="id" value=id/>
                <button class="button button--ghost" type="submit">"Turn off their second factor"</button>
            </QuickForm>
        }
    });
    let switch = (!is_oneself).then(|| {
        let (says, done) = match active {
            true => ("Switch off", "Off: signed out everywhere, and no token works."),
            false => ("Switch on", "On again."),
        };
        view! {
            <QuickForm endpoint="switch_account" class="quick--inline" done=done>
                <input type="hidden" name="id" value=id/><input type="hidden" name="active" value=(!active).to_string()/>
                <button class="button" type="submit">{says}</button>
            </QuickForm>
        }
    });
    let roles = view! { <a class="button button--ghost" href="/admin/roles"><Icon icon=Icon::Gear/>"Roles"</a> };
    let log = format!("/admin/audit?entity_type=USER&entity_id={}", account.user.id);
    let log = view! { <a class="button button--ghost" href=log>"History"</a> };
    view! { <span class="arranged__deeds">{log}{roles}{link}{reset}{switch}</span> }.into_any()
}

/// What is kept of this person: taken along, made another's, forgotten.
fn data(user: &User, is_oneself: bool) -> AnyView {
    let file = format!("/admin/people/{}/data.json", user.id);
    // Without scripts the page comes back with what was wrong: it is to be seen.
    let failed = use_context::<FormFailure>().map(|failure| failure.path).unwrap_or_default();
    let (merge_failed, erase_failed) = (failed == "/fn/merge_person", failed == "/fn/erase_person");
    let ways = (!is_oneself).then(|| {
        let (merged, erased) = (user.id.to_string(), user.id.to_string());
        let (name, email) = (user.name(), user.email.clone());
        let warned = format!("{name} becomes nobody. What was theirs alone is deleted; their tickets stay, without their name and address. This cannot be taken back.");
        view! {
            <details class="fold" data-fold="merge" open=merge_failed><summary><h3>"The same person as…"</h3><Icon icon=Icon::Plus/></summary>
                <QuickForm endpoint="merge_person">
                    <input type="hidden" name="id" value=merged/>
                    <p class="muted" id="merge-hint">"Everything of this account becomes the other’s, who gets its mail from now on. This cannot be taken back."</p>
                    <label for="merge-into">"Address of the account that stays"</label>
                    <input id="merge-into" name="into" type="email" required maxlength="254" autocomplete="off" aria-describedby="merge-hint"/>
                    <button class="button" type="submit">"Merge into it"</button>
                </QuickForm>
            </details>
            <details class="fold" data-fold="erase" open=erase_failed><summary><h3>"Erase"</h3><Icon icon=Icon::Plus/></summary>
                <QuickForm endpoint="erase_person">
                    <input type="hidden" name="id" value=erased/>
                    <p class="muted" id="erase-hint">{warned}</p>
                    <label class="check"><input type="checkbox" name="with_files" value="true" checked/>"The files they sent, too"</label>
                    <label for="erase-confirm">"Type "<b>{email}</b>" to confirm"</label>
                    <input id="erase-confirm" name="confirm" required maxlength="254" autocomplete="off" spellcheck="false" aria-describedby="erase-hint"/>
                    <button class="button button--danger" type="submit">"Erase this person"</button>
                </QuickForm>
            </details>
        }
    });
    view! {
        <section aria-label="Their data"><h2>"Their data"</h2>
            <p><a class="linked" href=file download="" rel="external">"Everything that is kept of them"</a>" as a file"</p>
            {ways}
        </section>
    }
    .into_any()
}
