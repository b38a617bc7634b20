//! People: accounts, roles, sign-in, sessions, API tokens.

#[cfg(feature = "ssr")]
mod erased;
mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
mod personal_data;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod sessions;
#[cfg(feature = "ssr")]
pub mod throttle;

#[cfg(feature = "ssr")]
pub(crate) use erased::Erased;
pub use model::*;
#[cfg(feature = "ssr")]
pub(crate) use personal_data::Kept;
#[cfg(feature = "ssr")]
pub use personal_data::{DataSubject, PersonalDataKind, begin_personal_data, personal_data};
