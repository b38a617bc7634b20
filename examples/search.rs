//! Part of `make bench`: how well search finds, how fast among many, and how fast texts get their vectors. `BENCH_CHUNKS` says
//! among how many pieces of articles.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use oxdesk::ai::{Ai, Embedding};
use oxdesk::desk::Desk;
use oxdesk::knowledge::{ArticleForm, ArticleStatus, ArticleVisibility, commands::save_article};
use oxdesk::search::queries::{Meaning, find_near};
use oxdesk::search::rules::{Question, is_found};
use oxdesk::search::{FoundKind, commands};
use oxdesk::testing::{self, Retrieval, retrieval, retrieval_sets};
use oxdesk::{Actor, seed};
use serde::Deserialize;
use sqlx::AssertSqlSafe;
use std::fmt::Write;
use std::time::Instant;

#[tokio::main]
async fn main() {
    let mut report =
        String::from("# Search, measured\n\nWritten by `make bench`; PostgreSQL and the program share one machine.\n");
    quality(&mut report).await;
    among_many(&mut report).await;
    println!("{report}");
    std::fs::write("docs/benchmarks-search.md", report).unwrap();
}

#[derive(Deserialize)]
struct KnownItem {
    q: String,
    body: String,
}

/// P@1, R@5 and MRR, by words, by meaning and by both, and the embedder's own speed.
async fn quality(report: &mut String) {
    let mut desk = testing::desk().await;
    let Some(ai) = testing::local_model() else {
        let _ = write!(report, "\nNo model for meaning was here: search was not measured.\n");
        return;
    };
    desk.ai = ai;
    let writer = testing::person(&desk, "writer", "AGENT").await;
    seed::articles::write(&desk, &writer).await.unwrap();
    let known = other_peoples(&desk, &writer).await;
    let (began, before) = (Instant::now(), resident());
    commands::embed_waiting(&desk).await.unwrap();
    while commands::embed_waiting(&desk).await.unwrap() {}
    let chunks: i64 =
        sqlx::query_scalar("SELECT count(*) FROM kb_article_embeddings").fetch_one(&desk.db).await.unwrap();
    let speed = chunks as f64 / began.elapsed().as_secs_f64();
    let memory = (resident() - before) / 1024;
    let mut words = desk.clone();
    words.ai = Ai::none();
    let _ = write!(
        report,
        "\n## How well it finds\n\nAmong {chunks} pieces of articles: the demo's, and answers to other people's questions where the corpora are. P@1 is the share of questions whose answer came first, R@5 among the first five, MRR the mean of its place's inverse.\n\n| questions | by | P@1 | R@5 | MRR |\n| --- | --- | --- | --- | --- |\n"
    );
    let [in_other_words, exactly] = retrieval_sets();
    let both: Vec<_> = in_other_words.iter().chain(&exactly).cloned().collect();
    let sets = [
        ("other people's", known),
        ("the demo's, in other words", in_other_words),
        ("the demo's, exact words and codes", exactly),
        ("the demo's, both", both),
    ];
    for (name, asked) in sets.into_iter().filter(|(_, asked)| !asked.is_empty()) {
        for (by, found) in [
            ("words", retrieval(&words, &writer, &asked, true).await),
            ("meaning", retrieval(&desk, &writer, &asked, false).await),
            ("both", retrieval(&desk, &writer, &asked, true).await),
        ] {
            let Retrieval { first, five, mrr } = found;
            let _ = writeln!(report, "| {name} ({}) | {by} | {first:.3} | {five:.3} | {mrr:.3} |", asked.len());
        }
    }
    let _ = write!(
        report,
        "\nTexts that got their vectors: {speed:.1} a second in the background, {memory} MB more memory, the model included.\n"
    );
}

