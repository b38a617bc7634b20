use crate::Timestamp;
use crate::id::id;
use serde::{Deserialize, Serialize};

id!(OutboxMailId);

/// A mail in the outbox, as an administrator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMail {
    pub id: OutboxMailId,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub sent_at: Option<Timestamp>,
    pub created_at: Timestamp,
}
