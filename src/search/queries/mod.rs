//! Finding.

mod articles;
mod assets;
mod changes;
mod known;
mod known_errors;
mod misses;
mod terms;
mod tickets;

pub use known::known_about;
pub use misses::list_misses;

use super::rules::{Question, nearest, trigrams};
use super::{FoundKind, Results};
use crate::ai::{Embedding, Passage};
use crate::desk::Desk;
use crate::{Actor, Permission, Result};
use terms::{Texts, terms};

/// At most so many results.
pub const RESULTS_MAX: i64 = 50;

/// What a search goes by, once.
pub(super) struct Sought<'a> {
    pub question: &'a Question,
    pub meaning: Option<Meaning>,
    pub limit: i64,
    /// Whether what was found is shown with its surroundings.
    pub excerpts: bool,
}

/// A question's vector, and whose vectors it is compared with.
#[derive(Debug, Clone)]
pub struct Meaning {
    pub model: String,
    pub vector: Embedding,
}

/// What `actor` may see of what fits a question, the best first.
pub async fn find(desk: &Desk, actor: &Actor, question: &Question, kinds: &[FoundKind], limit: i64) -> Result<Results> {
    if question.is_empty() {
        return Ok(Results::default());
    }
    let says_nothing = says_nothing(desk, question);
    let meaning = if says_nothing { None } else { meaning(desk, question).await? };
    let mut results = find_near(desk, actor, question, meaning, kinds, limit).await?;
    results.by_meaning |= says_nothing;
    Ok(results)
}

/// Whether none of its words is one that the model knows: a number, a code, a name, or nothing at all. Such a question has a
/// vector like any other, which is near to whatever else says nothing.
fn says_nothing(desk: &Desk, question: &Question) -> bool {
    let mut words = question.text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.all(|word| word.chars().any(|c| c.is_ascii_digit()) || desk.ai.is_word(word) == Some(false))
}

/// The same for a question whose vector is known; by words alone without one.
pub async fn find_near(
    desk: &Desk,
    actor: &Actor,
    question: &Question,
    meaning: Option<Meaning>,
    kinds: &[FoundKind],
    limit: i64,
) -> Result<Results> {
    let sought = Sought { question, meaning, limit: limit.clamp(1, RESULTS_MAX), excerpts: true };
    let mut results = Results { by_meaning: sought.meaning.is_some(), ..Results::default() };
    if kinds.contains(&FoundKind::Article) {
        results.read_as = read_as(desk, actor, question).await?;
        let terms = terms(desk, Texts::Articles, question, &results.read_as).await?;
        results.rows.extend(articles::find_articles(desk, actor, &sought, &terms).await?);
    }
    if kinds.contains(&FoundKind::Ticket) && actor.identified().is_ok() {
        let terms = terms(desk, Texts::Tickets, question, &[]).await?;
        results.rows.extend(tickets::find_tickets(desk, actor, &sought, &terms).await?);
    }
    if kinds.contains(&FoundKind::Asset) && actor.user_id.is_some() {
        results.rows.extend(assets::find_assets(desk, actor, &sought).await?);
    }
    if kinds.contains(&FoundKind::Change) && actor.user_id.is_some() {
        results.rows.extend(changes::find_changes(desk, actor, &sought).await?);
    }
    results.rows.sort_by(|one, other| other.score.total_cmp(&one.score));
    results.rows.truncate(usize::try_from(sought.limit).unwrap_or_default());
    Ok(results)
}

/// What scores less does not answer a question.
const ANSWERS: f32 = 0.28;
/// The same where words alone are looked at: a share of what they are worth.
const ANSWERS_IN_WORDS: f32 = 0.25;

/// What stands in articles that `actor` may read and may answer a question, the best first.
pub async fn find_passages(desk: &Desk, actor: &Actor, question: &Question, limit: i64) -> Result<Vec<Passage>> {
    if question.is_empty() {
        return Ok(Vec::new());
    }
    let meaning = if says_nothing(desk, question) { None } else { meaning(desk, question).await? };
    let enough = if meaning.is_some() { ANSWERS } else { ANSWERS_IN_WORDS };
    let sought = Sought { question, meaning, limit: limit.clamp(1, RESULTS_MAX), excerpts: false };
    let read_as = read_as(desk, actor, question).await?;
    let terms = terms(desk, Texts::Articles, question, &read_as).await?;
    let pieces = articles::find_pieces(desk, actor, &sought, &terms).await?;
    Ok(pieces.into_iter().filter(|(score, _)| *score >= enough).map(|(_, passage)| passage).collect())
}

