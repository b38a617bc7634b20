//! Where the desk tells what happens, and what became of it.

use crate::Timestamp;
use crate::id::{id, words};
use serde::{Deserialize, Serialize};

id!(WebhookId);
id!(DeliveryId);

/// Another program's address. Its secret is read by itself, and that is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    pub active: bool,
    /// Kinds of events that it is told of, as `ticket.created`; rules may send it more.
    pub kinds: Vec<String>,
    pub version: i32,
    /// Of the last day: what it took, and what it did not.
    pub sent: i64,
    pub failed: i64,
}

/// A webhook as it is asked for; see [`super::commands::save_webhook`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookForm {
    pub name: String,
    pub url: String,
    pub active: bool,
    pub kinds: Vec<String>,
}

/// The kinds of events that a webhook may be told of.
pub const WEBHOOK_KINDS: [&str; 8] = [
    "ticket.created",
    "ticket.updated",
    "ticket.replied",
    "ticket.noted",
    "ticket.due_soon",
    "ticket.breached",
    "ticket.returned",
    "ticket.rated",
];

words! {
    WebhookState { Waiting = "WAITING", Sent = "SENT", Failed = "FAILED" }
}

impl WebhookState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waits",
            Self::Sent => "Taken",
            Self::Failed => "Not taken",
        }
    }
}

/// Something that is told to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// What the other side knows it by (`webhook-id`).
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub kind: String,
    pub body: String,
    pub state: WebhookState,
    pub attempts: i32,
    /// The other side's HTTP status, and what it said or how it ended.
    pub status: Option<i32>,
    pub said: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}
