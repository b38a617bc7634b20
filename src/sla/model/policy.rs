//! What is promised to whom, and what happens when a promise comes near.

use super::Calendar;
use crate::Timestamp;
use crate::id::{id, words};
use crate::people::{OrganisationId, UserId};
use crate::tickets::{QueueId, TicketPriority, TicketStatus};
use crate::webhooks::WebhookId;
use serde::{Deserialize, Serialize};

id!(CalendarId);
id!(SlaPolicyId);
id!(SlaStepId);
id!(SlaTrackingId);

/// The longest promise: five years of minutes.
pub const MINUTES_MAX: i32 = 5 * 366 * 24 * 60;

words! {
    /// What is promised: a person's first public answer, an answer to whoever waits again, the solution.
    SlaTarget {
        FirstResponse = "FIRST_RESPONSE",
        Update = "UPDATE",
        Resolution = "RESOLUTION",
    }
}

impl SlaTarget {
    pub fn label(self) -> &'static str {
        match self {
            Self::FirstResponse => "First response",
            Self::Update => "Next answer",
            Self::Resolution => "Resolution",
        }
    }
}

/// The specification's `SLAPolicy`, with conditions: it fits the tickets of its priority that meet all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaPolicy {
    pub id: SlaPolicyId,
    pub name: String,
    pub description: Option<String>,
    pub priority: TicketPriority,
    /// Minutes of working time, as the next two are.
    pub first_response_time: i32,
    pub update_time: Option<i32>,
    pub resolution_time: i32,
    /// Around the clock, without one.
    pub calendar_id: Option<CalendarId>,
    pub queue_id: Option<QueueId>,
    /// A category's or a subcategory's name.
    pub category: Option<String>,
    pub organisation_id: Option<OrganisationId>,
    pub tag: Option<String>,
    /// In these the clock stands still.
    pub pauses_in: Vec<TicketStatus>,
    /// The first that fits counts.
    pub position: i32,
    pub active: bool,
    pub version: i32,
    pub steps: Vec<SlaStep>,
}

/// Something that happens before or after a target, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaStep {
    pub id: SlaStepId,
    pub target: SlaTarget,
    #[serde(flatten)]
    pub moment: Moment,
    pub actions: Vec<StepAction>,
}

/// When a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Working minutes after the target; before it, where negative.
    Minutes(i32),
    /// A share of the way to it, in percent.
    Share(i32),
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum StepAction {
    NotifyAssignee,
    /// Everyone in the ticket's queue.
    NotifyQueue,
    /// Everyone with a role, by its name.
    NotifyRole {
        role: String,
    },
    NotifyUser {
        user: UserId,
    },
    /// One step up.
    RaisePriority,
    AssignTo {
        user: UserId,
    },
    AddTag {
        tag: String,
    },
    /// Tells another program.
    Webhook {
        webhook: WebhookId,
    },
}

/// A calendar that is kept, with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCalendar {
    pub id: CalendarId,
    pub name: String,
    pub calendar: Calendar,
    pub version: i32,
}

/// A promise as it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// While the clock stands still: when it would be due if it went on now.
    pub target: Option<Timestamp>,
    /// When it was kept.
    pub actual: Option<Timestamp>,
    pub breached: bool,
}

/// A ticket's promises, with why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    pub policy: String,
    /// Whose hours count; around the clock, without one.
    pub calendar: Option<String>,
    pub time_zone: String,
    pub paused: bool,
    pub deadlines: Vec<Deadline>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub promise: SlaTarget,
    pub goal: Goal,
    /// Working minutes that were promised.
    pub minutes: i32,
    /// From the beginning to the target.
    pub segments: Vec<super::Segment>,
}
