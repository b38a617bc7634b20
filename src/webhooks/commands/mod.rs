//! Making webhooks, and telling them.

mod arrange;
mod deliver;
mod tell;

pub use arrange::{delete_webhook, redeliver, renew_secret, save_webhook, test_webhook};
pub use deliver::deliver;
pub(crate) use tell::{tell_of_event, tell_webhook};