/// The question's vector, by the model that serves; none where that cannot be asked, or does not answer in time.
async fn meaning(desk: &Desk, question: &Question) -> Result<Option<Meaning>> {
    let Some(wanted) = desk.ai.wanted() else { return Ok(None) };
    let serving = serving(desk).await?;
    let model = serving.as_deref().and_then(|name| desk.ai.named(name)).unwrap_or(wanted);
    let vector = desk.ai.question(model, &question.text).await;
    Ok(vector.map(|vector| Meaning { model: model.name().to_owned(), vector }))
}

/// The name of the model whose vectors are complete.
pub(crate) async fn serving(desk: &Desk) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("SELECT name FROM embedding_models WHERE serves").fetch_optional(&desk.db).await?)
}

/// How many texts wait for their vector.
pub async fn count_waiting(desk: &Desk) -> Result<i64> {
    let waiting =
        sqlx::query_scalar!(r#"SELECT count(*) AS "waiting!" FROM embeddings_wanted"#).fetch_one(&desk.db).await?;
    Ok(waiting)
}

/// Words that stand in no article, and the known ones that they are likely slips of: only words that the actor may read.
async fn read_as(desk: &Desk, actor: &Actor, question: &Question) -> Result<Vec<(String, String)>> {
    let words: Vec<String> = question
        .words
        .iter()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| {
            word.chars().all(char::is_alphabetic) && is_likely_slip(word.chars().count(), desk.ai.is_word(word))
        })
        .collect();
    let internal = actor.can(Permission::ArticleReadInternal);
    let unknown: Vec<String> = sqlx::query_scalar!(
        r#"SELECT w AS "word!" FROM unnest($1::text[]) AS w
           WHERE NOT EXISTS (SELECT FROM search_words s WHERE s.word >= w AND s.word < w || chr(1114109) AND s.word LIKE w || '%')"#,
        &words
    )
    .fetch_all(&desk.db)
    .await?;
    let mut read_as = Vec::new();
    for word in unknown.into_iter().take(3) {
        // What has the most of its letters in common, then the fewest slips.
        let near = sqlx::query_scalar!(
            "SELECT word FROM search_words s WHERE trigrams && $1 AND (is_public OR $2) AND length(word) BETWEEN $3 - 2 AND $3 + 2
             ORDER BY (SELECT count(*) FROM unnest(trigrams) AS gram WHERE gram = ANY($1)) DESC, word LIMIT 20",
            &trigrams(&word),
            internal,
            i32::try_from(word.chars().count()).unwrap_or(i32::MAX),
        )
        .fetch_all(&desk.db)
        .await?;
        if let Some(meant) = nearest(&word, near.iter().map(String::as_str)) {
            read_as.push((word, meant.to_owned()));
        }
    }
    Ok(read_as)
}

/// A word of the language is meant, though no article has it; where no model can say, short ones are taken for words.
fn is_likely_slip(letters: usize, is_word: Option<bool>) -> bool {
    match is_word {
        Some(is_word) => letters >= 5 && !is_word,
        None => letters >= 6,
    }
}

/// Runs of text between the marks that PostgreSQL set.
fn marked(text: &str) -> Vec<(String, bool)> {
    let mut runs = Vec::new();
    for part in text.split('\u{2}') {
        match part.split_once('\u{3}') {
            Some((found, rest)) => runs.extend([(found.to_owned(), true), (rest.to_owned(), false)]),
            None => runs.push((part.to_owned(), false)),
        }
    }
    runs.retain(|(text, _)| !text.is_empty());
    runs
}

/// Around what was found in each text; from its beginning where nothing was.
async fn headlines(desk: &Desk, sought: &Sought<'_>, texts: &[String], any: &str) -> Result<Vec<Vec<(String, bool)>>> {
    if !sought.excerpts || texts.is_empty() {
        return Ok(vec![Vec::new(); texts.len()]);
    }
    let lines = sqlx::query_scalar!(
        r#"SELECT ts_headline('desk', text, $2::text::tsquery, 'StartSel=' || chr(2) || ', StopSel=' || chr(3) || ', MaxFragments=1, MaxWords=26, MinWords=14') AS "line!"
           FROM unnest($1::text[]) WITH ORDINALITY AS t(text, at) ORDER BY at"#,
        texts,
        any
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(lines.iter().map(|line| marked(line)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_set_apart() {
        let runs = marked("the \u{2}screen\u{3} is \u{2}black\u{3}");
        let expected = [("the ", false), ("screen", true), (" is ", false), ("black", true)];
        assert_eq!(runs.iter().map(|(text, found)| (text.as_str(), *found)).collect::<Vec<_>>(), expected);
    }
}
