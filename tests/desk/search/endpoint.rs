//! Vectors from an endpoint that speaks as OpenAI's does, and from one that does not.

use super::{find, publish, stranger};
use crate::http::read_request;
use oxdesk::ai::{Ai, RemoteModel};
use oxdesk::search::{commands, queries};
use oxdesk::testing::{desk, desk_with_model, local_model, person, run_jobs};
use oxdesk::{Error, desk::Desk};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// What the endpoint does with the texts that it is asked about.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    /// A vector of so many numbers, which say whether the text is about printing.
    Answers(usize),
    Garbage,
    NotANumber,
    TooLong,
    OneTooFew,
    Refuses(u16),
    /// Never.
    Silent,
}

struct Endpoint {
    url: String,
    mood: Arc<Mutex<Mood>>,
    /// How many texts each call brought, and the key that it bore.
    calls: Arc<Mutex<Vec<(usize, String)>>>,
}

impl Endpoint {
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://127.0.0.1:{}/v1", listener.local_addr().unwrap().port());
        let this = Self { url, mood: Arc::new(Mutex::new(mood)), calls: Arc::default() };
        let (mood, calls) = (this.mood.clone(), this.calls.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mood, calls) = (mood.clone(), calls.clone());
                tokio::spawn(async move {
                    let Some((head, body)) = read_request(&mut stream).await else { return };
                    assert!(head.starts_with("POST /v1/embeddings "), "{head}");
                    let asked: Value = serde_json::from_str(&body).unwrap();
                    let texts: Vec<String> = asked["input"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|text| text.as_str().unwrap().to_owned())
                        .collect();
                    let key =
                        head.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).unwrap_or_default();
                    calls.lock().unwrap().push((texts.len(), key.to_owned()));
                    let now = *mood.lock().unwrap();
                    let (status, answer) = match now {
                        Mood::Silent => return std::mem::forget(stream),
                        Mood::Refuses(status) => (
                            status,
                            json!({ "error": { "message": "no", "type": "x", "param": null, "code": null } })
                                .to_string(),
                        ),
                        Mood::Garbage => (200, "<html>".to_owned()),
                        Mood::NotANumber => (200, list(&texts, 384).replace("1.0", "NaN")),
                        Mood::TooLong => (200, list(&texts, 3072)),
                        Mood::OneTooFew => (200, list(&texts[1..], 384)),
                        Mood::Answers(dimension) => (200, list(&texts, dimension)),
                    };
                    let answer = format!(
                        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                        answer.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        this
    }

    fn turns(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn ai(&self, model: &str) -> Ai {
        let at = RemoteModel { base_url: self.url.clone(), key: Some("sk-test".into()), model: model.into() };
        Ai::new(std::env::var_os("OXDESK_MODEL").map(Into::into), Some(at)).unwrap()
    }
}

fn list(texts: &[String], dimension: usize) -> String {
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let mut numbers = vec![0.0; dimension];
            let about_printing = text.to_lowercase().contains("print") || text.contains("paper");
            numbers[usize::from(!about_printing)] = 1.0;
            json!({ "object": "embedding", "index": index, "embedding": numbers })
        })
        .collect();
    json!({ "object": "list", "model": "m", "data": data, "usage": { "prompt_tokens": 1, "total_tokens": 1 } })
        .to_string()
}

