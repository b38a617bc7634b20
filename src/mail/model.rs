use crate::Timestamp;
use crate::id::{id, words};
use crate::tickets::{QueueId, TicketNumber, TicketPriority};
use serde::{Deserialize, Serialize};

id!(OutboxMailId);
id!(RawMailId);
id! {
    /// The specification's `EmailConfiguration`.
    MailboxId
}

words! {
    /// How mail comes into a mailbox; `SMTP` only sends, or is fed by a pipe.
    MailboxType { Smtp = "SMTP", Imap = "IMAP", Pop3 = "POP3", Webhook = "WEBHOOK" }
}

words! {
    /// `SSL` from the first byte on, `TLS` after `STARTTLS`.
    MailEncryption { None = "NONE", Ssl = "SSL", Tls = "TLS" }
}

words! {
    /// How a mailbox signs in to fetch: with its password, or with a token (Google, Microsoft).
    AuthMethod { Password = "PASSWORD", Xoauth2 = "XOAUTH2" }
}

words! {
    /// What a mailbox's server does with a message that we have.
    AfterIntake { Keep = "KEEP", Move = "MOVE", Delete = "DELETE" }
}

words! {
    /// What became of a mail that came in.
    IntakeOutcome {
        Created = "created",
        Appended = "appended",
        Duplicate = "duplicate",
        Quarantined = "quarantined",
        Ignored = "ignored",
        Bounced = "bounced",
    }
}

words! {
    /// Where a mail is that goes out. `SUPPRESSED`: its receiver takes none.
    DeliveryState {
        Waiting = "WAITING",
        Sending = "SENDING",
        Sent = "SENT",
        Failed = "FAILED",
        Bounced = "BOUNCED",
        Suppressed = "SUPPRESSED",
    }
}

/// A mailbox, as an administrator reads it: its secrets stay where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    pub id: MailboxId,
    pub name: String,
    pub kind: MailboxType,
    pub smtp_host: Option<String>,
    pub smtp_port: Option<i32>,
    pub smtp_user: Option<String>,
    pub has_smtp_password: bool,
    pub smtp_encryption: Option<MailEncryption>,
    pub smtp_from_email: Option<String>,
    pub smtp_from_name: Option<String>,
    pub imap_host: Option<String>,
    pub imap_port: Option<i32>,
    pub imap_user: Option<String>,
    pub has_imap_password: bool,
    pub imap_encryption: Option<MailEncryption>,
    pub imap_folder: String,
    pub auth_method: AuthMethod,
    pub after_intake: AfterIntake,
    /// The folder for `MOVE`.
    pub move_to: Option<String>,
    /// Minutes.
    pub poll_interval: Option<i32>,
    pub has_webhook_secret: bool,
    pub ticket_queue_id: Option<QueueId>,
    pub default_priority: Option<TicketPriority>,
    pub active: bool,
    pub plus_addressing: bool,
    pub signature: Option<String>,
    pub last_error: Option<String>,
    pub version: i32,
}

/// A mailbox as a form has it: nothing is a secret that stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailboxForm {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub smtp_host: Option<String>,
    pub smtp_port: Option<i32>,
    pub smtp_user: Option<String>,
    pub smtp_password: Option<String>,
    pub smtp_encryption: Option<String>,
    pub smtp_from_email: Option<String>,
    pub smtp_from_name: Option<String>,
    pub imap_host: Option<String>,
    pub imap_port: Option<i32>,
    pub imap_user: Option<String>,
    pub imap_password: Option<String>,
    pub imap_encryption: Option<String>,
    pub imap_folder: Option<String>,
    pub auth_method: Option<String>,
    pub after_intake: Option<String>,
    pub move_to: Option<String>,
    pub poll_interval: Option<i32>,
    pub webhook_secret: Option<String>,
    pub ticket_queue_id: Option<String>,
    pub default_priority: Option<String>,
    pub active: bool,
    pub plus_addressing: bool,
    pub signature: Option<String>,
}

/// What became of one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    pub outcome: IntakeOutcome,
    pub ticket: Option<TicketNumber>,
    pub reason: Option<String>,
}

/// A mail that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedMail {
    pub id: RawMailId,
    pub mailbox: String,
    pub sender: Option<String>,
    pub subject: Option<String>,
    pub reason: String,
    /// Bytes.
    pub size: i64,
    pub received_at: Timestamp,
}

/// What intake reads in a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadMail {
    pub message_id: Option<String>,
    /// The message that it answers.
    pub answers: Option<String>,
    pub from: Option<String>,
    pub to: Vec<String>,
    pub subject: String,
    pub date: Option<Timestamp>,
    pub text: String,
    /// Without quotes and signature.
    pub reply: String,
    pub has_html: bool,
    /// Name and bytes.
    pub attachments: Vec<(String, u64)>,
    /// Why it counts as no person's.
    pub automatic: Option<String>,
    pub bounce: Option<String>,
    /// What our receiver found of its origin (RFC 8601).
    pub authentication: Option<String>,
    pub error: Option<String>,
}

/// An address that takes no mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    pub email: String,
    /// In the words of the server that refused it.
    pub reason: String,
    pub created_at: Timestamp,
}

/// A sender, or a domain, that is not let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailBlock {
    pub pattern: String,
    pub created_at: Timestamp,
}

/// What became of the mail that carries a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub state: DeliveryState,
    pub said: Option<String>,
}

/// A mail in the outbox, as an administrator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMail {
    pub id: OutboxMailId,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub state: DeliveryState,
    pub last_error: Option<String>,
    pub sent_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// It was given up, or there was no mailbox to send it from and there is now: it goes once someone says so.
    pub is_stuck: bool,
}
