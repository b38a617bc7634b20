//! Who may arrange whom.

use crate::people::{AccountForm, RoleForm};
use crate::{Actor, EmailAddress, Error, Permission, Result, Validation, bounded, optional};
use std::collections::BTreeSet;

/// Whoever may do both can let others in again: someone has to.
pub const ADMINISTRATION: [Permission; 2] = [Permission::UserManage, Permission::RoleManage];
/// So many roles an account has at most, and so many there are.
pub const ROLES_MAX: usize = 100;
/// So many API tokens somebody has at most.
pub const TOKENS_MAX: i64 = 100;
/// Nobody is given longer to set up a second factor. Days.
pub const SECOND_FACTOR_DAYS_MAX: i16 = 365;

/// Invalid at `field` where something of it is beyond what the actor may do: nobody gives, or takes away, more than they have.
pub fn check_within_reach(actor: &Actor, field: &str, permissions: &BTreeSet<Permission>) -> Result<()> {
    let beyond: Vec<&str> = permissions
        .iter()
        .filter(|permission| !actor.can(**permission))
        .map(|permission| permission.as_str())
        .collect();
    match beyond.is_empty() {
        true => Ok(()),
        false => Err(Error::invalid(field, format!("This is beyond what you may do yourself: {}.", beyond.join(", ")))),
    }
}

/// What is wrong with an account as it was written, and the account as it is kept.
pub fn check_account(form: &AccountForm) -> Result<(EmailAddress, AccountForm)> {
    let mut wrong = Validation::default();
    let email = wrong.try_take(form.email.parse::<EmailAddress>());
    let clean = AccountForm {
        version: form.version,
        email: String::new(),
        first_name: wrong.take(optional("first_name", form.first_name.as_deref(), 100)),
        last_name: wrong.take(optional("last_name", form.last_name.as_deref(), 100)),
        phone: wrong.take(optional("phone", form.phone.as_deref(), 50)),
        time_zone: wrong.take(check_time_zone(&form.time_zone)),
        roles: form.roles.clone(),
        organisation_id: form.organisation_id,
    };
    if clean.roles.is_empty() {
        wrong.add("roles", "At least one, please: without a role a person may do nothing.");
    }
    if clean.roles.len() > ROLES_MAX {
        wrong.add("roles", format!("At most {ROLES_MAX}, please."));
    }
    wrong.finish()?;
    Ok((email.ok_or(Error::Internal)?, clean))
}

fn check_time_zone(name: &str) -> Result<String> {
    let name = bounded("time_zone", name, 100)?;
    match jiff::tz::TimeZone::get(&name) {
        Ok(_) => Ok(name),
        Err(_) => Err(Error::invalid("time_zone", format!("“{name}” is no time zone: one looks like Europe/Berlin."))),
    }
}

pub fn check_role(form: &RoleForm, is_new: bool) -> Result<RoleForm> {
    let mut wrong = Validation::default();
    let name = if is_new { wrong.take(bounded("name", &form.name, 100)) } else { String::new() };
    let description = wrong.take(optional("description", form.description.as_deref(), 300));
    if form.second_factor_days.is_some_and(|days| !(0..=SECOND_FACTOR_DAYS_MAX).contains(&days)) {
        wrong.add("second_factor_days", format!("Between 0 and {SECOND_FACTOR_DAYS_MAX} days, please."));
    }
    wrong.finish()?;
    Ok(RoleForm {
        name,
        description,
        permissions: form.permissions.clone(),
        second_factor_days: form.second_factor_days,
    })
}