async fn vectors_of(desk: &Desk, model: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM kb_article_embeddings WHERE model = $1")
        .bind(model)
        .fetch_one(&desk.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_endpoints_vectors_are_kept_with_its_name_and_found_by() {
    let endpoint = Endpoint::start(Mood::Answers(1536)).await;
    let mut desk = desk().await;
    desk.ai = endpoint.ai("text-embedding-3-small");
    let ana = person(&desk, "ana", "AGENT").await;
    publish(&desk, &ana, "Printing", "Hold your badge to the reader.").await;
    publish(&desk, &ana, "Holidays", "Ask your manager.").await;
    run_jobs(&desk).await;
    let row: (String, i32) =
        sqlx::query_as("SELECT model, dimension FROM kb_article_embeddings LIMIT 1").fetch_one(&desk.db).await.unwrap();
    assert_eq!(row, ("text-embedding-3-small".to_owned(), 1536));
    let found = find(&desk, &stranger(), "paper").await;
    assert_eq!(found.rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["Printing"]);
    assert!(endpoint.calls.lock().unwrap().iter().all(|(_, key)| key == "sk-test"));
    // Asked again, nobody is called.
    let calls = endpoint.calls.lock().unwrap().len();
    find(&desk, &stranger(), "paper").await;
    assert_eq!(endpoint.calls.lock().unwrap().len(), calls);
}

#[tokio::test]
async fn a_new_model_takes_over_once_everything_has_its_vector_and_the_old_one_serves_until_then() {
    let endpoint = Endpoint::start(Mood::Answers(768)).await;
    let mut desk = desk_with_model().await;
    let ana = person(&desk, "ana", "AGENT").await;
    publish(&desk, &ana, "Print from any floor", "Hold your badge to the reader.").await;
    run_jobs(&desk).await;
    assert_eq!(commands::embedding_progress(&desk).await.unwrap(), (Some("all-MiniLM-L6-v2".into()), None, 0));

    desk.ai = endpoint.ai("new-model");
    commands::begin_model(&desk).await.unwrap();
    let coming = commands::embedding_progress(&desk).await.unwrap();
    assert_eq!(coming, (Some("all-MiniLM-L6-v2".into()), Some("new-model".into()), 1));
    let meanwhile = find(&desk, &stranger(), "getting a document printed on the third floor").await;
    assert_eq!(meanwhile.rows[0].title, "Print from any floor");
    assert!(meanwhile.rows[0].why.meaning.unwrap() < 0.95, "by the old model's vectors: {meanwhile:?}");

    run_jobs(&desk).await;
    assert_eq!(commands::embedding_progress(&desk).await.unwrap(), (Some("new-model".into()), None, 0));
    assert_eq!((vectors_of(&desk, "all-MiniLM-L6-v2").await, vectors_of(&desk, "new-model").await), (0, 1));
    assert!(find(&desk, &stranger(), "paper").await.rows[0].why.meaning.unwrap() > 0.99);

    // And back.
    desk.ai = local_model().unwrap();
    commands::begin_model(&desk).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!((vectors_of(&desk, "all-MiniLM-L6-v2").await, vectors_of(&desk, "new-model").await), (1, 0));
}

#[tokio::test]
async fn an_endpoint_that_answers_nonsense_or_nothing_leaves_the_words() {
    let endpoint = Endpoint::start(Mood::Answers(384)).await;
    let mut desk = desk().await;
    desk.ai = endpoint.ai("m");
    let ana = person(&desk, "ana", "AGENT").await;
    publish(&desk, &ana, "Printing", "Hold your badge to the reader.").await;
    run_jobs(&desk).await;
    for mood in [
        Mood::Garbage,
        Mood::NotANumber,
        Mood::TooLong,
        Mood::OneTooFew,
        Mood::Refuses(400),
        Mood::Refuses(429),
        Mood::Refuses(500),
        Mood::Silent,
    ] {
        endpoint.turns(mood);
        desk.ai = endpoint.ai("m");
        let asked = Instant::now();
        let found = find(&desk, &stranger(), "badge").await;
        assert!(!found.by_meaning && found.rows[0].title == "Printing", "{found:?}");
        assert!(asked.elapsed() < Duration::from_secs(4), "nobody waits for a model: {:?}", asked.elapsed());
        let asked = Instant::now();
        find(&desk, &stranger(), "reader").await;
        assert!(asked.elapsed() < Duration::from_secs(2), "and not twice: {:?}", asked.elapsed());
    }
    // What it refuses is kept for later or given up, never half written; what it cannot answer now is tried again.
    publish(&desk, &ana, "Paper", "Lies in the cupboard.").await;
    for (mood, unavailable) in [(Mood::TooLong, false), (Mood::Refuses(503), true)] {
        endpoint.turns(mood);
        let done = commands::embed_waiting(&desk).await;
        assert_eq!(matches!(done, Err(Error::Unavailable)), unavailable, "{done:?}");
        assert_eq!(vectors_of(&desk, "m").await, 1);
        sqlx::query("INSERT INTO embeddings_wanted (kind, id) SELECT 'ARTICLE', id FROM kb_articles WHERE title = 'Paper' ON CONFLICT DO NOTHING").execute(&desk.db).await.unwrap();
    }
    endpoint.turns(Mood::Answers(384));
    commands::embed_waiting(&desk).await.unwrap();
    assert_eq!((vectors_of(&desk, "m").await, queries::count_waiting(&desk).await.unwrap()), (2, 0));
}
