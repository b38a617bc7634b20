//! `make bench`: how fast the desk is, as ratios against two floors measured in the same run: the same SQL alone, and a
//! bare axum handler that answers the same rows as JSON. Run by `scripts/bench`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod mail;
mod promises;
mod rules;

use axum::extract::State;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use oxdesk::desk::{self, Desk};
use oxdesk::mail::mailboxes;
use oxdesk::people::{NewToken, commands, queries as people};
use oxdesk::secret::SecretKey;
use oxdesk::seed::{demo, scale};
use oxdesk::tickets::commands as tickets;
use oxdesk::tickets::{FileStore, TicketFilter, TicketList, TicketSort, TicketStatus, queries};
use oxdesk::{Actor, jobs, testing};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::fmt::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

/// How long each measurement lasts.
const LASTS: Duration = Duration::from_secs(4);

#[tokio::main]
async fn main() {
    let sizes = std::env::var("BENCH_SIZES").unwrap_or_else(|_| "10000,100000,1000000".into());
    let mut report = String::from(HEAD);
    for size in sizes.split(',').map(|size| size.trim().parse::<u32>().unwrap()) {
        measure(size, &mut report).await;
    }
    let _ = write!(report, "\nBrowser, brotli: {}.\n", site_size());
    let _ = write!(report, "\nWorking time added: {:.0} times a second on one core.\n", promises::additions());
    let (large, small) = mail::parsing();
    let _ = write!(
        report,
        "\n`oxdesk mail parse`: {large} MB of memory for a message of 25 MB, {small} MB for a small one.\n"
    );
    println!("{report}");
    std::fs::write("docs/benchmarks.md", report).unwrap();
}

const HEAD: &str = "# Benchmarks

Written by `make bench`. Requests per second, latencies in milliseconds; PostgreSQL, the program and the load share one
machine. «SQL» is the list's query alone, «bare» an axum handler that answers the same rows as JSON, signed in as the
same agent: the ratio is the page's throughput over the bare handler's. The database is a throw-away one (fsync off),
so creating is measured without the disk's part.

| tickets | what | at once | per second | p50 | p99 | ratio to bare |
| --- | --- | --- | --- | --- | --- | --- |
";

/// Throughput and latencies of one measurement.
struct Measured {
    per_second: f64,
    p50: f64,
    p99: f64,
}

