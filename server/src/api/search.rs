//! Search over everything.

use super::extract::Query;
use super::problem::ReadRefused;
use super::queues::Answer;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use oxdesk::search::rules::Question;
use oxdesk::search::{self, FoundKind, queries};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An address has room for so many characters of any script: what is longer than 64 KiB never arrives.
const QUESTION_MAX: usize = 5_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// Words, a number, or a question. “In quotes” must stand so, -word must not stand there.
    #[param(max_length = 5_000)]
    q: String,
    /// Kinds, separated by commas: article, ticket, asset. All without it.
    #[serde(rename = "type")]
    kinds: Option<String>,
    /// At most 50; 20 without it.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct Found {
    /// article, ticket, asset or change.
    r#type: &'static str,
    id: Uuid,
    /// A ticket's or an asset's number, or the last part of an article's address.
    address: String,
    title: String,
    excerpt: String,
    /// A ticket about the cause of others, of which the cause or a workaround is known.
    is_known_error: bool,
    /// From 0 to 1.
    score: f32,
    /// In a sentence.
    why: String,
    /// Those of the words that stand in it.
    words: Vec<String>,
    /// How near it is in meaning, a cosine; null where nothing is known of it.
    meaning: Option<f32>,
}

impl From<search::Found> for Found {
    fn from(found: search::Found) -> Self {
        Self {
            r#type: found.kind.word(),
            id: found.id,
            is_known_error: found.is_known_error,
            address: found.address,
            title: found.title,
            excerpt: found.excerpt.into_iter().map(|(text, _)| text).collect(),
            score: found.score,
            why: found.why.sentence(),
            words: found.why.words,
            meaning: found.why.meaning,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct FoundPage {
    data: Vec<Found>,
    /// Always null: the best are on one page.
    next: Option<String>,
}

/// What you may see of what fits, the best first.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchQuery), responses((status = 200, body = FoundPage), ReadRefused))]
pub async fn search(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<SearchQuery>,
) -> Answer<FoundPage> {
    if query.q.chars().count() > QUESTION_MAX {
        return Err(Error::invalid("q", format!("At most {QUESTION_MAX} characters, please.")).into());
    }
    let kinds = kinds(query.kinds.as_deref())?;
    let limit = query.limit.unwrap_or(20);
    if !(1..=queries::RESULTS_MAX).contains(&limit) {
        return Err(Error::invalid("limit", format!("From 1 to {}, please.", queries::RESULTS_MAX)).into());
    }
    let found = queries::find(&state.desk, &actor, &Question::asked(&query.q), &kinds, limit).await?;
    Ok(axum::Json(FoundPage { data: found.rows.into_iter().map(Into::into).collect(), next: None }))
}

fn kinds(words: Option<&str>) -> Result<Vec<FoundKind>, Error> {
    let Some(words) = words else { return Ok(FoundKind::ALL.to_vec()) };
    let known = |word: &str| FoundKind::ALL.into_iter().find(|kind| kind.word() == word.trim());
    let wrong = || Error::invalid("type", "Each is one of article, ticket and asset.");
    words.split(',').map(|word| known(word).ok_or_else(wrong)).collect()
}
