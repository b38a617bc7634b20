//! Part of `make bench`: what a failure reaches among 50,000 assets and 200,000 relations, which of 2,000 changes of them get into
//! each other's way, a page of a list of a million, and a table of 100,000 rows brought in. `BENCH_ASSETS` says how long the list is.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use oxdesk::assets::commands::{begin_import, check_import, run_import};
use oxdesk::assets::queries::{impact, list_assets};
use oxdesk::assets::rules::parse_asset_filter;
use oxdesk::assets::{AssetColumn, AssetId, Way};
use oxdesk::changes::queries::{calendar, conflicts};
use oxdesk::desk::Desk;
use oxdesk::testing;
use oxdesk::{Actor, Timestamp};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sqlx::AssertSqlSafe;
use std::fmt::Write;
use std::time::Instant;

#[tokio::main]
async fn main() {
    let mut report = String::from(
        "# Assets, measured\n\nWritten by `make bench`; PostgreSQL and the program share one machine. In milliseconds; the ratio is the floor's p50 over ours.\n\n| what | p50 | p95 | floor | floor's p50 | ratio |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    reached(&mut report).await;
    listed(&mut report).await;
    brought_in(&mut report).await;
    println!("{report}");
    std::fs::write("docs/benchmarks-assets.md", report).unwrap();
}

async fn run(desk: &Desk, sql: impl Into<String>) {
    sqlx::query(AssertSqlSafe(sql.into())).execute(&desk.db).await.unwrap();
}

/// Milliseconds, sorted.
fn sorted(mut took: Vec<f64>) -> Vec<f64> {
    took.sort_by(f64::total_cmp);
    took
}

fn row(report: &mut String, what: &str, took: Vec<f64>, floor: &str, bare: Vec<f64>) {
    let (took, bare) = (sorted(took), sorted(bare));
    let (half, most) = (took[took.len() / 2], took[took.len() * 95 / 100]);
    let least = bare[bare.len() / 2];
    let _ = writeln!(report, "| {what} | {half:.1} | {most:.1} | {floor} | {least:.1} | {:.2} |", least / half);
}

async fn many(desk: &Desk, count: usize) {
    run(
        desk,
        format!(
            "INSERT INTO assets (asset_number, name, type, category, manufacturer, serial_number, status, location, seats, custom_fields, created_at)
             SELECT 'AST-2025-' || lpad(n::text, 7, '0'), 'Thing ' || n || ' of ' || n % 977, 'HARDWARE', 'KIND_' || n % 40, 'Maker ' || n % 30,
               'S' || n, (ARRAY['ACTIVE','ACTIVE','ACTIVE','INACTIVE','MAINTENANCE','RETIRED'])[n % 6 + 1], 'Place ' || n % 12, CASE WHEN n % 500 = 0 THEN 5 END,
               jsonb_build_object('Memory', n % 8 * 8, 'Tag', 'T' || n), now() - make_interval(secs => n)
             FROM generate_series(1, {count}) AS n"
        ),
    )
    .await;
}

/// Up to five relations an asset, to ones nearby and far: long chains, and much that is shared.
async fn reached(report: &mut String) {
    const ASSETS: usize = 50_000;
    let desk = testing::desk().await;
    let agent = testing::person(&desk, "agent", "AGENT").await;
    many(&desk, ASSETS).await;
    run(
        &desk,
        "WITH numbered AS (SELECT id, row_number() OVER (ORDER BY created_at DESC) AS n FROM assets)
         INSERT INTO asset_relationships (source_asset_id, target_asset_id, relationship_type)
         SELECT s.id, t.id, (ARRAY['DEPENDS_ON','CONTAINS','CONNECTED_TO','DEPENDS_ON','CONNECTED_TO'])[k]
         FROM numbered s CROSS JOIN generate_series(1, 5) AS k
         JOIN numbered t ON t.n = CASE WHEN k = 2 THEN s.n * 3 + 1 WHEN k IN (3, 5) THEN (s.n * 7919 * k) % 50000 + 1 ELSE greatest(1, s.n / (k + 2)) END
         WHERE s.id <> t.id ON CONFLICT DO NOTHING",
    )
    .await;
    run(&desk, "VACUUM ANALYZE assets").await;
    run(&desk, "VACUUM ANALYZE asset_relationships").await;
    let edges: i64 = sqlx::query_scalar("SELECT count(*) FROM asset_relationships").fetch_one(&desk.db).await.unwrap();
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM assets").fetch_all(&desk.db).await.unwrap();
    let mut random = StdRng::seed_from_u64(7);
    let (mut took, mut bare, mut found) = (Vec::new(), Vec::new(), 0);
    for at in 0..200 {
        let id = AssetId(ids[random.random_range(0..ids.len())]);
        let way = if at % 2 == 0 { Way::Affected } else { Way::Needed };
        let began = Instant::now();
        found += impact(&desk, &agent, id, way).await.unwrap().total;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        let began = Instant::now();
        reach_alone(&desk, id, way).await;
        bare.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let what = format!(
        "what fails with an asset, or what it needs: {ASSETS} assets, {edges} relations, {} reached on average",
        found / 200
    );
    row(report, &what, took, "the recursion alone, uncounted", bare);
    // What most hangs on.
    let first: AssetId =
        sqlx::query_scalar("SELECT id FROM assets ORDER BY created_at DESC LIMIT 1").fetch_one(&desk.db).await.unwrap();
    let (mut took, mut bare, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..20 {
        let began = Instant::now();
        found = impact(&desk, &agent, first, Way::Affected).await.unwrap().total;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        let began = Instant::now();
        reach_alone(&desk, first, Way::Affected).await;
        bare.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    row(report, &format!("the same of one on which {found} hang"), took, "the recursion alone, uncounted", bare);
    planned(report, &desk, &agent, &ids).await;
}

/// Three assets each, three hours each, over sixty days.
async fn planned(report: &mut String, desk: &Desk, agent: &Actor, ids: &[uuid::Uuid]) {
    const CHANGES: i32 = 2000;
    sqlx::query(
        "WITH made AS (INSERT INTO change_requests (change_number, title, description, type, status, requested_by_id, planned_start_date, planned_end_date)
           SELECT 'CHG-2026-' || lpad(n::text, 5, '0'), 'Change ' || n, 'x', 'NORMAL', 'SUBMITTED', $1, d.at, d.at + interval '3 hours'
           FROM generate_series(1, $2) AS n CROSS JOIN LATERAL (SELECT date_trunc('hour', now()) + make_interval(hours => (n * 7919) % 1440) AS at) d
           RETURNING id), numbered AS (SELECT id, row_number() OVER () AS n FROM made)
         INSERT INTO change_assets (change_id, asset_id) SELECT made.id, ($3::uuid[])[((made.n * 104729 + k * 15485863) % cardinality($3::uuid[]) + 1)::int]
         FROM numbered made CROSS JOIN generate_series(1, 3) AS k ON CONFLICT DO NOTHING",
    )
    .bind(agent.user_id)
    .bind(CHANGES)
    .bind(ids)
    .execute(&desk.db)
    .await
    .unwrap();
    run(desk, "VACUUM ANALYZE change_requests").await;
    run(desk, "VACUUM ANALYZE change_assets").await;
    let mut random = StdRng::seed_from_u64(11);
    let (mut took, mut bare, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..100 {
        let starts = Timestamp::now().plus_seconds(random.random_range(0..60 * 86_400));
        let window = (starts, starts.plus_seconds(4 * 3600));
        let named: Vec<AssetId> = (0..3).map(|_| AssetId(ids[random.random_range(0..ids.len())])).collect();
        let began = Instant::now();
        found += conflicts(desk, agent, None, window, &named).await.unwrap().len();
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        bare.push(overlapping(desk, window).await);
    }
    let what = format!("what gets into the way of a change, of {CHANGES} in 60 days, {found} in 100 asked for");
    row(report, &what, took, "those of that time, unread", bare);
    let (mut took, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let today = Timestamp::now();
        let began = Instant::now();
        calendar(desk, agent, &today.day("UTC"), 35).await.unwrap();
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        bare.push(overlapping(desk, (today, today.plus_seconds(35 * 86_400))).await);
    }
    row(report, "a month of the calendar with its conflicts, the same", took, "those of that time, unread", bare);
    on_the_core(report, desk, agent).await;
}

/// Every fifth of them touches the one thing that everything hangs on as well.
async fn on_the_core(report: &mut String, desk: &Desk, agent: &Actor) {
    let core = "SELECT id FROM assets ORDER BY created_at DESC LIMIT 1";
    run(desk, format!("INSERT INTO change_assets (change_id, asset_id) SELECT id, ({core}) FROM change_requests WHERE right(change_number, 1) IN ('0', '4') ON CONFLICT DO NOTHING")).await;
    run(desk, "VACUUM ANALYZE change_assets").await;
    let core: AssetId = sqlx::query_scalar(core).fetch_one(&desk.db).await.unwrap();
    let (mut took, mut asked, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let today = Timestamp::now();
    for at in 0..5 {
        let began = Instant::now();
        calendar(desk, agent, &today.day("UTC"), 35).await.unwrap();
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        let starts = today.plus_seconds(86_400 * (at + 1));
        let began = Instant::now();
        conflicts(desk, agent, None, (starts, starts.plus_seconds(4 * 3600)), &[core]).await.unwrap();
        asked.push(began.elapsed().as_secs_f64() * 1000.0);
        bare.push(overlapping(desk, (today, today.plus_seconds(35 * 86_400))).await);
    }
    let floor = "those of that time, unread";
    row(report, "the same month, a fifth of its changes of what 49,999 hang on", took, floor, bare.clone());
    row(report, "what gets into the way of one more of those", asked, floor, bare);
}

async fn overlapping(desk: &Desk, (starts, ends): (Timestamp, Timestamp)) -> f64 {
    let began = Instant::now();
    sqlx::query("SELECT id FROM change_requests WHERE deleted_at IS NULL AND planned_start_date IS NOT NULL AND status IN ('SUBMITTED', 'IN_REVIEW', 'APPROVED') AND planned && tstzrange($1, $2, '[)')")
        .bind(starts)
        .bind(ends)
        .fetch_all(&desk.db)
        .await
        .unwrap();
    began.elapsed().as_secs_f64() * 1000.0
}

/// What any walk costs at least.
async fn reach_alone(desk: &Desk, id: AssetId, way: Way) {
    let sql = match way {
        Way::Affected => {
            "WITH RECURSIVE r (id) AS (SELECT $1::uuid UNION SELECT f.hit FROM r CROSS JOIN LATERAL (
               SELECT target_asset_id AS hit FROM asset_relationships WHERE source_asset_id = r.id AND relationship_type IN ('CONTAINS', 'LICENSED_FOR')
               UNION ALL SELECT source_asset_id FROM asset_relationships WHERE target_asset_id = r.id AND relationship_type = 'DEPENDS_ON') f) SELECT count(*) FROM r"
        }
        Way::Needed => {
            "WITH RECURSIVE r (id) AS (SELECT $1::uuid UNION SELECT f.hit FROM r CROSS JOIN LATERAL (
               SELECT source_asset_id AS hit FROM asset_relationships WHERE target_asset_id = r.id AND relationship_type IN ('CONTAINS', 'LICENSED_FOR')
               UNION ALL SELECT target_asset_id FROM asset_relationships WHERE source_asset_id = r.id AND relationship_type = 'DEPENDS_ON') f) SELECT count(*) FROM r"
        }
    };
    let _: i64 = sqlx::query_scalar(sql).bind(id).fetch_one(&desk.db).await.unwrap();
}

async fn listed(report: &mut String) {
    let assets: usize = std::env::var("BENCH_ASSETS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let desk = testing::desk().await;
    let agent = testing::person(&desk, "agent", "AGENT").await;
    many(&desk, assets).await;
    run(&desk, "VACUUM ANALYZE assets").await;
    for bar in [
        "",
        "sort:name",
        "category:kind_7 status:active",
        "maker 7 place 3",
        "s4711",
        "is:licence",
        "field:Memory=16",
        "field:Tag=T4711",
    ] {
        let (mut took, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            took.push(page(&desk, &agent, bar).await);
            let began = Instant::now();
            sqlx::query("SELECT id FROM assets WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 101")
                .fetch_all(&desk.db)
                .await
                .unwrap();
            bare.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        let what = format!("a page of 100 of {assets} assets, {}", if bar.is_empty() { "all" } else { bar });
        row(report, &what, took, "100 ids in the index's order", bare);
    }
}

async fn page(desk: &Desk, reader: &Actor, bar: &str) -> f64 {
    let (mut filter, wrong) = parse_asset_filter(bar);
    assert!(wrong.is_empty());
    filter.columns = AssetColumn::read("category,owner,seats,field:Memory");
    let began = Instant::now();
    list_assets(desk, reader, &filter, None, 100).await.unwrap();
    began.elapsed().as_secs_f64() * 1000.0
}

async fn brought_in(report: &mut String) {
    const ROWS: usize = 100_000;
    let desk = testing::desk().await;
    let max = testing::person(&desk, "max", "ADMIN").await;
    let mut table = String::from("name,manufacturer,serial,category,location,price,bought,warranty\n");
    for at in 0..ROWS {
        let _ = writeln!(table, "Laptop {at},Lenovo,PF{at},LAPTOP,Vienna,1299.50,2026-01-15,2029-01-15");
    }
    let began = Instant::now();
    let import = begin_import(&desk, &max, "bench.csv", table.clone().into_bytes()).await.unwrap();
    let made = run_import(&desk, &max, import).await.unwrap();
    let took = began.elapsed().as_secs_f64() * 1000.0;
    assert_eq!((made.made, made.wrong), (ROWS, 0));
    let began = Instant::now();
    let import = begin_import(&desk, &max, "bench.csv", table.into_bytes()).await.unwrap();
    let again = check_import(&desk, &max, import, None).await.unwrap();
    let looked = began.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(again.same, ROWS);
    // The same rows, made by the database out of nothing.
    let bare = testing::desk().await;
    let began = Instant::now();
    many(&bare, ROWS).await;
    let floor = began.elapsed().as_secs_f64() * 1000.0;
    row(
        report,
        "100,000 rows of a table brought in",
        vec![took],
        "as many rows made by the database itself",
        vec![floor],
    );
    row(report, "100,000 rows looked at, all there already", vec![looked], "the same", vec![floor]);
}
