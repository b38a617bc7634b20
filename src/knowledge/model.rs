//! What an article is.

use crate::Timestamp;
use crate::id::{id, words};
use crate::people::TeamId;
use crate::tickets::{TicketId, TicketNumber};
use serde::{Deserialize, Serialize};

id!(ArticleId);
id!(ArticleAttachmentId);
id!(KbCategoryId);

words! {
    ArticleStatus { Draft = "DRAFT", Published = "PUBLISHED", Archived = "ARCHIVED" }
}

impl ArticleStatus {
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Published => "Published",
            Self::Archived => "Archived",
        }
    }
}

words! {
    /// Who reads it once it is published.
    ArticleVisibility { Public = "PUBLIC", Internal = "INTERNAL", Team = "TEAM" }
}

impl ArticleVisibility {
    pub fn label(self) -> &'static str {
        match self {
            Self::Public => "Everyone",
            Self::Internal => "People with an account here",
            Self::Team => "A team",
        }
    }
}

/// The longest title and content, in characters, and summary.
pub const TITLE_MAX: usize = 200;
pub const CONTENT_MAX: usize = 200_000;
pub const SUMMARY_MAX: usize = 400;

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleRow {
    pub id: ArticleId,
    pub slug: String,
    pub title: String,
    /// Its summary, or its first words.
    pub excerpt: String,
    pub category: Option<String>,
    pub status: ArticleStatus,
    pub visibility: ArticleVisibility,
    pub view_count: i32,
    pub helpful_count: i32,
    pub not_helpful_count: i32,
    /// Its time to be looked at again has come.
    pub is_due: bool,
    pub updated_at: Timestamp,
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleList {
    pub rows: Vec<ArticleRow>,
    pub next: Option<ArticleId>,
    pub now: Timestamp,
}

/// A heading of an article, for its table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 2 or 3.
    pub level: u8,
    pub anchor: String,
    pub text: String,
}

/// An article as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticlePage {
    pub row: ArticleRow,
    /// Safe to show.
    pub html: String,
    pub headings: Vec<Heading>,
    pub tags: Vec<String>,
    /// Those that stand nowhere in the text.
    pub attachments: Vec<ArticleAttachment>,
    pub related: Vec<ArticleRow>,
    /// Whether the reader said that it helped.
    pub voted: Option<bool>,
    pub may_edit: bool,
}

/// A file of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleAttachment {
    pub id: ArticleAttachmentId,
    pub file_name: String,
    /// In bytes.
    pub file_size: i64,
    /// Told from its bytes.
    pub mime_type: String,
    /// Width and height in pixels, of a picture that browsers show.
    pub picture: Option<(i32, i32)>,
    pub created_at: Timestamp,
}

impl ArticleAttachment {
    pub fn path(&self) -> String {
        format!("{ATTACHMENT_PATH}{}", self.id)
    }

    /// What shows it in an article, or leads to it.
    pub fn markdown(&self) -> String {
        let marks = ['\\', '[', ']', '*', '_', '`', '<', '&', '!'];
        let name: String =
            self.file_name.chars().flat_map(|c| marks.contains(&c).then_some('\\').into_iter().chain([c])).collect();
        let mark = if self.picture.is_some() { "!" } else { "" };
        format!("{mark}[{name}]({})", self.path())
    }
}

/// Where files of articles are; their id follows.
pub const ATTACHMENT_PATH: &str = "/article-attachments/";

/// An article as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    pub id: ArticleId,
    pub slug: String,
    pub title: String,
    pub summary: Option<String>,
    pub content: String,
    pub category_id: Option<KbCategoryId>,
    pub tags: Vec<String>,
    pub status: ArticleStatus,
    pub visibility: ArticleVisibility,
    pub team_id: Option<TeamId>,
    /// `2026-11-25`.
    pub review_by: Option<String>,
    pub from_ticket: Option<TicketNumber>,
    pub version: i32,
}

/// An article as it is asked for; see [`super::commands::save_article`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArticleForm {
    pub title: String,
    pub summary: Option<String>,
    pub content: String,
    pub category_id: Option<KbCategoryId>,
    pub tags: Vec<String>,
    /// DRAFT without one.
    pub status: Option<ArticleStatus>,
    /// INTERNAL without one.
    pub visibility: Option<ArticleVisibility>,
    pub team_id: Option<TeamId>,
    pub review_by: Option<String>,
    pub created_from_ticket_id: Option<TicketId>,
    /// A new one takes along what its writer sent for it before.
    pub takes_waiting_attachments: bool,
}

/// What someone wrote in an article and has not saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArticleDraft {
    /// The version of the article that it was begun on; 0 for a new one.
    pub version: i32,
    pub title: String,
    pub summary: String,
    pub content: String,
}

/// What an article said in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleVersion {
    pub version: i32,
    pub title: String,
    pub summary: Option<String>,
    pub content: String,
    pub written_by: Option<String>,
    pub written_at: Timestamp,
}

/// A category with the number of articles in it that the reader sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KbCategory {
    pub id: KbCategoryId,
    pub parent_id: Option<KbCategoryId>,
    pub name: String,
    pub description: Option<String>,
    pub order: i32,
    pub active: bool,
    pub version: i32,
    pub articles: i64,
}

/// A category as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KbCategoryForm {
    pub name: String,
    pub description: Option<String>,
    pub parent_id: Option<KbCategoryId>,
    pub order: i32,
    pub active: bool,
}
