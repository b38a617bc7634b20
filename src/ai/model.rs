//! What is asked, answered and drafted.

use crate::Timestamp;
use crate::id::{id, words};
use crate::tickets::{TicketNumber, TicketPriority};
use serde::{Deserialize, Serialize};

id!(ConversationId);
id!(TurnId);
id!(CallId);

/// The longest question, in characters.
pub const QUESTION_MAX: usize = 1000;
/// So many questions belong to one conversation at most.
pub const TURNS_MAX: i64 = 30;

/// A piece of an article that may answer a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    pub article: uuid::Uuid,
    /// The last part of its address.
    pub slug: String,
    pub title: String,
    /// A heading of the article that it stands under.
    pub anchor: Option<String>,
    /// Markdown.
    pub text: String,
}

impl Passage {
    /// Where it is read.
    pub fn path(&self) -> String {
        let anchor = self.anchor.as_ref().map(|anchor| format!("#{anchor}")).unwrap_or_default();
        format!("/portal/kb/{}{anchor}", self.slug)
    }
}

words! {
    /// How far the answer of a question is. PASSAGES: no model is asked, what was found is the answer. UNKNOWN: what was
    /// found does not say.
    TurnState {
        Passages = "PASSAGES",
        Waiting = "WAITING",
        Writing = "WRITING",
        Answered = "ANSWERED",
        Unknown = "UNKNOWN",
        Failed = "FAILED",
    }
}

/// A question with what answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub id: TurnId,
    pub question: String,
    /// In the order in which the answer cites them, with those that its reader may read.
    pub passages: Vec<ShownPassage>,
    /// Safe to show; none without an answer in words.
    pub answer: Option<String>,
    pub state: TurnState,
}

/// A passage as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownPassage {
    /// The number that answers cite.
    pub number: usize,
    pub title: String,
    pub path: String,
    /// Safe to show.
    pub html: String,
    /// The answer cites it.
    pub is_cited: bool,
}

/// What someone asked, one question after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    pub id: ConversationId,
    pub turns: Vec<Turn>,
    /// What became of it.
    pub ticket: Option<TicketNumber>,
    /// No further question belongs to it.
    pub is_full: bool,
}

/// The tone of a drafted reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    #[default]
    Friendly,
    Formal,
    Brief,
}

impl Tone {
    pub const ALL: [Self; 3] = [Self::Friendly, Self::Formal, Self::Brief];

    pub fn word(self) -> &'static str {
        match self {
            Self::Friendly => "friendly",
            Self::Formal => "formal",
            Self::Brief => "brief",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Friendly => "Friendly",
            Self::Formal => "Formal",
            Self::Brief => "Brief",
        }
    }
}

/// What a model may write for an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftKind {
    Summary,
    Reply(Tone),
    /// Of the last message, into this language.
    Translation(String),
    Article,
}

words! {
    /// What a model was asked for.
    AiFeature {
        Answer = "ANSWER",
        Summary = "SUMMARY",
        Reply = "REPLY",
        Article = "ARTICLE",
        Translation = "TRANSLATION",
    }
}

/// What a ticket's fields may be, by what the nearest solved tickets have: each only where it differs from what the ticket
/// has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    pub category: Option<(String, Option<String>)>,
    pub queue: Option<(crate::tickets::QueueId, String)>,
    pub priority: Option<TicketPriority>,
    /// Of so many solved tickets like it.
    pub of: usize,
}

impl Triage {
    pub fn is_empty(&self) -> bool {
        self.category.is_none() && self.queue.is_none() && self.priority.is_none()
    }
}

/// One call of a model, for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AiCall {
    pub id: CallId,
    pub called_at: Timestamp,
    pub feature: AiFeature,
    pub model: String,
    pub host: String,
    pub who: Option<String>,
    pub ticket: Option<TicketNumber>,
    pub articles: Vec<String>,
    pub characters: i32,
    pub tokens: i32,
    pub outcome: String,
    pub took_ms: Option<i32>,
}

/// What was sent lately, and how much of today's budget is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AiLog {
    /// The newest first.
    pub calls: Vec<AiCall>,
    pub tokens_today: i64,
    /// None at all where it is 0.
    pub tokens_per_day: u64,
    /// The model and its host; none where none is named.
    pub model: Option<(String, String)>,
}