/// The corpora's questions, with their answers as articles.
async fn other_peoples(desk: &Desk, writer: &Actor) -> Vec<(String, String)> {
    let folder = std::env::var("OXDESK_CORPORA").unwrap_or_else(|_| "../shared/corpora".into());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/search/known_item.json")) else { return Vec::new() };
    let items: Vec<KnownItem> = serde_json::from_str(&text).unwrap();
    let mut asked = Vec::new();
    for item in items {
        let title: String = item.body.split_whitespace().take(8).collect::<Vec<_>>().join(" ");
        let form = ArticleForm {
            title: title.chars().take(150).collect(),
            content: item.body,
            status: Some(ArticleStatus::Published),
            visibility: Some(ArticleVisibility::Public),
            ..ArticleForm::default()
        };
        let id = save_article(desk, writer, None, &form).await.unwrap();
        let slug = sqlx::query_scalar("SELECT slug FROM kb_articles WHERE id = $1").bind(id).fetch_one(&desk.db).await;
        asked.push((item.q, slug.unwrap()));
    }
    asked
}

/// Resident memory, in kB.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

/// Pieces of an article.
const PIECES: usize = 8;
/// Vectors lie around so many middles, in so many directions: what people write about is no noise.
const TOPICS: usize = 100;
const DIRECTIONS: usize = 32;
/// Questions of each measurement.
const ASKED: usize = 200;

