//! Changing people: signing in, registering, passwords, accounts, roles, tokens, merging and forgetting.

mod accounts;
mod erase;
mod merge;
mod organisations;
mod reach;
mod roles;
mod second_factor;
mod sign_in;
mod tokens;

pub(crate) use accounts::add_sender;
pub use accounts::{INVITED_DAYS, add_user, change_user, invite_user, mail_password_link, set_signature, switch_user};
pub use erase::{Erasure, erase_person};
pub use merge::merge_people;
pub use organisations::{delete_organisation, save_organisation};
pub use roles::{delete_role, save_role};
pub use second_factor::{
    confirm_second_factor, keep_recovery_codes, prepare_second_factor, remove_second_factor, renew_recovery_codes,
    reseal_second_factors, reset_second_factor,
};
pub use sign_in::{
    Registration, SignedIn, enter_code, register, request_password_reset, reset_password, sign_in, sign_out,
    verify_email,
};
pub use tokens::{create_token, revoke_token};
