//! Reading people: who is asking, who could be assigned, who has an account.

mod accounts;
mod actors;
mod organisations;
mod second_factor;
mod tokens;

pub use accounts::{account, list_roles, list_users, user};
pub use actors::{
    actor_for_email, actor_for_session, actor_for_token, actor_for_user, assignable_people, role_names,
    sharing_organisation, signature,
};
pub(crate) use actors::{check_works_tickets, people_names, people_with_role};
pub(crate) use organisations::organisation_names;
pub use organisations::{list_organisations, organisation, organisation_named};
pub use second_factor::second_factor;
pub use tokens::list_tokens;