async fn measure(size: u32, report: &mut String) {
    let base: PgConnectOptions = std::env::var("DATABASE_URL").unwrap().parse().unwrap();
    let name = format!("bench_{size}_{}", std::process::id());
    let mut admin = PgConnection::connect_with(&base).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    let folder = std::env::temp_dir().join(&name);
    let db = desk::connect(base.clone().database(&name), 20).await.unwrap();
    desk::migrate(&db).await.unwrap();
    let files = FileStore::open(folder.join("files")).unwrap();
    let desk = Desk {
        db,
        files,
        secret: SecretKey::generate(),
        base_url: "http://bench".into(),
        ai: testing::local_model().unwrap_or_default(),
        settings: Default::default(),
    };
    drop(jobs::prepare_worker(&desk, 1).await.unwrap());
    demo::seed(&desk).await.unwrap();
    let started = Instant::now();
    let made = scale::seed(&desk, scale::Scale { tickets: size, users: 1000, seed: 1 }).await.unwrap();
    let seeding = started.elapsed().as_secs_f64();
    eprintln!("{size}: seeded {} tickets and {} comments in {seeding:.1} s", made.tickets, made.comments);

    let agent = people::actor_for_email(&desk, "agent@demo.test").await.unwrap();
    let filter =
        TicketFilter { status: TicketStatus::OPEN.to_vec(), sort: Some(TicketSort::Due), ..Default::default() };
    let first = queries::list_tickets(&desk, &agent, &filter, None, 1).await.unwrap().rows.remove(0);
    let (number, shown) = (first.ticket_number.to_string(), first.id);
    let talkative = talkative_ticket(&desk, &agent).await;
    let system = Actor::system("bench");
    let mailbox = mailboxes::mailbox_by_name(&desk, &system, "Support").await.unwrap().id;
    let bare = start_bare(&desk, &agent, &filter).await;
    let mut url = url_of(&base, &name);
    let (mut server, port, start) = start_program(&mut url, &folder).await;
    let idle = rss(server.id());
    let cookie = sign_in(port).await;

    let list = |query: &str| Call::get(port, &format!("/tickets{query}"), &cookie);
    // The API limits each person: one of them for each measurement.
    for (at_once, creator) in [(1, "agent@demo.test"), (16, "manager@demo.test")] {
        let creator = people::actor_for_email(&desk, creator).await.unwrap();
        let token = commands::create_token(&desk, &creator, &NewToken::named("bench")).await.unwrap();
        let asked = filter.clone();
        let sql = alone(&desk, &agent, at_once, move |desk, agent| {
            let asked = asked.clone();
            async move { drop(queries::list_tickets(&desk, &agent, &asked, None, 50).await.unwrap()) }
        })
        .await;
        row(report, size, "SQL, list", at_once, &sql, None);
        let floor = load(Call::get(bare, "/", ""), at_once).await;
        row(report, size, "bare handler, list", at_once, &floor, None);
        row(report, size, "list page", at_once, &load(list(""), at_once).await, Some(&floor));
        row(report, size, "list page, filtered", at_once, &load(list("?q=priority:high"), at_once).await, Some(&floor));
        let five = "?q=status:open%20priority:high,critical%20source:email%20tag:network%20created:%3C30d";
        row(report, size, "list page, five filters", at_once, &load(list(five), at_once).await, Some(&floor));
        let grouped = load(list("?group=priority"), at_once).await;
        row(report, size, "list page, grouped", at_once, &grouped, Some(&floor));
        let field = load(list("?q=status:any%20field.site:%22Building%2042%22"), at_once).await;
        row(report, size, "list page, by a custom field", at_once, &field, Some(&floor));
        row(report, size, "search page", at_once, &load(list("?q=printer%20network"), at_once).await, Some(&floor));
        let rail = alone(&desk, &agent, at_once, |desk, agent| async move {
            drop(oxdesk::views::queries::rail(&desk, &agent).await.unwrap());
        });
        row(report, size, "the rail's views, counted", at_once, &rail.await, None);
        let ticket = load(Call::get(port, &format!("/tickets/{number}"), &cookie), at_once).await;
        row(report, size, "ticket page", at_once, &ticket, Some(&floor));
        let long = load(Call::get(port, &format!("/tickets/{talkative}"), &cookie), at_once).await;
        row(report, size, "ticket page, 500 messages", at_once, &long, Some(&floor));
        let form = load(Call::get(port, "/portal/new", ""), at_once).await;
        row(report, size, "portal's form", at_once, &form, Some(&floor));
        let here = alone(&desk, &agent, at_once, move |desk, agent| async move {
            drop(oxdesk::presence::commands::be_present(&desk, &agent, shown, false).await.unwrap());
        });
        row(report, size, "presence, one heartbeat", at_once, &here.await, None);
        let merging = alone(&desk, &agent, at_once, |desk, agent| async move {
            let (one, two) =
                (testing::ticket(&desk, &agent, "a").await.id, testing::ticket(&desk, &agent, "b").await.id);
            tickets::merge_tickets(&desk, &agent, one, two).await.unwrap();
            tickets::unmerge_ticket(&desk, &agent, one).await.unwrap();
        });
        row(report, size, "two made, merged, unmerged", at_once, &merging.await, None);
        let inserts = alone(&desk, &agent, at_once, move |desk, _| mail::inserts_alone(desk, mailbox)).await;
        row(report, size, "mail, the same inserts alone", at_once, &inserts, None);
        let taken_in = alone(&desk, &agent, at_once, move |desk, _| mail::one_mail(desk, mailbox)).await;
        row(report, size, "mail taken in, as a ticket", at_once, &taken_in, Some(&inserts));
        let create = load(Call::create(port, &token), at_once).await;
        row(report, size, "create (REST)", at_once, &create, None);
    }
    let _ = writeln!(
        report,
        "| {size} | program: start {start:.2} s, {idle} MB idle, {} MB after the load; seeded in {seeding:.0} s | | | | | |",
        rss(server.id())
    );
    server.kill().unwrap();
    server.wait().unwrap();
    let (none, due, alone) = promises::sweeping(&desk).await;
    let _ = writeln!(
        report,
        "| {size} | deadlines swept, on every ticket one runs: none due {none:.1} ms; 1,000 breached, with their events, {due:.0} ms (their rows alone {alone:.0} ms) | | | | | {:.2} |",
        alone / due
    );
    let rules = rules::cost(&desk, &agent).await;
    let _ = writeln!(
        report,
        "| {size} | 200 rules on a new ticket, in a job: none fires +{:.1} ms, one does +{:.1} ms; ten timed rules swept, nothing due, {:.1} ms | | | | | |",
        rules.none, rules.one, rules.sweep
    );
    desk.db.close().await;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).execute(&mut admin).await.unwrap();
    let _ = std::fs::remove_dir_all(folder);
}

