//! Server functions: who is asking, call the command or query, map the error. Nothing else.

pub mod accounts;
pub mod ai;
pub mod arranging;
pub mod assets;
pub mod attachments;
pub mod audit;
pub mod automation;
pub mod changes;
pub mod knowledge;
pub mod macros;
pub mod mailing;
pub mod notifications;
pub mod organisations;
pub mod people;
pub mod promises;
pub mod reports;
pub mod requester;
pub mod search;
pub mod second_factor;
pub mod settings;
pub mod tickets;
pub mod tokens;
pub mod views;
pub mod webhooks;
pub mod work;
