//! Reports agree with what one would count by hand, in the desk's days, whatever happens to tickets.

use oxdesk::desk::Desk;
use oxdesk::reports::commands::{count_anew, record_export, roll_up};
use oxdesk::reports::queries::ticket_report;
use oxdesk::reports::{Days, Percentiles, ReportDimension, TicketReport};
use oxdesk::seed::scale::{Scale, seed};
use oxdesk::settings::commands::set_setting;
use oxdesk::sla::Calendar;
use oxdesk::sla::commands::{PolicyForm, save_calendar, save_policy};
use oxdesk::testing::{desk, person, ticket};
use oxdesk::tickets::{PublicReply, TicketId, TicketPatch, TicketStatus, commands, queries};
use oxdesk::{Actor, Error};
use std::collections::BTreeMap;

fn days(from: &str, to: &str) -> Days {
    Days::parse(from, to).unwrap()
}

async fn report(desk: &Desk, manager: &Actor, days: &Days, by: ReportDimension) -> TicketReport {
    ticket_report(desk, manager, days.clone(), by).await.unwrap()
}

async fn run(desk: &Desk, change: &'static str) {
    sqlx::query(change).execute(&desk.db).await.unwrap();
}

/// What is counted by hand: created, solved, reopened, answers and solutions with their exact percentiles.
type ByHand = (String, i64, i64, i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// Straight from the tickets, slowly.
async fn by_hand(desk: &Desk, days: &Days, zone: &str, value: &str) -> Vec<ByHand> {
    let sql = format!(
        "WITH t AS (SELECT t.*, ({value})::text AS value, (created_at AT TIME ZONE $3)::date AS made,
             CASE WHEN is_open THEN NULL ELSE (coalesce(resolved_at, closed_at, updated_at) AT TIME ZONE $3)::date END AS done,
             floor(extract(epoch FROM first_response_at - created_at) / 60)::int8 AS response,
             CASE WHEN NOT is_open THEN floor(extract(epoch FROM resolved_at - created_at) / 60)::int8 END AS resolution,
             EXISTS (SELECT FROM ticket_history h WHERE h.ticket_id = t.id AND h.field = 'status' AND h.old_value = 'RESOLVED' AND h.new_value = 'IN_PROGRESS') AS back
           FROM tickets t WHERE deleted_at IS NULL)
         SELECT coalesce(value, ''), count(*) FILTER (WHERE made BETWEEN $1::date AND $2::date), count(*) FILTER (WHERE done BETWEEN $1::date AND $2::date),
           count(*) FILTER (WHERE done BETWEEN $1::date AND $2::date AND back),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY response) FILTER (WHERE made BETWEEN $1::date AND $2::date),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY response) FILTER (WHERE made BETWEEN $1::date AND $2::date),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY resolution) FILTER (WHERE done BETWEEN $1::date AND $2::date),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY resolution) FILTER (WHERE done BETWEEN $1::date AND $2::date)
         FROM t WHERE made BETWEEN $1::date AND $2::date OR done BETWEEN $1::date AND $2::date GROUP BY 1 ORDER BY 1"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(&days.from)
        .bind(&days.to)
        .bind(zone)
        .fetch_all(&desk.db)
        .await
        .unwrap()
}

/// Within what a class of times leaves open.
fn is_near(told: Option<i64>, exact: Option<i64>) -> bool {
    match (told, exact) {
        (Some(told), Some(exact)) => (told - exact).abs() <= 1 + exact / 40,
        (told, exact) => told == exact,
    }
}