fn url_of(options: &PgConnectOptions, name: &str) -> String {
    format!("postgres://{}@{}:{}/{name}", options.get_username(), options.get_host(), options.get_port())
}

fn row(report: &mut String, size: u32, what: &str, at_once: usize, measured: &Measured, floor: Option<&Measured>) {
    let ratio = floor.map_or(String::new(), |floor| format!("{:.2}", measured.per_second / floor.per_second));
    let line = format!(
        "| {size} | {what} | {at_once} | {:.0} | {:.1} | {:.1} | {ratio} |\n",
        measured.per_second, measured.p50, measured.p99
    );
    eprint!("{line}");
    report.push_str(&line);
}

/// The floor: the same query, signed in as nobody in particular, its rows as JSON.
async fn start_bare(desk: &Desk, agent: &Actor, filter: &TicketFilter) -> u16 {
    type Shared = Arc<(Desk, Actor, TicketFilter)>;
    async fn rows(State(shared): State<Shared>) -> Json<TicketList> {
        Json(queries::list_tickets(&shared.0, &shared.1, &shared.2, None, 50).await.unwrap())
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let shared: Shared = Arc::new((desk.clone(), agent.clone(), filter.clone()));
    let router = Router::new().route("/", get(rows)).with_state(shared);
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

/// The program itself, and how long it took to be ready. Seconds.
async fn start_program(url: &mut str, folder: &std::path::Path) -> (Child, u16, f64) {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let started = Instant::now();
    let server = Command::new("target/release/oxdesk")
        .arg("serve")
        .env("DATABASE_URL", &*url)
        .env("OXDESK_DATA_DIR", folder)
        .env("OXDESK_ADDR", format!("127.0.0.1:{port}"))
        .env("RUST_LOG", "warn")
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(30), "the program does not start");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = started.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(1)).await;
    (server, port, took)
}

/// Resident memory of a process. MB.
fn rss(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1000
}

/// A request that is sent again and again.
#[derive(Clone)]
struct Call {
    port: u16,
    path: String,
    cookie: String,
    token: Option<String>,
}

impl Call {
    fn get(port: u16, path: &str, cookie: &str) -> Self {
        Self { port, path: path.to_owned(), cookie: cookie.to_owned(), token: None }
    }

    fn create(port: u16, token: &str) -> Self {
        Self { port, path: "/api/v1/tickets".to_owned(), cookie: String::new(), token: Some(token.to_owned()) }
    }

