//! Roles: what each may do, side by side, and changed one by one.

use crate::functions::accounts::read_roles;
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::Permission;
use oxdesk::people::rules::{PERMISSION_GROUPS, SECOND_FACTOR_DAYS_MAX};
use oxdesk::people::{BuiltInRole, Role};

#[component]
pub fn Roles() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let roles = Resource::new(move || live.track_own(), |_| read_roles());
    view! {
        <Title text="Roles"/>
        <div class="sheet sheet--wide">
            <header class="sheet__head"><h1>"Roles"</h1><p class="muted">"What people may do. Somebody with several roles may do what any of them says."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match roles.await {
                        Ok(roles) => show(roles),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(roles: Vec<Role>) -> AnyView {
    let matrix = matrix(&roles);
    let rows = roles.into_iter().map(change).collect_view();
    let new = form(None);
    view! {
        {matrix}
        <section><h2>"Change a role"</h2><ul class="panel panel--plain">{rows}</ul></section>
        <section><h2>"New role"</h2>{new}</section>
    }
    .into_any()
}

fn matrix(roles: &[Role]) -> AnyView {
    let heads = roles.iter().map(|role| view! { <th scope="col">{role.name.clone()}</th> }).collect_view();
    let width = (roles.len() + 1).to_string();
    let row = |(permission, meaning): &(Permission, &'static str)| {
        let cell = |role: &Role| match role.permissions.contains(permission) {
            true => view! { <td class="matrix__yes"><Icon icon=Icon::Check/><span class="sr-only">"yes"</span></td> }
                .into_any(),
            false => view! { <td><span class="sr-only">"no"</span></td> }.into_any(),
        };
        let cells = roles.iter().map(cell).collect_view();
        view! { <tr><th scope="row" title=permission.as_str()>{*meaning}</th>{cells}</tr> }
    };
    let group = |(name, rows): &(&'static str, &'static [(Permission, &'static str)])| {
        let rows = rows.iter().map(row).collect_view();
        view! { <tbody><tr class="matrix__group"><th scope="rowgroup" colspan=width.clone()>{*name}</th></tr>{rows}</tbody> }
    };
    let groups = PERMISSION_GROUPS.iter().map(group).collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="What roles may do"><table class="table matrix">
            <thead><tr><th scope="col"><span class="sr-only">"Permission"</span></th>{heads}</tr></thead>{groups}
        </table></div>
    }
    .into_any()
}

fn change(role: Role) -> AnyView {
    let says = match role.people {
        0 => "nobody has it".to_owned(),
        1 => "1 person".to_owned(),
        people => format!("{people} people"),
    };
    let wants = role.second_factor_days.map(|days| match days {
        0 => "a second factor at once".to_owned(),
        1 => "a second factor within a day".to_owned(),
        days => format!("a second factor within {days} days"),
    });
    let says = [Some(says), wants, role.description.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let delete = (!role.built_in).then(|| {
        let (id, label) = (role.id.to_string(), format!("Delete {}", role.name));
        view! {
            <QuickForm endpoint="delete_role" class="quick--inline" done="Deleted.">
                <input type="hidden" name="id" value=id/>
                <button class="button button--ghost" type="submit" aria-label=label><Icon icon=Icon::Bin/>"Delete"</button>
            </QuickForm>
        }
    });
    let (name, form) = (role.name.clone(), form(Some(role)));
    view! { <super::Arrangement name says may_change=true form=view! { {form}{delete} }.into_any()/> }.into_any()
}

fn form(role: Option<Role>) -> AnyView {
    let own = role.as_ref().map_or("new".to_owned(), |role| role.id.to_string());
    let id = move |name: &str| format!("{name}-{own}");
    // An administrator may do everything: that stays so.
    let is_fixed = role.as_ref().is_some_and(|role| role.name == BuiltInRole::Admin.as_str());
    let head = match &role {
        Some(role) => view! {
            <input type="hidden" name="role[id]" value=role.id.to_string()/>
            <input type="hidden" name="role[version]" value=role.version.to_string()/>
        }
        .into_any(),
        None => view! {
            <label for=id("name")>"Name"<span class="field__optional">" never changes"</span></label>
            <input id=id("name") name="role[name]" required maxlength="100" autocomplete="off" placeholder="FIELD_ENGINEER"/>
        }
        .into_any(),
    };
    let has = |permission: Permission| role.as_ref().is_some_and(|role| role.permissions.contains(&permission));
    let tick = |(permission, meaning): &(Permission, &'static str)| {
        let (word, has) = (permission.as_str(), has(*permission));
        match is_fixed {
            true => has.then(|| view! { <input type="hidden" name="role[permissions][]" value=word/> }).into_any(),
            false => view! { <label class="check" title=word><input type="checkbox" name="role[permissions][]" value=word checked=has/>{*meaning}</label> }.into_any(),
        }
    };
    let group = |(name, rows): &(&'static str, &'static [(Permission, &'static str)])| {
        let ticks = rows.iter().map(tick).collect_view();
        match is_fixed {
            true => ticks.into_any(),
            false => {
                view! { <fieldset><legend>{*name}</legend><div class="ticks ticks--wide">{ticks}</div></fieldset> }
                    .into_any()
            }
        }
    };
    let groups = PERMISSION_GROUPS.iter().map(group).collect_view();
    let days = role.as_ref().and_then(|role| role.second_factor_days).map(|days| days.to_string());
    let description = role.as_ref().and_then(|role| role.description.clone());
    view! {
        <QuickForm endpoint="save_role" class="arranged__form arranged__form--wide" done="Saved.">
            {head}
            <label for=id("description")>"What it is for"<span class="field__optional">" optional"</span></label>
            <input id=id("description") name="role[description]" maxlength="300" autocomplete="off" value=description/>
            {groups}
            <label for=id("days")>"Second factor within"<span class="field__optional">" days; nobody has to, where nothing is said"</span></label>
            <input id=id("days") name="role[second_factor_days]" type="number" min="0" max=SECOND_FACTOR_DAYS_MAX.to_string() inputmode="numeric" value=days/>
            <button class="button button--primary" type="submit">"Save the role"</button>
        </QuickForm>
    }
    .into_any()
}