/// Latency and recall among many synthetic pieces, of whom everyone may read one in a hundred.
async fn among_many(report: &mut String) {
    let chunks: usize = std::env::var("BENCH_CHUNKS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let desk = testing::desk().await;
    let agent = testing::person(&desk, "agent", "AGENT").await;
    let mut synthetic = Synthetic::new();
    fill(&desk, chunks, &mut synthetic).await;
    let _ = write!(
        report,
        "\n## How fast\n\nA whole search, its words and its vector known, among synthetic pieces of articles that lie around {TOPICS} middles in {DIRECTIONS} directions; recall@10 against comparing each. In milliseconds; «bare» is the index asked for the 80 nearest pieces and nothing else, the ratio is its p50 over the search's.\n\n| pieces | reader | may read | p50 | p99 | bare p50 | ratio to bare | recall@10 |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for (name, reader, share) in [("an agent", &agent, "all"), ("a stranger", &Actor::anonymous(None), "1 %")] {
        let (mut took, mut bare, mut found, mut right) = (Vec::new(), Vec::new(), 0, 0);
        for at in 0..ASKED {
            let near = synthetic.near(at * 7 % TOPICS);
            let meaning = Meaning { model: "bench".into(), vector: Embedding::new(near).unwrap() };
            let question = Question::asked(&format!("printer {at}"));
            let began = Instant::now();
            index_alone(&desk, &meaning).await;
            bare.push(began.elapsed().as_secs_f64() * 1000.0);
            let began = Instant::now();
            find_near(&desk, reader, &question, Some(meaning.clone()), &[FoundKind::Article], 10).await.unwrap();
            took.push(began.elapsed().as_secs_f64() * 1000.0);
            if at < 40 {
                let exact = nearest(&desk, reader, &meaning).await;
                let by_meaning = Question { words: Vec::new(), ..question };
                let rows =
                    find_near(&desk, reader, &by_meaning, Some(meaning), &[FoundKind::Article], 10).await.unwrap().rows;
                found += exact.len();
                right += exact.iter().filter(|id| rows.iter().any(|row| row.id == **id)).count();
            }
        }
        took.sort_by(f64::total_cmp);
        bare.sort_by(f64::total_cmp);
        let recall = right as f64 / found.max(1) as f64;
        let _ = writeln!(
            report,
            "| {chunks} | {name} | {share} | {:.1} | {:.1} | {:.1} | {:.2} | {recall:.3} |",
            took[ASKED / 2],
            took[ASKED * 99 / 100],
            bare[ASKED / 2],
            bare[ASKED / 2] / took[ASKED / 2]
        );
    }
}

async fn fill(desk: &Desk, chunks: usize, synthetic: &mut Synthetic) {
    let run = async |sql: String| {
        sqlx::query(AssertSqlSafe(sql)).execute(&desk.db).await.unwrap();
    };
    run("DROP INDEX kb_article_embeddings_narrow_idx".into()).await;
    run("INSERT INTO embedding_models (name, dimension, serves) VALUES ('bench', 384, true)".into()).await;
    run(format!(
        "INSERT INTO kb_articles (title, content, slug, status, visibility)
         SELECT 'About ' || n, 'It is said of ' || n || ' that the printer of floor ' || n % 97 || ' prints.', 'about-' || n, 'PUBLISHED',
           CASE WHEN n % 100 = 0 THEN 'PUBLIC' ELSE 'INTERNAL' END FROM generate_series(1, {}) AS n",
        chunks / PIECES
    ))
    .await;
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT id FROM kb_articles ORDER BY id").fetch_all(&desk.db).await.unwrap();
    for (batch, ids) in ids.chunks(100).enumerate() {
        let articles: Vec<uuid::Uuid> = ids.iter().flat_map(|id| [*id; PIECES]).collect();
        let vectors: Vec<pgvector::Vector> = (0..articles.len())
            .map(|at| Embedding::new(synthetic.near(topic_of(batch * 100 + at / PIECES))).unwrap().padded())
            .collect();
        sqlx::query("INSERT INTO kb_article_embeddings (article_id, model, dimension, embedding, chunk_text) SELECT a, 'bench', 384, v, 'Said' FROM unnest($1::uuid[], $2::vector[]) AS t(a, v)")
            .bind(articles)
            .bind(vectors)
            .execute(&desk.db)
            .await
            .unwrap();
    }
    let mut connection = desk.db.acquire().await.unwrap();
    for sql in [
        "SET maintenance_work_mem = '3GB'",
        "SET max_parallel_maintenance_workers = 15",
        "CREATE INDEX kb_article_embeddings_narrow_idx ON kb_article_embeddings USING hnsw (narrow halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimension <= 384",
        "VACUUM ANALYZE kb_article_embeddings",
        "VACUUM ANALYZE kb_articles",
    ] {
        sqlx::query(sql).execute(&mut *connection).await.unwrap();
    }
}

/// What any search by meaning costs at least.
async fn index_alone(desk: &Desk, meaning: &Meaning) {
    sqlx::query("SELECT article_id FROM kb_article_embeddings WHERE dimension <= 384 ORDER BY narrow <=> $1 LIMIT 80")
        .bind(meaning.vector.narrow(384))
        .fetch_all(&desk.db)
        .await
        .unwrap();
}

/// What everyone may read, one article in a hundred, is about all the topics, too.
fn topic_of(article: usize) -> usize {
    (article + article / TOPICS) % TOPICS
}

/// The ten nearest articles that the reader may read and that are near at all, each piece compared.
async fn nearest(desk: &Desk, reader: &Actor, meaning: &Meaning) -> Vec<uuid::Uuid> {
    let public = if reader.user_id.is_some() { "" } else { "AND a.visibility = 'PUBLIC'" };
    let sql = format!(
        "SELECT e.article_id, 1 - min((e.narrow <=> $1) + 0) FROM kb_article_embeddings e JOIN kb_articles a ON a.id = e.article_id WHERE e.dimension <= 384 {public}
         GROUP BY e.article_id ORDER BY min((e.narrow <=> $1) + 0) LIMIT 10"
    );
    let nearest: Vec<(uuid::Uuid, f64)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(meaning.vector.narrow(384)).fetch_all(&desk.db).await.unwrap();
    nearest.into_iter().filter(|(_, meaning)| is_found(0.0, Some(*meaning as f32))).map(|(id, _)| id).collect()
}

/// The same vectors each time. A model's 384 numbers say a few dozen things: so do these.
struct Synthetic {
    random: Random,
    directions: Vec<Vec<f32>>,
    topics: Vec<Vec<f32>>,
}

impl Synthetic {
    fn new() -> Self {
        let mut random = Random(7);
        let directions = (0..DIRECTIONS).map(|_| random.numbers(384)).collect();
        let topics = (0..TOPICS).map(|_| random.numbers(DIRECTIONS)).collect();
        Self { random, directions, topics }
    }

    /// Something about a topic.
    fn near(&mut self, topic: usize) -> Vec<f32> {
        let said = self.random.numbers(DIRECTIONS);
        let mut vector = vec![0.0; 384];
        for (direction, (middle, said)) in self.directions.iter().zip(self.topics[topic].iter().zip(said)) {
            let far = middle + 0.8 * said;
            vector.iter_mut().zip(direction).for_each(|(number, along)| *number += far * along);
        }
        vector
    }
}

/// The same numbers each time.
struct Random(u64);

impl Random {
    fn number(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn numbers(&mut self, many: usize) -> Vec<f32> {
        (0..many).map(|_| self.number()).collect()
    }
}
