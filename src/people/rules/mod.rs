//! What people may be given, and what a password must be.

mod account;
mod chosen_password;
mod organisation;
mod permissions;
#[cfg(feature = "ssr")]
pub mod second_factor;

pub use account::{
    ADMINISTRATION, ROLES_MAX, SECOND_FACTOR_DAYS_MAX, TOKENS_MAX, check_account, check_role, check_within_reach,
};
pub use chosen_password::{PASSWORD_MAX, PASSWORD_MIN, SIGNATURE_MAX, check_new_password};
pub use organisation::{CheckedOrganisation, DOMAINS_MAX, ORGANISATIONS_MAX, check_organisation};
pub use permissions::PERMISSION_GROUPS;