    fn request(&self) -> Request<Full<Bytes>> {
        let request =
            Request::builder().uri(&self.path).header(header::HOST, "bench").header(header::ACCEPT, "text/html");
        match &self.token {
            Some(token) => request
                .method("POST")
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Full::from(r#"{"subject":"From the bench","description":"How fast is it?"}"#)),
            None => request.header(header::COOKIE, &self.cookie).body(Full::default()),
        }
        .unwrap()
    }
}

async fn connect(port: u16) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Sends a call on `at_once` connections for a while. Refusals for the rate are waited out, not counted.
async fn load(call: Call, at_once: usize) -> Measured {
    let tasks = (0..at_once).map(|_| {
        let call = call.clone();
        tokio::spawn(async move {
            let mut sender = connect(call.port).await;
            let (begun, mut took) = (Instant::now(), Vec::new());
            while begun.elapsed() < LASTS {
                let start = Instant::now();
                let response = sender.send_request(call.request()).await.unwrap();
                let status = response.status();
                response.into_body().collect().await.unwrap();
                if status.as_u16() == 429 {
                    break;
                }
                assert!(status.is_success(), "{} answered {status}", call.path);
                took.push(start.elapsed());
            }
            (took, begun.elapsed())
        })
    });
    summarise(futures_util::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect())
}

/// Does something without the web on `at_once` tasks for a while.
async fn alone<W, F>(desk: &Desk, agent: &Actor, at_once: usize, work: W) -> Measured
where
    W: Fn(Desk, Actor) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let tasks = (0..at_once).map(|_| {
        let (desk, agent, work) = (desk.clone(), agent.clone(), work.clone());
        tokio::spawn(async move {
            let (begun, mut took) = (Instant::now(), Vec::new());
            while begun.elapsed() < LASTS {
                let start = Instant::now();
                work(desk.clone(), agent.clone()).await;
                took.push(start.elapsed());
            }
            (took, begun.elapsed())
        })
    });
    summarise(futures_util::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect())
}

/// A ticket with as many messages as a page shows.
async fn talkative_ticket(desk: &Desk, agent: &Actor) -> String {
    let created = oxdesk::testing::ticket(desk, agent, "A long story").await;
    sqlx::query(
        "INSERT INTO ticket_comments (ticket_id, user_id, comment, is_internal)
         SELECT $1, $2, 'Message ' || n || ': it happened again, see the **log**.', n % 5 = 0 FROM generate_series(1, 500) n",
    )
    .bind(created.id)
    .bind(agent.user_id)
    .execute(&desk.db)
    .await
    .unwrap();
    created.ticket_number.to_string()
}

fn summarise(parts: Vec<(Vec<Duration>, Duration)>) -> Measured {
    let seconds = parts.iter().map(|(_, whole)| whole.as_secs_f64()).fold(0.0, f64::max);
    let mut all: Vec<f64> =
        parts.into_iter().flat_map(|(took, _)| took).map(|took| took.as_secs_f64() * 1000.0).collect();
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
    Measured { per_second: all.len() as f64 / seconds, p50: at(0.5), p99: at(0.99) }
}

async fn sign_in(port: u16) -> String {
    let form = format!("email=agent%40demo.test&password={}", demo::PASSWORD);
    let request = Request::post("/fn/sign_in")
        .header(header::HOST, "bench")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(form))
        .unwrap();
    let response = connect(port).await.send_request(request).await.unwrap();
    response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// What a browser fetches before its first page lives: the base and the part that the page belongs to. Brotli.
fn site_size() -> String {
    let size = |file: &str| std::fs::metadata(format!("target/site/pkg/{file}.br")).map_or(0, |file| file.len());
    let files: Vec<String> = std::fs::read_dir("target/site/pkg")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let named =
        |start: &str, end: &str| files.iter().find(|name| name.starts_with(start) && name.ends_with(end)).unwrap();
    let base = size(named("oxdesk.", ".wasm"));
    let manifest = std::fs::read_to_string(format!("target/site/pkg/{}", named("__wasm_split_manifest", ".json")));
    let parts: std::collections::BTreeMap<String, Vec<String>> = serde_json::from_str(&manifest.unwrap()).unwrap();
    let mut said = format!("css {} kB; wasm: base {} kB", size(named("oxdesk.", ".css")) / 1000, base / 1000);
    for (part, chunks) in parts {
        let whole = base + chunks.iter().map(|chunk| size(&format!("{chunk}.wasm"))).sum::<u64>();
        let name = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_').replace('_', " ");
        let what = match name.as_str() {
            // It comes without the program.
            "portal front" => "the portal's first page once one writes".to_owned(),
            name => format!("first page of {name}"),
        };
        let _ = write!(said, ", {what} {} kB", whole / 1000);
    }
    said
}
