//! Part of `make bench`: what the chain costs a write, alone and with eight at once, a page of a log of a million entries, and a
//! walk along all of them. `BENCH_ENTRIES` says how many there are.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use oxdesk::audit::queries::{list_entries, verify_chain};
use oxdesk::audit::{AuditFilter, Verified};
use oxdesk::desk::Desk;
use oxdesk::queues::{NewQueue, commands::save_queue};
use oxdesk::tickets::QueueId;
use oxdesk::{Actor, testing};
use sqlx::AssertSqlSafe;
use std::fmt::Write;
use std::time::Instant;

#[tokio::main]
async fn main() {
    let mut report = String::from(
        "# The audit log, measured\n\nWritten by `make bench`; PostgreSQL and the program share one machine. In milliseconds; the ratio is the floor's p50 over ours.\n\n| what | p50 | p95 | floor | floor's p50 | ratio |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    written(&mut report).await;
    read(&mut report).await;
    println!("{report}");
    std::fs::write("docs/benchmarks-audit.md", report).unwrap();
}

async fn run(desk: &Desk, sql: impl Into<String>) {
    sqlx::query(AssertSqlSafe(sql.into())).execute(&desk.db).await.unwrap();
}

fn row(report: &mut String, what: &str, mut took: Vec<f64>, floor: &str, mut bare: Vec<f64>) {
    took.sort_by(f64::total_cmp);
    bare.sort_by(f64::total_cmp);
    let (half, most) = (took[took.len() / 2], took[took.len() * 95 / 100]);
    let least = bare[bare.len() / 2];
    let _ = writeln!(report, "| {what} | {half:.2} | {most:.2} | {floor} | {least:.2} | {:.2} |", least / half);
}

/// The shortest of the commands that are recorded: a queue is renamed. The same without the chain, in turns.
async fn written(report: &mut String) {
    let desk = testing::desk().await;
    let admin = testing::person(&desk, "ada", "ADMIN").await;
    let queues = rename_each(&desk, &admin).await;
    for at_once in [1, 8] {
        let mut took = [Vec::new(), Vec::new()];
        for turn in 0..20 {
            for (place, how) in ["ENABLE", "DISABLE"].into_iter().enumerate() {
                run(&desk, format!("ALTER TABLE audit_logs {how} TRIGGER link")).await;
                let writers = queues.iter().take(at_once).map(|queue| {
                    let (desk, admin, queue) = (desk.clone(), admin.clone(), *queue);
                    tokio::spawn(async move { renamed(&desk, &admin, queue, turn * 2 + place).await })
                });
                for writer in writers.collect::<Vec<_>>() {
                    took[place].extend(writer.await.unwrap());
                }
            }
        }
        let [chained, bare] = took;
        let what = format!("a queue renamed, {at_once} at once");
        row(report, &what, chained, "the same without the chain", bare);
    }
}

async fn rename_each(desk: &Desk, admin: &Actor) -> Vec<QueueId> {
    let mut queues = Vec::new();
    for at in 0..8 {
        let new = NewQueue { name: format!("Queue {at}"), active: true, ..NewQueue::default() };
        queues.push(save_queue(desk, admin, None, new).await.unwrap());
    }
    queues
}

async fn renamed(desk: &Desk, admin: &Actor, queue: QueueId, turn: usize) -> Vec<f64> {
    let mut took = Vec::new();
    for at in 0..20 {
        let name = format!("Queue {queue} {turn} {at}");
        let new = NewQueue { name, active: true, ..NewQueue::default() };
        let began = Instant::now();
        save_queue(desk, admin, Some(queue), new).await.unwrap();
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    took
}

async fn read(report: &mut String) {
    let entries: i64 = std::env::var("BENCH_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let desk = testing::desk().await;
    let admin = testing::person(&desk, "ada", "ADMIN").await;
    many(&desk, entries).await;
    for (what, filter) in [
        ("all", AuditFilter::default()),
        ("of one person", AuditFilter { email: Some("ada@example.com".into()), ..AuditFilter::default() }),
        (
            "of one thing",
            AuditFilter { entity_type: Some("THING".into()), entity_id: Some("4711".into()), ..AuditFilter::default() },
        ),
        ("of a kind that there is one of", AuditFilter { action: Some("RARE".into()), ..AuditFilter::default() }),
    ] {
        let (mut took, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let began = Instant::now();
            list_entries(&desk, &admin, &filter, None, 100).await.unwrap();
            took.push(began.elapsed().as_secs_f64() * 1000.0);
            let began = Instant::now();
            sqlx::query("SELECT id FROM audit_logs ORDER BY created_at DESC, id DESC LIMIT 100")
                .fetch_all(&desk.db)
                .await
                .unwrap();
            bare.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        row(report, &format!("a page of 100 of {entries} entries, {what}"), took, "100 ids in the index's order", bare);
    }
    let (mut took, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let began = Instant::now();
        let found = verify_chain(&desk, &admin, &[]).await.unwrap();
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        assert!(matches!(found, Verified::Whole { .. }), "{found:?}");
        let began = Instant::now();
        let _: i64 = sqlx::query_scalar("SELECT count(sha256(c.prev_hash || convert_to(audit_canonical(a), 'UTF8'))) FROM audit_chain c JOIN audit_logs a ON a.id = c.audit_log_id")
            .fetch_one(&desk.db)
            .await
            .unwrap();
        bare.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    row(
        report,
        &format!("{entries} entries walked and checked"),
        took,
        "their hashes by the database alone, in any order",
        bare,
    );
}

/// Entries of a year, chained as the trigger chains them.
async fn many(desk: &Desk, count: i64) {
    run(desk, "ALTER TABLE audit_logs DISABLE TRIGGER link").await;
    run(
        desk,
        format!(
            "INSERT INTO audit_logs (user_id, action, entity_type, entity_id, changes, ip_address, user_agent, origin, created_at)
             SELECT CASE WHEN n % 5000 = 0 THEN (SELECT id FROM users WHERE email = 'ada@example.com') END,
               CASE WHEN n = 4711 THEN 'RARE' ELSE (ARRAY['UPDATE','CREATE','LOGIN','DELETE'])[n % 4 + 1] END, 'THING', (n % 50000)::text,
               jsonb_build_object('before', jsonb_build_object('name', 'Thing ' || n, 'active', true), 'after', jsonb_build_object('name', 'Thing ' || n + 1, 'active', true)),
               '192.0.2.' || n % 250, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'SESSION', now() - make_interval(secs => ({count} - n) * 31.5)
             FROM generate_series(1, {count}) AS n"
        ),
    )
    .await;
    run(
        desk,
        "DO $$
         DECLARE
           entry audit_logs;
           last audit_chain;
         BEGIN
           TRUNCATE audit_chain;
           last.position := 0; last.hash := decode(repeat('00', 32), 'hex');
           FOR entry IN SELECT * FROM audit_logs ORDER BY created_at, id LOOP
             last.position := last.position + 1; last.prev_hash := last.hash; last.audit_log_id := entry.id;
             last.hash := sha256(last.prev_hash || convert_to(audit_canonical(entry), 'UTF8'));
             INSERT INTO audit_chain SELECT last.*;
           END LOOP;
         END $$",
    )
    .await;
    run(desk, "ALTER TABLE audit_logs ENABLE TRIGGER link").await;
    run(desk, "VACUUM ANALYZE audit_logs").await;
    run(desk, "VACUUM ANALYZE audit_chain").await;
}