async fn assert_agrees(desk: &Desk, manager: &Actor, days: &Days, zone: &str) {
    let columns = [
        (ReportDimension::Queue, "queue_id"),
        (ReportDimension::Assignee, "assigned_to_id"),
        (ReportDimension::Category, "category"),
        (ReportDimension::Priority, "priority"),
        (ReportDimension::Source, "source"),
        (ReportDimension::Organisation, "organisation_id"),
    ];
    for (by, column) in columns {
        let told = report(desk, manager, days, by).await;
        let mut lines: BTreeMap<_, _> =
            told.lines.into_iter().map(|line| (line.value.unwrap_or_default(), line.figures)).collect();
        for (value, created, solved, reopened, r50, r90, s50, s90) in by_hand(desk, days, zone, column).await {
            let line = lines.remove(&value).unwrap_or_else(|| panic!("{by} {value} is missing"));
            assert_eq!((line.created, line.solved, line.reopened), (created, solved, reopened), "{by} {value}");
            let near = [
                is_near(line.response.p50, r50),
                is_near(line.response.p90, r90),
                is_near(line.resolution.p50, s50),
                is_near(line.resolution.p90, s90),
            ];
            assert_eq!(near, [true; 4], "{by} {value}: {line:?}, by hand {:?}", (r50, r90, s50, s90));
        }
        assert!(lines.is_empty(), "{by}: nothing else");
    }
    let told = report(desk, manager, days, ReportDimension::Queue).await;
    for day in [told.daily.first().unwrap(), &told.daily[told.daily.len() / 2], told.daily.last().unwrap()] {
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM tickets WHERE deleted_at IS NULL AND (created_at AT TIME ZONE $2)::date <= $1::date
               AND (is_open OR (coalesce(resolved_at, closed_at, updated_at) AT TIME ZONE $2)::date > $1::date)",
        )
        .bind(&day.day)
        .bind(zone)
        .fetch_one(&desk.db)
        .await
        .unwrap();
        assert_eq!(day.open, open, "open on {}", day.day);
    }
}

