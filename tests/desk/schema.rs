//! The schema is the specification's, goes up on empty and on filled databases, and keeps its own rules.

use oxdesk::desk::{self, migrate, migrate_to};
use oxdesk::testing::{desk, empty_database, on};
use std::collections::BTreeSet;

/// `docs/architecture.md` maps every model and field of the specification to its column: one line a model.
fn mapped_columns() -> Vec<(String, Vec<String>)> {
    let text = include_str!("../../docs/architecture.md");
    let table = text.split("<!-- models -->").nth(1).expect("the table of models");
    table
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let columns = cells[3].split(',').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
            (cells[2].trim_matches('`').to_owned(), columns)
        })
        .collect()
}

#[tokio::test]
async fn every_field_of_every_model_has_its_column() {
    let desk = desk().await;
    let models = mapped_columns();
    assert_eq!(models.len(), 24);
    let columns: BTreeSet<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'",
    )
    .fetch_all(&desk.db)
    .await
    .unwrap()
    .into_iter()
    .collect();
    for (table, fields) in models {
        assert!(fields.len() >= 4, "{table}");
        for field in fields {
            assert!(columns.contains(&(table.clone(), field.clone())), "{table}.{field} is missing");
        }
    }
}

#[tokio::test]
async fn every_foreign_key_has_an_index_that_begins_with_it() {
    let desk = desk().await;
    let bare: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.conrelid::regclass::text, c.conname::text FROM pg_constraint c
         WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
           SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])",
    )
    .fetch_all(&desk.db)
    .await
    .unwrap();
    assert_eq!(bare, []);
}

#[tokio::test]
async fn the_named_indexes_are_what_the_specification_asks_for() {
    let desk = desk().await;
    let definitions: Vec<String> = sqlx::query_scalar("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
        .fetch_all(&desk.db)
        .await
        .unwrap();
    let has = |parts: &[&str]| definitions.iter().any(|definition| parts.iter().all(|part| definition.contains(part)));
    assert!(has(&["kb_articles", "USING gin (tags)"]));
    assert!(has(&[
        "kb_article_embeddings",
        "USING hnsw (embedding vector_cosine_ops)",
        "m='16'",
        "ef_construction='64'"
    ]));
    for column in ["status", "priority", "assigned_to_id", "requester_id", "created_at", "sla_policy_id", "deleted_at"]
    {
        assert!(has(&["ON public.tickets USING btree", &format!("({column}")]), "tickets.{column}");
    }
}

/// What a desk of each age may hold: one row or more for every migration's tables.
const FILLING: [(i64, &str); 5] = [
    (1, "INSERT INTO users (email) VALUES ('a@b.c')"),
    (
        2,
        "INSERT INTO sla_policies (name, priority, first_response_time, resolution_time) VALUES ('Standard', 'HIGH', 60, 480)",
    ),
    (
        3,
        "INSERT INTO tickets (ticket_number, subject, description, source, requester_email, requester_id)
         SELECT next_number('TKT'), 'x', 'y', 'API', email, id FROM users",
    ),
    (4, "INSERT INTO kb_articles (title, content, created_from_ticket_id) SELECT 'x', 'y', id FROM tickets"),
    (7, "INSERT INTO email_configurations (name, type) VALUES ('Support', 'IMAP')"),
];

#[tokio::test]
async fn migrations_go_up_on_an_empty_and_on_a_filled_database() {
    let empty = on(empty_database().await).await;
    assert!(desk::is_migrated(&empty.db).await.is_err());
    migrate(&empty.db).await.unwrap();
    migrate(&empty.db).await.expect("a second time changes nothing");
    assert!(desk::is_migrated(&empty.db).await.unwrap());

    let filled = on(empty_database().await).await;
    for (version, insert) in FILLING {
        migrate_to(&filled.db, version).await.unwrap();
        sqlx::query(insert).execute(&filled.db).await.unwrap();
        assert!(!desk::is_migrated(&filled.db).await.unwrap());
    }
    migrate(&filled.db).await.unwrap();
    let number: String =
        sqlx::query_scalar("SELECT ticket_number FROM tickets t JOIN kb_articles a ON a.created_from_ticket_id = t.id")
            .fetch_one(&filled.db)
            .await
            .unwrap();
    assert!(number.starts_with("TKT-") && number.ends_with("-0001"));
}

#[tokio::test]
async fn what_must_never_be_is_refused_by_the_database_itself() {
    let desk = desk().await;
    for wrong in [
        "INSERT INTO tickets (ticket_number, subject, description, source, requester_email, status) VALUES ('T', 'x', 'y', 'API', 'a@b.c', 'OPEN')",
        "INSERT INTO tickets (ticket_number, subject, description, source, requester_email) VALUES ('T', '', 'y', 'API', 'a@b.c')",
        "INSERT INTO sla_policies (name, priority, first_response_time, resolution_time) VALUES ('x', 'HIGH', 0, 1)",
        "INSERT INTO assets (asset_number, name, type) VALUES ('A', 'x', 'CHAIR')",
        "INSERT INTO kb_categories (id, name, parent_id) VALUES ('01a20447-622c-7c22-b43e-6aeafcc25b41', 'x', '01a20447-622c-7c22-b43e-6aeafcc25b41')",
    ] {
        assert!(sqlx::query(wrong).execute(&desk.db).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn synthetic_data_is_whole_and_the_same_for_the_same_seed() {
    use oxdesk::seed::scale::{Scale, seed};
    let scale = Scale { tickets: 1_000, users: 100, seed: 7 };
    let mut sums = Vec::new();
    for _ in 0..2 {
        let desk = desk().await;
        oxdesk::seed::demo::seed(&desk).await.unwrap();
        let made = seed(&desk, scale).await.unwrap();
        assert_eq!((made.tickets, made.comments, made.users), (1_000, 2_000, 100));
        let (first, last, orphans): (i64, String, i64) = sqlx::query_as(
            "SELECT count(DISTINCT ticket_number), max(ticket_number), count(*) FILTER (WHERE requester_id IS NULL) FROM tickets",
        )
        .fetch_one(&desk.db)
        .await
        .unwrap();
        assert_eq!((first, last.rsplit('-').next().unwrap(), orphans), (1_012, "1012", 0));
        let sum: String = sqlx::query_scalar("SELECT md5(string_agg(subject || description || status || priority, '|' ORDER BY ticket_number)) FROM tickets WHERE description LIKE 'Case%'").fetch_one(&desk.db).await.unwrap();
        sums.push(sum);
    }
    assert_eq!(sums[0], sums[1]);
}

#[tokio::test]
async fn every_declared_setting_can_be_stored() {
    let desk = desk().await;
    for setting in oxdesk::settings::SETTINGS {
        let actor = oxdesk::Actor::system("test");
        oxdesk::settings::commands::set_setting(&desk, &actor, setting.key, setting.default).await.unwrap();
        assert_eq!(oxdesk::settings::queries::text(&desk, setting.key).await.unwrap(), setting.default);
    }
}
