//! The words of articles, to read slips of the pen by.

use crate::Result;
use crate::desk::Desk;
use crate::search::rules::trigrams;

/// Words of more letters than this are none that anyone mistypes.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=30;
/// So many words are known.
const WORDS_MAX: i64 = 100_000;

/// Learns the words that published articles have now, teams' articles left out. A job.
pub async fn learn_words(desk: &Desk) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('search_words'))").execute(&mut *tx).await?;
    let rows: Vec<(String, bool)> = sqlx::query_as(
        "SELECT word, bool_or(is_public) FROM (
           SELECT word, true AS is_public FROM ts_stat($q$SELECT to_tsvector('simple', concat_ws(' ', title, tags_as_text(tags), summary, left(content, 200000)))
             FROM kb_articles WHERE deleted_at IS NULL AND status = 'PUBLISHED' AND visibility = 'PUBLIC'$q$)
           UNION ALL SELECT word, false FROM ts_stat($q$SELECT to_tsvector('simple', concat_ws(' ', title, tags_as_text(tags), summary, left(content, 200000)))
             FROM kb_articles WHERE deleted_at IS NULL AND status = 'PUBLISHED' AND visibility = 'INTERNAL'$q$)) AS known
         GROUP BY word LIMIT $1",
    )
    .bind(WORDS_MAX)
    .fetch_all(&mut *tx)
    .await?;
    let is_word = |word: &str| LETTERS.contains(&word.chars().count()) && word.chars().all(char::is_alphabetic);
    let rows: Vec<(String, bool)> = rows.into_iter().filter(|(word, _)| is_word(word)).collect();
    let words: Vec<String> = rows.iter().map(|(word, _)| word.clone()).collect();
    let public: Vec<bool> = rows.iter().map(|(_, is_public)| *is_public).collect();
    let grams: Vec<String> = words.iter().map(|word| trigrams(word).join("\u{1f}")).collect();
    sqlx::query!("DELETE FROM search_words WHERE word <> ALL($1)", &words).execute(&mut *tx).await?;
    sqlx::query!(
        "INSERT INTO search_words (word, trigrams, is_public)
         SELECT word, string_to_array(grams, chr(31)), is_public FROM unnest($1::text[], $2::text[], $3::boolean[]) AS w(word, grams, is_public)
         ON CONFLICT (word) DO UPDATE SET is_public = EXCLUDED.is_public",
        &words,
        &grams,
        &public
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
