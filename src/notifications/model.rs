//! What a notification is, and what a person may choose.

use crate::Timestamp;
use crate::id::{id, words};
use crate::tickets::TicketNumber;
use serde::{Deserialize, Serialize};

id!(NotificationId);

words! {
    /// Why someone is told, in the specification's words where it has one.
    NotificationType {
        Mention = "MENTION",
        SlaBreached = "SLA_BREACHED",
        SlaWarning = "SLA_WARNING",
        TicketAssigned = "TICKET_ASSIGNED",
        CommentAdded = "COMMENT_ADDED",
        NoteAdded = "NOTE_ADDED",
        TicketReturned = "TICKET_RETURNED",
        TicketUpdated = "TICKET_UPDATED",
        TicketCreated = "TICKET_CREATED",
        Rule = "RULE",
        ApprovalWanted = "APPROVAL_WANTED",
        ChangeDecided = "CHANGE_DECIDED",
        WarrantyEnds = "WARRANTY_ENDS",
        ChangeAnnounced = "CHANGE_ANNOUNCED",
    }
}

impl NotificationType {
    pub fn label(self) -> &'static str {
        match self {
            Self::Mention => "Someone mentions you",
            Self::SlaBreached => "A deadline has passed",
            Self::SlaWarning => "A deadline comes near",
            Self::TicketAssigned => "A ticket becomes yours",
            Self::CommentAdded => "A reply",
            Self::NoteAdded => "An internal note",
            Self::TicketReturned => "A ticket comes back that you put off",
            Self::TicketUpdated => "A ticket changes",
            Self::TicketCreated => "A new ticket in one of your queues",
            Self::Rule => "A rule has something to say",
            Self::ApprovalWanted => "Your yes or no to a change is wanted",
            Self::ChangeDecided => "A change of yours is decided",
            Self::WarrantyEnds => "Warranties end soon",
            Self::ChangeAnnounced => "A change touches something of yours",
        }
    }

    /// What holds for whoever chose nothing: in the app, by mail.
    pub fn default_channels(self) -> Channels {
        match self {
            Self::Mention
            | Self::TicketAssigned
            | Self::SlaBreached
            | Self::ApprovalWanted
            | Self::ChangeDecided
            | Self::ChangeAnnounced => Channels { in_app: true, by_mail: true },
            Self::SlaWarning
            | Self::CommentAdded
            | Self::NoteAdded
            | Self::TicketReturned
            | Self::TicketUpdated
            | Self::Rule
            | Self::WarrantyEnds => Channels { in_app: true, by_mail: false },
            Self::TicketCreated => Channels { in_app: false, by_mail: false },
        }
    }
}

/// Where someone is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels {
    pub in_app: bool,
    pub by_mail: bool,
}

words! {
    /// How often mails of notifications go: as soon as something happens, every hour, or at eight in the morning.
    Digest {
        None = "NONE",
        Hourly = "HOURLY",
        Daily = "DAILY",
    }
}

impl Digest {
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "At once",
            Self::Hourly => "Together, every hour",
            Self::Daily => "Together, every morning",
        }
    }
}

/// A stretch of the day in which no mail goes, in minutes of the day; over midnight where `to` is the smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    pub from: i32,
    pub to: i32,
}

/// What a person chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Of every type, in the order of the page.
    pub channels: Vec<(NotificationType, Channels)>,
    pub digest: Digest,
    pub quiet: Option<QuietHours>,
    /// The IANA zone of quiet hours and mornings.
    pub time_zone: String,
}

/// A line of the list: what happened last on a ticket, and how much more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The newest of them.
    pub id: NotificationId,
    pub kind: NotificationType,
    pub title: String,
    pub message: String,
    /// A path of this desk.
    pub link: Option<String>,
    pub ticket_number: Option<TicketNumber>,
    pub read: bool,
    /// How many others of the same ticket stand behind it.
    pub more: i64,
    pub created_at: Timestamp,
}

/// A page of the list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationList {
    pub rows: Vec<Notification>,
    pub next: Option<NotificationId>,
    pub now: Timestamp,
}

/// What the bell shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Tickets with something unread, up to [`UNREAD_MAX`].
    pub count: i64,
    /// The newest of it.
    pub latest: Option<Notification>,
}

/// The bell counts so far.
pub const UNREAD_MAX: i64 = 100;