#[tokio::test]
async fn reports_agree_with_brute_force_on_random_data_after_every_change() {
    let desk = desk().await;
    assert!(oxdesk::seed::demo::seed(&desk).await.unwrap(), "queues, people and categories");
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    seed(&desk, Scale { tickets: 1500, users: 40, seed: 7 }).await.unwrap();
    // Spread over half a year, to the second.
    run(&desk, "SELECT setseed(0.42)").await;
    run(
        &desk,
        "UPDATE tickets SET created_at = '2026-05-01T00:00:00Z'::timestamptz + random() * interval '180 days', first_response_at = NULL, resolved_at = NULL, closed_at = NULL",
    )
    .await;
    run(
        &desk,
        "UPDATE tickets SET first_response_at = CASE WHEN random() < 0.9 THEN created_at + random() ^ 3 * interval '9 days' END,
           resolved_at = CASE WHEN status IN ('RESOLVED','CLOSED') THEN created_at + random() ^ 2 * interval '60 days' END,
           closed_at = CASE WHEN status IN ('CLOSED','CANCELLED') THEN created_at + interval '61 days' END",
    )
    .await;
    run(&desk, "DELETE FROM sla_tracking").await;
    roll_up(&desk).await.unwrap();
    let (whole, part) = (days("2026-05-01", "2026-12-31"), days("2026-07-09", "2026-08-02"));
    let told = report(&desk, &mona, &whole, ReportDimension::Queue).await;
    assert!(told.figures.created > 1400 && told.figures.solved > 500 && told.lines.len() >= 3, "{:?}", told.figures);
    assert_agrees(&desk, &mona, &whole, "UTC").await;
    assert_agrees(&desk, &mona, &part, "UTC").await;

    let odd = days("2026-05-17", "2026-09-30");
    assert_agrees(&desk, &mona, &odd, "UTC").await;

    // What may happen to tickets: they are reopened, solved on another day, deleted, given to others, moved.
    run(
        &desk,
        "WITH back AS (UPDATE tickets SET status = 'IN_PROGRESS', resolved_at = NULL WHERE status = 'RESOLVED' AND random() < 0.3 RETURNING id)
         INSERT INTO ticket_history (ticket_id, action, field, old_value, new_value) SELECT id, 'STATUS_CHANGED', 'status', 'RESOLVED', 'IN_PROGRESS' FROM back",
    )
    .await;
    roll_up(&desk).await.unwrap();
    assert_agrees(&desk, &mona, &whole, "UTC").await;
    run(
        &desk,
        "UPDATE tickets t SET status = 'RESOLVED', resolved_at = created_at + interval '40 days' WHERE status = 'IN_PROGRESS' AND random() < 0.5",
    )
    .await;
    run(&desk, "UPDATE tickets SET deleted_at = now() WHERE random() < 0.1").await;
    run(&desk, "UPDATE tickets SET queue_id = NULL, category = NULL, priority = 'LOW' WHERE random() < 0.1").await;
    roll_up(&desk).await.unwrap();
    assert_agrees(&desk, &mona, &whole, "UTC").await;
    assert_agrees(&desk, &mona, &part, "UTC").await;
    assert_agrees(&desk, &mona, &odd, "UTC").await;

    // Made anew, it says the same.
    let before = report(&desk, &mona, &whole, ReportDimension::Assignee).await;
    count_anew(&desk, &Actor::system("test")).await.unwrap();
    roll_up(&desk).await.unwrap();
    let after = report(&desk, &mona, &whole, ReportDimension::Assignee).await;
    assert_eq!(TicketReport { counted_at: before.counted_at, ..after }, before);

    // Another time zone has other days.
    let ada = person(&desk, "ada", "ADMIN").await;
    set_setting(&desk, &ada, "general.time_zone", "Pacific/Auckland").await.unwrap();
    roll_up(&desk).await.unwrap();
    assert_agrees(&desk, &mona, &part, "Pacific/Auckland").await;
    assert_eq!(report(&desk, &mona, &part, ReportDimension::Queue).await.time_zone, "Pacific/Auckland");
    let wrong = set_setting(&desk, &ada, "general.time_zone", "Europe/Atlantis").await;
    assert!(matches!(wrong, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn what_was_being_written_while_others_were_counted_is_counted_the_next_time() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "A lamp").await.id;
    let mut slow = desk.db.begin().await.unwrap();
    sqlx::query("UPDATE tickets SET source = 'PHONE' WHERE id = $1").bind(id).execute(&mut *slow).await.unwrap();
    roll_up(&desk).await.unwrap();
    let today = oxdesk::reports::rules::last_days(2, "UTC");
    let sources = async |desk: &Desk| {
        let lines = report(desk, &mona, &today, ReportDimension::Source).await.lines;
        lines.into_iter().map(|line| (line.name, line.figures.created)).collect::<Vec<_>>()
    };
    assert_eq!(sources(&desk).await, [("Form".to_owned(), 1)]);
    slow.commit().await.unwrap();
    roll_up(&desk).await.unwrap();
    assert_eq!(sources(&desk).await, [("Telephone".to_owned(), 1)]);
}

/// Two nodes, or two jobs: nothing is counted twice.
#[tokio::test]
async fn counting_twice_at_once_counts_once() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    for number in 0..5 {
        ticket(&desk, &marta, &format!("Lamp {number}")).await;
    }
    let at_once = tokio::join!(roll_up(&desk), roll_up(&desk), roll_up(&desk));
    assert_eq!(at_once, (Ok(()), Ok(()), Ok(())));
    roll_up(&desk).await.unwrap();
    let today = oxdesk::reports::rules::last_days(2, "UTC");
    let told = report(&desk, &mona, &today, ReportDimension::Queue).await;
    assert_eq!((told.figures.created, told.figures.solved, told.daily.last().unwrap().open), (5, 0, 5));
}

async fn answered(desk: &Desk, agent: &Actor, id: TicketId) {
    commands::add_reply(desk, agent, id, PublicReply::parse("On it").unwrap(), None, vec![]).await.unwrap();
}

