//! What a rating is.

use crate::Timestamp;
use crate::tickets::TicketNumber;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How satisfied someone is, from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(i16);

impl Score {
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    pub fn new(score: i16) -> Result<Self> {
        if (1..=5).contains(&score) { Ok(Self(score)) } else { Err(Error::invalid("score", "From 1 to 5, please.")) }
    }

    pub fn number(self) -> i16 {
        self.0
    }

    /// As people read it.
    pub fn label(self) -> &'static str {
        match self.0 {
            1 => "Very bad",
            2 => "Bad",
            3 => "So-so",
            4 => "Good",
            _ => "Very good",
        }
    }

    /// Good or very good: what the share of the satisfied counts.
    pub fn is_satisfied(self) -> bool {
        self.0 >= 4
    }
}

/// What was said of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    pub score: Score,
    pub comment: Option<String>,
    pub rated_at: Timestamp,
}

/// A span of days: how many were asked, how many answered, and what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Satisfaction {
    pub asked: i64,
    pub rated: i64,
    /// How many gave 1, 2, 3, 4 and 5.
    pub scores: [i64; 5],
    /// The newest that said something, at most fifty.
    pub comments: Vec<RatedTicket>,
}

impl Satisfaction {
    /// The share of good and very good among those who answered, in percent.
    pub fn percent(&self) -> Option<i64> {
        (self.rated > 0).then(|| (self.scores[3] + self.scores[4]) * 100 / self.rated)
    }
}

/// A rating with its ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatedTicket {
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub rating: Rating,
}

/// The longest comment, in characters.
pub const COMMENT_MAX: usize = 2000;
/// A rating may be given, and changed, so long after the ticket was closed, in days.
pub const RATE_DAYS: i64 = 30;
