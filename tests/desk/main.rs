//! Commands and queries on a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod ai;
mod arranged;
mod automation;
mod corpora;
mod guest;
mod house;
mod http;
mod knowledge;
mod macros;
mod mail;
mod mail_hostile;
mod mail_moods;
mod mail_servers;
mod mail_templates;
mod notifications;
mod people;
mod ratings;
mod schema;
mod search;
mod sla;
mod sla_tracking;
mod tickets;
mod views;
mod webhooks;
mod work;
