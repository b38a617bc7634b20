//! What a search finds.

use crate::ai::Triage;
use crate::tickets::TicketStatus;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    Article,
    Ticket,
    Asset,
    Change,
}

impl FoundKind {
    pub const ALL: [Self; 4] = [Self::Article, Self::Ticket, Self::Asset, Self::Change];

    pub fn word(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Ticket => "ticket",
            Self::Asset => "asset",
            Self::Change => "change",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Article => "Article",
            Self::Ticket => "Ticket",
            Self::Asset => "Asset",
            Self::Change => "Change",
        }
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub kind: FoundKind,
    pub id: Uuid,
    /// The last part of its address: an article's slug, the number of everything else.
    pub address: String,
    pub title: String,
    /// Around what was found: runs of text, and whether each was.
    pub excerpt: Vec<(String, bool)>,
    /// A heading of an article that the excerpt stands under.
    pub anchor: Option<String>,
    pub status: Option<TicketStatus>,
    /// Everyone may read it: it can be named in any answer.
    pub is_public: bool,
    /// A ticket about the cause of others, of which a workaround or the cause is known: for those who may read notes.
    pub is_known_error: bool,
    /// From 0 to 1; what was found by its number has 1.
    pub score: f32,
    pub why: Why,
}

impl Found {
    /// Where it is read, by those who work here.
    pub fn path(&self) -> String {
        let anchor = self.anchor.as_ref().map(|anchor| format!("#{anchor}")).unwrap_or_default();
        match self.kind {
            FoundKind::Article => format!("/portal/kb/{}{anchor}", self.address),
            FoundKind::Ticket => format!("/tickets/{}", self.address),
            FoundKind::Asset => format!("/assets/{}", self.address),
            FoundKind::Change => format!("/changes/{}", self.address),
        }
    }
}

/// Why something was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Its number was asked for.
    pub is_its_number: bool,
    /// Those of the words that stand in it.
    pub words: Vec<String>,
    /// How well it has them, from 0 to 1.
    pub has: f32,
    /// How near it is in meaning, the cosine of both vectors; none where nothing is known of it.
    pub meaning: Option<f32>,
}

/// Nearer than this is much the same.
const NEAR: f32 = 0.5;
/// Farther than this says nothing.
const FAR: f32 = 0.3;

impl Why {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        let meaning = match self.meaning {
            Some(meaning) if meaning >= NEAR => Some("means much the same"),
            Some(meaning) if meaning >= FAR => Some("is about something like it"),
            _ => None,
        };
        let words: Vec<String> = self.words.iter().take(5).map(|word| format!("“{word}”")).collect();
        match (self.is_its_number, words.is_empty(), meaning) {
            (true, ..) => "This is its number".to_owned(),
            (_, false, Some(meaning)) => format!("Has {}, and {meaning}", words.join(", ")),
            (_, false, None) => format!("Has {}", words.join(", ")),
            (_, true, Some("means much the same")) => "Means much the same, in other words".to_owned(),
            (_, true, _) => "Is about something like it".to_owned(),
        }
    }
}

/// What a search answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The best first.
    pub rows: Vec<Found>,
    /// Words that stand nowhere, and what they were read as.
    pub read_as: Vec<(String, String)>,
    /// Whether meaning was looked at, too: not where no model answers.
    pub by_meaning: bool,
}

/// A ticket like another, and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimilarTicket {
    pub ticket_number: String,
    pub subject: String,
    pub status: TicketStatus,
    /// What solved it, where someone wrote that down; else the last answer.
    pub resolution: Option<String>,
}

/// A problem that another ticket may come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownError {
    pub ticket_number: String,
    pub subject: String,
    pub root_cause: Option<String>,
    pub workaround: Option<String>,
    /// Someone has said that it comes from it.
    pub is_linked: bool,
}

/// What is known already about a ticket that someone works on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Those that it is linked to first.
    pub errors: Vec<KnownError>,
    pub articles: Vec<Found>,
    /// Like it, and solved.
    pub tickets: Vec<SimilarTicket>,
    /// Like it, open, of the last day, and not linked yet: several of them may be one incident.
    pub alike: Vec<SimilarTicket>,
    /// What its fields may be.
    pub triage: Triage,
}

/// Something that was looked for in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    pub words: String,
    pub times: i32,
    /// The last day.
    pub last_on: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_says_why_it_is_one() {
        let why = |words: &[&str], meaning| Why {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            meaning,
            ..Why::default()
        };
        assert_eq!(why(&["vpn", "809"], None).sentence(), "Has “vpn”, “809”");
        assert_eq!(why(&["vpn"], Some(0.7)).sentence(), "Has “vpn”, and means much the same");
        assert_eq!(why(&[], Some(0.7)).sentence(), "Means much the same, in other words");
        assert_eq!(why(&[], Some(0.4)).sentence(), "Is about something like it");
        assert_eq!(why(&["vpn"], Some(0.1)).sentence(), "Has “vpn”");
    }
}