#[tokio::test]
async fn times_are_working_time_and_promises_that_were_kept_are_told_from_those_that_were_not() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let hours =
        ["mon", "tue", "wed", "thu", "fri"].map(|day| (day.to_owned(), vec![["09:00".to_owned(), "17:00".to_owned()]]));
    let calendar = Calendar { time_zone: "UTC".into(), hours: hours.into_iter().collect(), ..Calendar::default() };
    let (calendar, _) = save_calendar(&desk, &mona, None, "Office", &calendar).await.unwrap();
    let policy = PolicyForm {
        name: "Office hours".into(),
        priority: "MEDIUM".into(),
        first_response_time: 180,
        resolution_time: 480,
        calendar_id: Some(calendar),
        pauses_in: vec![TicketStatus::Waiting],
        active: true,
        ..PolicyForm::default()
    };
    save_policy(&desk, &mona, None, &policy).await.unwrap();
    let (kept, late) = (ticket(&desk, &marta, "A lamp").await.id, ticket(&desk, &marta, "A chair").await.id);
    for id in [kept, late] {
        answered(&desk, &ana, id).await;
        let version = queries::ticket(&desk, &ana, id).await.unwrap().version;
        let solve = TicketPatch {
            status: Some(TicketStatus::Resolved),
            resolution_note: Some("A new one.".into()),
            ..TicketPatch::default()
        };
        commands::update_ticket(&desk, &ana, id, version, solve).await.unwrap();
    }
    // Friday at four; answered on Monday at ten, and at two in the afternoon.
    for (id, answer) in [(kept, "2026-11-09T10:00:00Z"), (late, "2026-11-09T14:00:00Z")] {
        sqlx::query("UPDATE tickets SET created_at = '2026-11-06T16:00:00Z', first_response_at = $2::timestamptz, resolved_at = '2026-11-09T16:00:00Z' WHERE id = $1")
            .bind(id)
            .bind(answer)
            .execute(&desk.db)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE sla_tracking SET first_response_breached = true WHERE ticket_id = $1")
        .bind(late)
        .execute(&desk.db)
        .await
        .unwrap();
    roll_up(&desk).await.unwrap();
    let span = days("2026-11-01", "2026-11-30");
    let told = report(&desk, &mona, &span, ReportDimension::Policy).await;
    let line = &told.lines[0];
    assert_eq!((line.name.as_str(), line.figures.created, line.figures.solved), ("Office hours", 2, 2));
    assert_eq!((line.figures.responses_in_time, line.figures.responses_late), (1, 1));
    assert_eq!(line.figures.response_attainment(), Some(50));
    let Percentiles { p50: Some(half), p90: Some(most) } = line.figures.response else { panic!("no times") };
    assert!((118..=122).contains(&half), "an hour on Friday and one on Monday, not {half} minutes");
    assert!((352..=368).contains(&most), "an hour on Friday and five on Monday, not {most} minutes");
    let (created, solved) = ("2026-11-06", "2026-11-09");
    let of = |day: &str| told.daily.iter().find(|one| one.day == day).map(|one| (one.created, one.solved, one.open));
    assert_eq!((of(created), of(solved)), (Some((2, 0, 2)), Some((0, 2, 0))));
    assert_eq!(told.daily.len(), 30, "every day is there");
}

#[tokio::test]
async fn reports_are_for_those_who_may_read_them() {
    let desk = desk().await;
    let span = days("2026-11-01", "2026-11-30");
    for (name, role) in [("ana", "AGENT"), ("marta", "END_USER")] {
        let actor = person(&desk, name, role).await;
        let refused = ticket_report(&desk, &actor, span.clone(), ReportDimension::Queue).await;
        assert_eq!(refused.unwrap_err(), Error::Forbidden);
        assert_eq!(record_export(&desk, &actor, "CSV", serde_json::json!({})).await.unwrap_err(), Error::Forbidden);
        assert_eq!(count_anew(&desk, &actor).await.unwrap_err(), Error::Forbidden);
    }
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    record_export(&desk, &mona, "tickets.csv", serde_json::json!({ "by": "QUEUE" })).await.unwrap();
    let taken: Vec<(String, Option<oxdesk::people::UserId>)> = sqlx::query_as(
        "SELECT description, user_id FROM audit_logs WHERE action = 'EXPORT' AND entity_type = 'REPORT'",
    )
    .fetch_all(&desk.db)
    .await
    .unwrap();
    assert_eq!(taken, [("tickets.csv".to_owned(), mona.user_id)], "who took what along is known");
}
