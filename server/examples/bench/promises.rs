//! Deadlines: what counting them costs, and what falls due among many.

use oxdesk::Timestamp;
use oxdesk::desk::Desk;
use oxdesk::sla::commands::sweep;
use oxdesk::sla::rules::OpenHours;
use oxdesk::sla::{Calendar, Holiday};
use std::time::Instant;

/// How many fall due at once.
const DUE: i64 = 1000;

/// Additions of working time in a second, on one core: Berlin's office hours, a hundred holidays, one to six days of work
/// from anywhere in ten years.
pub fn additions() -> f64 {
    let day = vec![["08:00".to_owned(), "12:00".to_owned()], ["13:00".to_owned(), "17:30".to_owned()]];
    let hours = ["mon", "tue", "wed", "thu", "fri"].map(|name| (name.to_owned(), day.clone())).into();
    let holiday = |n: i32| Holiday {
        date: format!("{}-{:02}-{:02}", 2020 + n % 10, 1 + n / 10, 1 + n % 28),
        ..Holiday::default()
    };
    let calendar = Calendar {
        time_zone: "Europe/Berlin".into(),
        hours,
        holidays: (0..100).map(holiday).collect(),
        changes: Vec::new(),
    };
    let hours = OpenHours::of(&calendar).unwrap();
    let (rounds, started) = (400_000_i64, Instant::now());
    for round in 0..rounds {
        let start = Timestamp::from_microsecond((1_577_836_800 + round * 7919 % 315_360_000) * 1_000_000).unwrap();
        std::hint::black_box(hours.add(start, (480 + round % 2400) * 60, &[]));
    }
    rounds as f64 / started.elapsed().as_secs_f64()
}

/// On every ticket something runs. Milliseconds of a sweep when nothing is due; of one that finds [`DUE`] breached, with
/// its events; and of the same rows written alone.
pub async fn sweeping(desk: &Desk) -> (f64, f64, f64) {
    let run = async |sql: &'static str| sqlx::query(sql).execute(&desk.db).await.unwrap().rows_affected();
    run("INSERT INTO sla_tracking (ticket_id, sla_policy_id, next_check_at)
         SELECT t.id, p.id, now() + interval '30 days' FROM tickets t JOIN sla_policies p ON p.priority = t.priority AND p.deleted_at IS NULL
         WHERE NOT EXISTS (SELECT FROM sla_tracking k WHERE k.ticket_id = t.id AND k.ended_at IS NULL)")
    .await;
    run("UPDATE sla_tracking SET next_check_at = now() + interval '30 days' WHERE ended_at IS NULL").await;
    run("VACUUM ANALYZE sla_tracking").await;
    let started = Instant::now();
    for _ in 0..200 {
        assert_eq!(sweep(desk, Timestamp::now()).await.unwrap().tickets, 0);
    }
    let none = started.elapsed().as_secs_f64() * 1000.0 / 200.0;

    let mut swept = Vec::new();
    for _ in 0..3 {
        let due = run("WITH due AS (UPDATE sla_tracking SET next_check_at = now() - interval '1 minute', created_at = now() - interval '30 days'
                WHERE id IN (SELECT k.id FROM sla_tracking k JOIN tickets t ON t.id = k.ticket_id
                  WHERE k.ended_at IS NULL AND NOT k.resolution_breached AND t.is_open AND t.deleted_at IS NULL AND t.merged_into_id IS NULL LIMIT 1000)
                RETURNING ticket_id)
              UPDATE tickets SET status = 'IN_PROGRESS', created_at = now() - interval '20 days' WHERE id IN (SELECT ticket_id FROM due)")
        .await;
        let started = Instant::now();
        let done = sweep(desk, Timestamp::now()).await.unwrap();
        assert!(done.tickets as u64 == due && done.breaches as u64 >= due, "{done:?} of {due}");
        swept.push(started.elapsed().as_secs_f64() * 1000.0 * DUE as f64 / due.max(1) as f64);
    }
    swept.sort_by(f64::total_cmp);

    let started = Instant::now();
    for _ in 0..DUE / 50 {
        let mut tx = desk.db.begin().await.unwrap();
        for statement in [
            "UPDATE sla_tracking SET resolution_breached = true, next_check_at = NULL WHERE id IN (SELECT id FROM sla_tracking WHERE NOT resolution_breached LIMIT 50)",
            "INSERT INTO events (kind, ticket_id, is_internal, data) SELECT 'ticket.breached', id, true, '{}' FROM tickets LIMIT 50",
            "SELECT graphile_worker.add_job('follow_up_event', payload => '{}'::json) FROM generate_series(1, 50)",
        ] {
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    (none, swept[1], started.elapsed().as_secs_f64() * 1000.0)
}
