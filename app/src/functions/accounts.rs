//! People and roles, as administrators arrange them.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::people::{Account, Role, User};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk, go_on};
#[cfg(feature = "ssr")]
use oxdesk::people::{AccountForm, NewUser, RoleForm, UserFilter, commands, queries};
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;
#[cfg(feature = "ssr")]
use oxdesk::{EmailAddress, Permission, queues};

/// So many people stand on a page.
pub const PEOPLE_SHOWN: usize = 50;

/// A page of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleShown {
    pub people: Vec<User>,
    /// After whom the next page begins.
    pub next: Option<String>,
    pub roles: Vec<String>,
    pub now: Timestamp,
}

/// What the address says of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleAsked {
    pub q: Option<String>,
    pub role: Option<String>,
    /// `off` or `on`.
    pub state: Option<String>,
    pub after: Option<String>,
}

#[server(prefix = "/fn", endpoint = "read_people")]
pub async fn read_people(#[server(default)] asked: PeopleAsked) -> Result<PeopleShown> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::UserManage)?;
    let filter = UserFilter {
        words: asked.q.unwrap_or_default(),
        role: asked.role.filter(|role| !role.is_empty()),
        active: asked.state.filter(|state| !state.is_empty()).map(|state| state != "off"),
        by_name: true,
    };
    let after = asked.after.map(|id| id.parse()).transpose()?;
    let mut people = queries::list_users(&desk, &actor, &filter, after, PEOPLE_SHOWN as i64 + 1).await?;
    let more = people.len() > PEOPLE_SHOWN;
    people.truncate(PEOPLE_SHOWN);
    let next = people.last().filter(|_| more).map(|last| last.id.to_string());
    let roles = queries::list_roles(&desk, &actor).await?.into_iter().map(|role| role.name).collect();
    Ok(PeopleShown { people, next, roles, now: Timestamp::now() })
}

/// An account, with the names of what it sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountShown {
    pub account: Account,
    pub queues: Vec<String>,
    pub roles: Vec<Role>,
    pub is_oneself: bool,
    pub now: Timestamp,
}

#[server(prefix = "/fn", endpoint = "read_account")]
pub async fn read_account(id: String) -> Result<AccountShown> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::UserManage)?;
    let id = id.parse().map_err(|_| oxdesk::Error::NotFound)?;
    let account = queries::account(&desk, &actor, id).await?;
    let all = match account.queues.is_empty() {
        true => Vec::new(),
        false => queues::queries::list_queue_details(&desk, &actor).await?,
    };
    let seen = all.into_iter().filter(|queue| account.queues.contains(&queue.id));
    let roles = queries::list_roles(&desk, &actor).await?;
    let is_oneself = actor.user_id == Some(account.user.id);
    let queues = seen.map(|queue| queue.name).collect();
    Ok(AccountShown { account, queues, roles, is_oneself, now: Timestamp::now() })
}

#[server(prefix = "/fn", endpoint = "invite_user")]
pub async fn invite_user(name: String, email: String, role: String) -> Result<String> {
    let email = email.parse::<EmailAddress>()?;
    let id = commands::invite_user(&desk()?, &actor(), NewUser { email, name, role, password: None }).await?;
    go_on(&format!("/admin/people/{id}"))
}

/// The form of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountFields {
    pub id: String,
    pub version: i32,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub time_zone: String,
    /// By its name; empty for none.
    pub organisation: Option<String>,
    pub roles: Vec<String>,
}

#[server(prefix = "/fn", endpoint = "save_account")]
pub async fn save_account(account: AccountFields) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    let organisation_id = match account.organisation.as_deref().map(str::trim) {
        // The form always has the field, and a script leaves empty ones out.
        None | Some("") => Some(None),
        Some(name) => Some(Some(queries::organisation_named(&desk, &actor, name).await?)),
    };
    let form = AccountForm {
        version: account.version,
        email: account.email,
        first_name: account.first_name,
        last_name: account.last_name,
        phone: account.phone,
        time_zone: account.time_zone,
        roles: account.roles.into_iter().collect(),
        organisation_id,
    };
    Ok(commands::change_user(&desk, &actor, account.id.parse()?, &form).await?)
}

#[server(prefix = "/fn", endpoint = "switch_account")]
pub async fn switch_account(id: String, active: bool) -> Result<()> {
    Ok(commands::switch_user(&desk()?, &actor(), id.parse()?, active).await?)
}

#[server(prefix = "/fn", endpoint = "mail_password_link")]
pub async fn mail_password_link(id: String) -> Result<()> {
    Ok(commands::mail_password_link(&desk()?, &actor(), id.parse()?).await?)
}

/// All of this person becomes another's, who is named by address.
#[server(prefix = "/fn", endpoint = "merge_person")]
pub async fn merge_person(id: String, into: String) -> Result<()> {
    let remaining = commands::merge_people(&desk()?, &actor(), id.parse()?, &into).await?;
    leptos_axum::redirect(&format!("/admin/people/{remaining}"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "erase_person")]
pub async fn erase_person(
    id: String,
    #[server(default)] confirm: String,
    #[server(default)] with_files: bool,
) -> Result<()> {
    let asked = commands::Erasure { confirm, with_files };
    commands::erase_person(&desk()?, &actor(), id.parse()?, &asked).await?;
    leptos_axum::redirect("/admin/people");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "read_roles")]
pub async fn read_roles() -> Result<Vec<Role>> {
    let actor = actor();
    actor.require(Permission::RoleManage)?;
    Ok(queries::list_roles(&desk()?, &actor).await?)
}

/// The form of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub description: Option<String>,
    pub permissions: Vec<String>,
    pub second_factor_days: Option<String>,
}

#[server(prefix = "/fn", endpoint = "save_role")]
pub async fn save_role(role: RoleFields) -> Result<()> {
    let changes = role.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, role.version));
    let permissions = role.permissions.iter().map(|word| word.parse()).collect::<oxdesk::Result<_>>();
    let permissions = permissions.map_err(|error| rename(error, "permissions"))?;
    let days = role.second_factor_days.filter(|days| !days.is_empty()).map(|days| days.parse::<i16>()).transpose();
    let days = days.map_err(|_| oxdesk::Error::invalid("second_factor_days", "A whole number of days, please."))?;
    let form = RoleForm { name: role.name, description: role.description, permissions, second_factor_days: days };
    commands::save_role(&desk()?, &actor(), changes, &form).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_role")]
pub async fn delete_role(id: String) -> Result<()> {
    Ok(commands::delete_role(&desk()?, &actor(), id.parse()?).await?)
}
