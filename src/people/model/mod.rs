//! What a person is.

mod account;
mod api_token;
mod organisation;
mod second_factor;

pub use account::{Account, AccountForm, Role, RoleForm, UserFilter};
pub use api_token::{ApiToken, NewToken, TokenId};
pub use organisation::{Organisation, OrganisationForm};
pub use second_factor::{Preparation, SecondFactor};

use crate::id::{id, words};
use crate::{EmailAddress, Timestamp};
use serde::{Deserialize, Serialize};

id!(UserId);
id!(RoleId);
id!(OrganisationId);
id!(TeamId);
id!(
    /// The public name of a session: good for ending it, not for using it.
    SessionId
);

words! {
    /// The roles every installation has; custom ones stand beside them in the data.
    BuiltInRole {
        Requester = "REQUESTER",
        EndUser = "END_USER",
        Agent = "AGENT",
        ItManager = "IT_MANAGER",
        Admin = "ADMIN",
    }
}

/// People who work together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
}

/// A person as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
}

/// A person as an administrator or the API sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
pub struct User {
    pub id: UserId,
    pub version: i32,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub time_zone: String,
    pub email_verified: bool,
    pub active: bool,
    pub roles: Vec<String>,
    pub last_login_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl User {
    pub fn name(&self) -> String {
        display_name(self.first_name.as_deref(), self.last_name.as_deref(), &self.email)
    }
}

/// One of a person's signed-in browsers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub id: SessionId,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// The one that is asking.
    pub current: bool,
}

/// A new account, as an administrator or the command line makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    pub email: EmailAddress,
    pub name: String,
    pub role: String,
    pub password: Option<String>,
}

/// First and last name, or what stands before the @ when neither is known.
pub fn display_name(first: Option<&str>, last: Option<&str>, email: &str) -> String {
    let name = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() { email.split('@').next().unwrap_or(email).to_owned() } else { name }
}

/// "Ana Maria Ruiz" → ("Ana Maria", "Ruiz"): the last word is the family name, as most forms assume.
pub fn split_name(name: &str) -> (Option<String>, Option<String>) {
    let owned = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    match name.trim().rsplit_once(' ') {
        Some((first, last)) => (owned(first), owned(last)),
        None => (owned(name), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_and_joined_again() {
        let (first, last) = split_name(" Ana Maria Ruiz ");
        assert_eq!(display_name(first.as_deref(), last.as_deref(), "x@y.z"), "Ana Maria Ruiz");
        assert_eq!(split_name("Ana"), (Some("Ana".into()), None));
        assert_eq!(display_name(None, None, "ana@example.com"), "ana");
    }
}
