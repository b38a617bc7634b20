//! Organisations, as administrators arrange them.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::people::Organisation;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::Permission;
#[cfg(feature = "ssr")]
use oxdesk::people::{OrganisationForm, commands, queries};

/// So many stand on a page.
pub const ORGANISATIONS_SHOWN: usize = 50;

/// What the address says of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationsAsked {
    pub q: Option<String>,
    pub after: Option<String>,
}

/// A page of organisations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationsShown {
    pub organisations: Vec<Organisation>,
    /// After which the next page begins.
    pub next: Option<String>,
}

#[server(prefix = "/fn", endpoint = "read_organisations")]
pub async fn read_organisations(#[server(default)] asked: OrganisationsAsked) -> Result<OrganisationsShown> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::UserManage)?;
    let (words, after) = (asked.q.unwrap_or_default(), asked.after.map(|id| id.parse()).transpose()?);
    let limit = ORGANISATIONS_SHOWN as i64 + 1;
    let mut organisations = queries::list_organisations(&desk, &actor, &words, after, limit).await?;
    let more = organisations.len() > ORGANISATIONS_SHOWN;
    organisations.truncate(ORGANISATIONS_SHOWN);
    let next = organisations.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(OrganisationsShown { organisations, next })
}

/// The form of an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub domains: String,
    /// Whether its people see each other's tickets.
    pub shares_tickets: Option<String>,
}

#[server(prefix = "/fn", endpoint = "save_organisation")]
pub async fn save_organisation(organisation: OrganisationFields) -> Result<()> {
    let changes = organisation.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, organisation.version));
    let form = OrganisationForm {
        name: organisation.name,
        domains: organisation.domains,
        shares_tickets: organisation.shares_tickets.is_some_and(|shares| shares == "true"),
    };
    commands::save_organisation(&desk()?, &actor(), changes, &form).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_organisation")]
pub async fn delete_organisation(id: String) -> Result<()> {
    Ok(commands::delete_organisation(&desk()?, &actor(), id.parse()?).await?)
}
