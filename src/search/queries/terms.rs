//! The words of a question as PostgreSQL looks for them, and how much each says.

use crate::desk::Desk;
use crate::search::rules::{self, Question};
use crate::{Result, search};
use sqlx::{FromRow, Postgres, QueryBuilder};

/// What is looked through.
#[derive(Clone, Copy)]
pub(super) enum Texts {
    Articles,
    Tickets,
}

impl Texts {
    fn table(self) -> &'static str {
        match self {
            Self::Articles => "kb_articles",
            Self::Tickets => "tickets",
        }
    }
}

/// In a table of so many rows a word's are counted; in a larger one PostgreSQL's own statistics say how common it is.
const COUNTED: u32 = 5000;
/// So many texts with one of the rarer words are weighed.
const CANDIDATES: f64 = 1500.0;
/// A slip that was read as another word counts half.
const READ_AS: f64 = 0.5;

/// The words that say something, and what must and must not stand there.
pub(super) struct Terms {
    pub words: Vec<String>,
    /// As `tsquery`, one each.
    pub queries: Vec<String>,
    pub worth: Vec<f64>,
    /// Any of the words; those that are rare enough to weigh every text that has one; all of them.
    pub any: String,
    pub rare: String,
    pub all: String,
    /// Phrases that must stand there, and words that must not; nothing, mostly.
    pub must: Option<String>,
}

impl Terms {
    /// The worth of all of them.
    pub fn total(&self) -> f64 {
        self.worth.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    }
}

#[derive(FromRow)]
struct Row {
    word: String,
    query: String,
    texts: f64,
    with_it: f64,
}

