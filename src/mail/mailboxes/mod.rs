//! Mailboxes: the specification's email configurations.

mod commands;
mod queries;
mod round_trip;

pub use commands::{create_mailbox, delete_mailbox, reseal_secrets, update_mailbox};
pub(crate) use queries::secrets;
pub use queries::{list_mailboxes, mailbox, mailbox_by_name};
pub use round_trip::round_trip;
