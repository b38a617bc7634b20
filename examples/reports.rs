//! Part of `make bench`: a year's report over many tickets, and what it costs to keep the sums that it is read from.
//! `BENCH_TICKETS` says how many there are.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use oxdesk::desk::Desk;
use oxdesk::reports::commands::roll_up;
use oxdesk::reports::queries::ticket_report;
use oxdesk::reports::rules::last_days;
use oxdesk::reports::{ReportDimension, commands};
use oxdesk::seed::scale::{Scale, seed};
use oxdesk::{Actor, testing};
use sqlx::AssertSqlSafe;
use std::fmt::Write;
use std::time::Instant;

#[tokio::main]
async fn main() {
    let tickets: u32 = std::env::var("BENCH_TICKETS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let mut report = format!(
        "# Reports, measured\n\nWritten by `make bench` over {tickets} tickets of one year; PostgreSQL and the program share one machine. In milliseconds; the ratio is the floor's p50 over ours.\n\n| what | p50 | p95 | floor | floor's p50 | ratio |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let desk = testing::desk().await;
    oxdesk::seed::demo::seed(&desk).await.unwrap();
    let manager = testing::person(&desk, "mona", "IT_MANAGER").await;
    seed(&desk, Scale { tickets, users: 2000, seed: 1 }).await.unwrap();
    // All of them within the year that is looked at.
    run(&desk, "UPDATE tickets SET created_at = now() - (random() * interval '364 days'), first_response_at = NULL, resolved_at = NULL, closed_at = NULL, follow_up_at = NULL").await;
    run(
        &desk,
        "UPDATE tickets SET first_response_at = created_at + random() ^ 3 * interval '2 days',
           resolved_at = CASE WHEN NOT is_open THEN least(now(), created_at + random() ^ 2 * interval '9 days') END",
    )
    .await;
    run(&desk, "VACUUM ANALYZE tickets").await;
    counted(&desk, &mut report, tickets).await;
    read(&desk, &manager, &mut report).await;
    kept(&desk, &mut report).await;
    println!("{report}");
    std::fs::write("docs/benchmarks-reports.md", report).unwrap();
}

async fn run(desk: &Desk, sql: impl Into<String>) {
    sqlx::query(AssertSqlSafe(sql.into())).execute(&desk.db).await.unwrap();
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

fn row(report: &mut String, what: &str, mut took: Vec<f64>, floor: &str, mut bare: Vec<f64>) {
    took.sort_by(f64::total_cmp);
    bare.sort_by(f64::total_cmp);
    let (half, most) = (took[took.len() / 2], took[took.len() * 95 / 100]);
    let least = bare[bare.len() / 2];
    let _ = writeln!(report, "| {what} | {half:.2} | {most:.2} | {floor} | {least:.2} | {:.2} |", least / half);
}

/// Everything, for the first time.
async fn counted(desk: &Desk, report: &mut String, tickets: u32) {
    commands::count_anew(desk, &Actor::system("bench")).await.unwrap();
    let began = Instant::now();
    roll_up(desk).await.unwrap();
    let took = milliseconds(began);
    let began = Instant::now();
    run(desk, format!("WITH g AS ({SLOW}) SELECT count(*) FROM g")).await;
    row(
        report,
        &format!("{tickets} tickets counted for the first time"),
        vec![took],
        "one question to the tickets",
        vec![milliseconds(began)],
    );
    run(desk, "VACUUM ANALYZE report_tickets, report_days, report_times").await;
}

/// The year by assignee, straight from the tickets.
const SLOW: &str = "SELECT assigned_to_id, count(*), count(*) FILTER (WHERE NOT is_open),
   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY first_response_at - created_at),
   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY resolved_at - created_at)
 FROM tickets WHERE deleted_at IS NULL AND created_at >= now() - interval '365 days' GROUP BY 1";

async fn read(desk: &Desk, manager: &Actor, report: &mut String) {
    for (what, by) in [
        ("by queue", ReportDimension::Queue),
        ("by assignee", ReportDimension::Assignee),
        ("by organisation", ReportDimension::Organisation),
    ] {
        let (mut took, mut bare) = (Vec::new(), Vec::new());
        for turn in 0..21 {
            let began = Instant::now();
            ticket_report(desk, manager, last_days(365, "UTC"), by).await.unwrap();
            took.push(milliseconds(began));
            if turn % 7 == 0 {
                let began = Instant::now();
                run(desk, SLOW).await;
                bare.push(milliseconds(began));
            }
        }
        row(report, &format!("a year {what}"), took, "one question to the tickets", bare);
    }
}

/// What a minute brings: a hundred tickets are changed, all over the year, or today's.
async fn kept(desk: &Desk, report: &mut String) {
    for (what, which) in [
        ("a hundred of today's tickets", "ORDER BY created_at DESC LIMIT 100"),
        ("a hundred tickets of all days", "ORDER BY md5(id::text || clock_timestamp()) LIMIT 100"),
    ] {
        let (mut took, mut bare) = (Vec::new(), Vec::new());
        for turn in 0..5 {
            let began = Instant::now();
            let change = format!(
                "UPDATE tickets SET priority = '{}' WHERE id IN (SELECT id FROM tickets WHERE deleted_at IS NULL {which})",
                if turn % 2 == 0 { "HIGH" } else { "LOW" }
            );
            run(desk, change).await;
            bare.push(milliseconds(began));
            let began = Instant::now();
            roll_up(desk).await.unwrap();
            took.push(milliseconds(began));
        }
        row(report, &format!("{what} counted again"), took, "their change", bare);
    }
}