pub(super) async fn terms(
    desk: &Desk,
    texts: Texts,
    question: &Question,
    read_as: &[(String, String)],
) -> Result<Terms> {
    let last = question.words.len().checked_sub(1).filter(|_| question.is_being_typed);
    let begun = last.and_then(|last| question.words.get(last)).filter(|word| word.chars().all(char::is_alphanumeric));
    let others: Vec<String> = question.words.iter().map(|word| other(word, read_as).unwrap_or_default()).collect();
    let table = texts.table();
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "WITH size AS (SELECT CASE WHEN reltuples >= {COUNTED} THEN reltuples::float8 ELSE (SELECT count(*) FROM (SELECT FROM {table} LIMIT {COUNTED}) AS counted)::float8 END AS texts
             FROM pg_class WHERE oid = '{table}'::regclass),
           common AS MATERIALIZED (
             SELECT c.lexeme, f.share FROM pg_stats s, unnest(s.most_common_elems::text::text[]) WITH ORDINALITY AS c(lexeme, at)
             JOIN LATERAL unnest(s.most_common_elem_freqs) WITH ORDINALITY AS f(share, at) ON f.at = c.at
             WHERE s.schemaname = current_schema() AND s.tablename = '{table}' AND s.attname = 'search' AND (SELECT texts FROM size) >= {COUNTED}"
    ));
    query.push(
        "), asked AS (
             SELECT w.at, w.word, phraseto_tsquery('desk', w.word) || phraseto_tsquery('desk', w.other) ||
               CASE WHEN w.word = ",
    );
    query.push_bind(begun.cloned().unwrap_or_default()).push(" AND w.at = ").push_bind(question.words.len() as i64);
    query.push(" THEN to_tsquery('desk', w.word || ':*') ELSE '' END AS query FROM unnest(");
    query.push_bind(question.words.clone()).push("::text[], ").push_bind(others);
    query.push(format!(
        "::text[]) WITH ORDINALITY AS w(word, other, at))
         SELECT asked.word, asked.query::text AS query, size.texts,
           CASE WHEN size.texts < {COUNTED} THEN (SELECT count(*) FROM (SELECT FROM {table} t WHERE t.search @@ asked.query LIMIT 1000) AS counted)::float8
             ELSE coalesce((SELECT max(share) FROM common WHERE asked.query::text LIKE '%''' || replace(replace(common.lexeme, '%', '\\%'), '_', '\\_') || '''%'), 0.0002) * size.texts END AS with_it
         FROM asked, size WHERE numnode(asked.query) > 0 ORDER BY asked.at"
    ));
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    weighed(desk, rows, question, read_as).await
}

/// What a word was read as.
fn other(word: &str, read_as: &[(String, String)]) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    read_as.iter().find(|(slip, _)| *slip == word).map(|(_, meant)| meant.clone())
}

async fn weighed(desk: &Desk, rows: Vec<Row>, question: &Question, read_as: &[(String, String)]) -> Result<Terms> {
    let is_slip = |word: &str| other(word, read_as).is_some();
    let worth =
        |row: &Row| rules::worth(&row.word, row.texts, row.with_it) * if is_slip(&row.word) { READ_AS } else { 1.0 };
    let worth: Vec<f64> = rows.iter().map(worth).collect();
    let joined = |queries: Vec<&str>, with: &str| {
        queries.iter().map(|query| format!("({query})")).collect::<Vec<_>>().join(with)
    };
    let queries: Vec<&str> = rows.iter().map(|row| row.query.as_str()).collect();
    let mut by_rarity: Vec<&Row> = rows.iter().collect();
    by_rarity.sort_by(|one, two| one.with_it.total_cmp(&two.with_it));
    let mut sum = 0.0;
    let rare = by_rarity.iter().enumerate().take_while(|(at, row)| {
        sum += row.with_it;
        *at == 0 || sum <= CANDIDATES
    });
    let rare: Vec<&str> = rare.map(|(_, row)| row.query.as_str()).collect();
    Ok(Terms {
        any: joined(queries.clone(), " | "),
        all: joined(queries, " & "),
        rare: joined(rare, " | "),
        must: must(desk, question).await?,
        words: rows.iter().map(|row| row.word.clone()).collect(),
        worth,
        queries: rows.into_iter().map(|row| row.query).collect(),
    })
}

async fn must(desk: &Desk, question: &Question) -> Result<Option<String>> {
    if question.phrases.is_empty() && question.without.is_empty() {
        return Ok(None);
    }
    let parts = sqlx::query_scalar!(
        r#"SELECT query::text AS "query!" FROM (
             SELECT phraseto_tsquery('desk', phrase) AS query FROM unnest($1::text[]) AS phrase
             UNION ALL SELECT !! phraseto_tsquery('desk', word) FROM unnest($2::text[]) AS word) AS parts WHERE numnode(query) > 0"#,
        &question.phrases,
        &question.without
    )
    .fetch_all(&desk.db)
    .await?;
    let parts: Vec<String> = parts.into_iter().map(|part| format!("({part})")).collect();
    Ok(Some(parts.join(" & ")).filter(|parts| !parts.is_empty()))
}

/// Pushes how well `vector`, an expression, has the words: from 0 to 1.
pub(super) fn push_words_score(query: &mut QueryBuilder<Postgres>, vector: &str, total: f64) {
    query.push(format!(
        "(SELECT least(1, coalesce(sum(w.worth * CASE WHEN {vector} @@ w.query THEN 0.8 + 0.2 * least(1, ts_rank('{{0.25, 0.3, 0.6, 1}}', {vector}, w.query) / 0.6079) ELSE 0 END), 0) / "
    ));
    query.push_bind(total).push(")::float4 FROM words w)");
}

/// Pushes the words as a table `words (word, query, worth)`.
pub(super) fn push_words(query: &mut QueryBuilder<Postgres>, terms: &Terms) {
    query.push("words AS MATERIALIZED (SELECT w.word, w.query::tsquery AS query, w.worth FROM unnest(");
    query.push_bind(terms.words.clone()).push("::text[], ").push_bind(terms.queries.clone()).push("::text[], ");
    query.push_bind(terms.worth.clone()).push("::float8[]) AS w(word, query, worth))");
}

/// The distance of a row `e` of vectors from the question's. With `exact`, as an expression that no index answers: every row
/// that may be seen is compared.
pub(super) fn push_distance(query: &mut QueryBuilder<Postgres>, meaning: &search::queries::Meaning, exact: bool) {
    if meaning.vector.dimension() <= NARROW {
        query.push("(e.narrow <=> ").push_bind(meaning.vector.narrow(NARROW)).push(")");
    } else {
        query.push("(e.embedding <=> ").push_bind(meaning.vector.padded()).push(")");
    }
    if exact {
        query.push(" + 0");
    }
}

/// Pushes which rows `e` are the model's, as the indexes have it.
pub(super) fn push_of_model(query: &mut QueryBuilder<Postgres>, meaning: &search::queries::Meaning) {
    query.push(if meaning.vector.dimension() <= NARROW { "e.dimension <= 384" } else { "e.dimension > 384" });
    query.push(" AND e.model = ").push_bind(meaning.model.clone());
}

/// The width of the smaller index.
const NARROW: usize = 384;
/// Who may see fewer rows than this has each of them compared: an index would pass over too many others.
pub(super) const EXACT_BELOW: i64 = 4000;
/// So many of the nearest are weighed.
pub(super) const NEAREST: i64 = 80;
