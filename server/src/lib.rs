//! The axum host of Oxdesk and what its command line does.

// A page is one nested type; its layout is computed by recursion.
#![recursion_limit = "512"]

mod answers;
pub mod api;
mod article_attachments;
pub mod articles;
mod asset_labels;
mod asset_tables;
pub mod audit;
mod brand;
pub mod config;
pub mod health;
pub mod host;
pub mod listen;
pub mod live;
pub mod mail;
mod mail_preview;
pub mod originals;
mod personal_data;
pub mod postgres;
mod record_attachments;
mod refusals;
mod reports;
pub mod run;
mod second_factor;
pub mod security;
pub mod session;
mod sitemap;
pub mod sla;
mod unsubscribe;
pub mod uploads;
pub mod webhooks;

/// One line for a person at a terminal, with the field's name.
pub fn explain(error: oxdesk::Error) -> anyhow::Error {
    match error {
        oxdesk::Error::Invalid(fields) => {
            let lines: Vec<_> = fields
                .iter()
                .map(|(field, message)| if field.is_empty() { message.clone() } else { format!("{field}: {message}") })
                .collect();
            anyhow::anyhow!(lines.join("\n"))
        }
        other => anyhow::anyhow!(other),
    }
}
