//! Promises on tickets: what runs, what stops, what is done when it falls due, once each.

use oxdesk::desk::Desk;
use oxdesk::notifications::{commands as notifications, queries as notification_queries};
use oxdesk::sla::commands::{PolicyForm, StepForm, delete_policy, save_calendar, save_policy, sweep};
use oxdesk::sla::{Calendar, Deadlines, Moment, SlaTarget, StepAction, queries};
use oxdesk::testing::{desk, person, ticket};
use oxdesk::tickets::{
    PublicReply, TicketId, TicketPatch, TicketPriority, TicketStatus, commands, queries as ticket_queries,
};
use oxdesk::{Actor, Error, Timestamp};

/// Around the clock: an answer in an hour, the next in half of one, a solution in eight.
fn form(priority: &str) -> PolicyForm {
    PolicyForm {
        name: format!("{priority}, around the clock"),
        priority: priority.into(),
        first_response_time: 60,
        update_time: Some(30),
        resolution_time: 480,
        pauses_in: vec![TicketStatus::Waiting],
        active: true,
        ..PolicyForm::default()
    }
}

fn step(target: SlaTarget, minutes: i32, actions: &[StepAction]) -> StepForm {
    StepForm { target, moment: Moment::Minutes(minutes), actions: actions.to_vec() }
}

async fn change(desk: &Desk, actor: &Actor, id: TicketId, patch: TicketPatch) {
    let version = ticket_queries::ticket(desk, actor, id).await.unwrap().version;
    commands::update_ticket(desk, actor, id, version, patch).await.unwrap();
}

fn to(status: TicketStatus) -> TicketPatch {
    TicketPatch { status: Some(status), resolution_note: Some("A new cable.".into()), ..TicketPatch::default() }
}

async fn say(desk: &Desk, actor: &Actor, id: TicketId, text: &str) {
    commands::add_reply(desk, actor, id, PublicReply::parse(text).unwrap(), None, vec![]).await.unwrap();
}

async fn promised(desk: &Desk, actor: &Actor, id: TicketId) -> Deadlines {
    queries::deadlines(desk, actor, id).await.unwrap().expect("something is promised")
}

fn in_minutes(minutes: i64) -> Timestamp {
    Timestamp::from_microsecond(Timestamp::now().as_microsecond() + minutes * 60_000_000).unwrap()
}

/// Everything happened so many minutes earlier.
async fn earlier(desk: &Desk, id: TicketId, minutes: i64) {
    for change in [
        "UPDATE tickets SET created_at = created_at - make_interval(mins => $2::int), first_response_at = first_response_at - make_interval(mins => $2::int),
           waits_since = waits_since - make_interval(mins => $2::int), resolved_at = resolved_at - make_interval(mins => $2::int) WHERE id = $1",
        "UPDATE sla_pauses SET from_at = from_at - make_interval(mins => $2::int), to_at = to_at - make_interval(mins => $2::int) WHERE ticket_id = $1",
        "UPDATE sla_tracking SET created_at = created_at - make_interval(mins => $2::int), next_check_at = next_check_at - make_interval(mins => $2::int) WHERE ticket_id = $1",
    ] {
        sqlx::query(change).bind(id).bind(minutes).execute(&desk.db).await.unwrap();
    }
}

/// In minutes from now.
async fn due_in(desk: &Desk, actor: &Actor, id: TicketId) -> Option<i64> {
    let due = ticket_queries::ticket(desk, actor, id).await.unwrap().due_at?;
    Some((Timestamp::now().seconds_until(due) + 30).div_euclid(60))
}

#[tokio::test]
async fn a_ticket_has_its_promises_at_once_and_its_due_time_follows_what_happens() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let before = ticket(&desk, &marta, "Before there were policies").await.id;
    save_policy(&desk, &mona, None, &form("MEDIUM")).await.unwrap();
    let mut high = form("HIGH");
    (high.first_response_time, high.resolution_time) = (15, 120);
    save_policy(&desk, &mona, None, &high).await.unwrap();
    let id = ticket(&desk, &marta, "VPN").await.id;
    assert_eq!((due_in(&desk, &ana, id).await, due_in(&desk, &ana, before).await), (Some(60), None));

    say(&desk, &ana, id, "On it").await;
    assert_eq!(due_in(&desk, &ana, id).await, Some(480), "answered: what remains is the solution");
    say(&desk, &marta, id, "It is still broken").await;
    assert_eq!(due_in(&desk, &ana, id).await, Some(30), "whoever waits again is promised an answer");
    say(&desk, &ana, id, "Which one?").await;
    assert_eq!(due_in(&desk, &ana, id).await, Some(480));
    let waiting = ticket_queries::ticket(&desk, &ana, id).await.unwrap().status;
    assert_eq!(waiting, TicketStatus::InProgress);

    change(&desk, &ana, id, to(TicketStatus::Waiting)).await;
    assert_eq!(due_in(&desk, &ana, id).await, None, "while they wait for someone else nothing is due");
    earlier(&desk, id, 100).await;
    say(&desk, &marta, id, "The blue one").await;
    say(&desk, &ana, id, "Thanks").await;
    assert_eq!(due_in(&desk, &ana, id).await, Some(480), "a hundred minutes passed, and all of them waiting");
    let why = promised(&desk, &ana, id).await;
    let resolution = why.deadlines.last().unwrap();
    let kinds: Vec<_> = resolution.segments.iter().map(|segment| segment.kind.as_str()).collect();
    assert_eq!(kinds, ["work", "pause", "work"]);
    assert!(why.deadlines[0].goal.actual.is_some() && !why.deadlines[0].goal.breached);

    // What has passed is kept when the priority changes; what was paused too.
    earlier(&desk, id, 60).await;
    change(&desk, &ana, id, TicketPatch { priority: Some(TicketPriority::High), ..TicketPatch::default() }).await;
    assert_eq!(due_in(&desk, &ana, id).await, Some(60));
    let runs: Vec<(bool, bool)> = sqlx::query_as("SELECT ended_at IS NULL, first_response_breached FROM sla_tracking WHERE ticket_id = $1 ORDER BY created_at, id")
        .bind(id)
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert_eq!(runs.len(), 2, "one row for each application of a policy");
    assert!(!runs[0].0 && runs[1].0);

    // Solved, and opened again: it goes on where it stood.
    change(&desk, &ana, id, to(TicketStatus::Resolved)).await;
    earlier(&desk, id, 1000).await;
    change(&desk, &ana, id, to(TicketStatus::InProgress)).await;
    assert_eq!(due_in(&desk, &ana, id).await, Some(60));
    assert_eq!(
        queries::deadlines(&desk, &marta, id).await,
        Err(Error::Forbidden),
        "a requester reads no agents' clocks"
    );
    assert_eq!(queries::deadlines(&desk, &ana, before).await, Ok(None));
}

#[tokio::test]
async fn a_breach_is_told_and_steps_are_taken_once_whoever_sweeps_and_however_often() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let mut medium = form("MEDIUM");
    medium.steps = vec![
        step(
            SlaTarget::FirstResponse,
            -15,
            &[StepAction::NotifyAssignee, StepAction::NotifyRole { role: "IT_MANAGER".into() }],
        ),
        step(SlaTarget::FirstResponse, 0, &[StepAction::RaisePriority, StepAction::AddTag { tag: "late".into() }]),
        step(SlaTarget::Resolution, 10, &[StepAction::AssignTo { user: mona.user_id.unwrap() }]),
    ];
    save_policy(&desk, &mona, None, &medium).await.unwrap();
    let marta = person(&desk, "marta", "END_USER").await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    change(&desk, &mona, id, TicketPatch { assigned_to_id: Some(ana.user_id), ..TicketPatch::default() }).await;
    assert_eq!(sweep(&desk, in_minutes(44)).await.unwrap().tickets, 0, "nothing is due: nothing is looked at");

    let (one, other, third) =
        tokio::join!(sweep(&desk, in_minutes(46)), sweep(&desk, in_minutes(46)), sweep(&desk, in_minutes(46)));
    let steps: usize = [one, other, third].into_iter().map(|swept| swept.unwrap().steps).sum();
    assert_eq!(steps, 1);
    assert_eq!(sweep(&desk, in_minutes(50)).await.unwrap().steps, 0);
    let swept = sweep(&desk, in_minutes(61)).await.unwrap();
    assert_eq!((swept.steps, swept.breaches), (1, 1));
    assert_eq!(sweep(&desk, in_minutes(62)).await.unwrap().steps, 0);
    let late = ticket_queries::ticket(&desk, &ana, id).await.unwrap();
    assert_eq!((late.priority, late.tags.as_slice()), (TicketPriority::High, ["late".to_owned()].as_slice()));

    let events: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT id FROM events ORDER BY id").fetch_all(&desk.db).await.unwrap();
    for event in events {
        notifications::notify_of_event(&desk, event).await.unwrap();
    }
    let told = async |person: &Actor| -> Vec<String> {
        sqlx::query_scalar("SELECT message FROM notifications WHERE user_id = $1 AND type LIKE 'SLA%' ORDER BY id")
            .bind(person.user_id)
            .fetch_all(&desk.db)
            .await
            .unwrap()
    };
    assert_eq!(told(&ana).await, ["First response is due soon", "First response is overdue"]);
    assert_eq!(told(&mona).await, ["First response is due soon"]);
    assert_eq!(told(&marta).await, Vec::<String>::new());
    assert!(notification_queries::unread(&desk, &ana).await.unwrap().count > 0);
}

#[tokio::test]
async fn a_worker_that_was_away_catches_up_in_order() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let mut medium = form("MEDIUM");
    medium.steps = vec![
        step(SlaTarget::Resolution, -60, &[StepAction::AddTag { tag: "b".into() }]),
        step(SlaTarget::FirstResponse, -30, &[StepAction::AddTag { tag: "a".into() }]),
        step(SlaTarget::Resolution, 60, &[StepAction::AddTag { tag: "c".into() }]),
    ];
    save_policy(&desk, &mona, None, &medium).await.unwrap();
    let id = ticket(&desk, &mona, "VPN").await.id;
    let swept = sweep(&desk, in_minutes(600)).await.unwrap();
    assert_eq!((swept.steps, swept.breaches), (3, 2));
    assert_eq!(ticket_queries::ticket(&desk, &mona, id).await.unwrap().tags, ["a", "b", "c"]);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM sla_tracking WHERE next_check_at IS NOT NULL")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(left, 0, "nothing falls due on it any more");
}

#[tokio::test]
async fn a_step_for_someone_who_is_gone_is_done_and_gives_nothing() {
    let desk = desk().await;
    let (mona, ben) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ben", "AGENT").await);
    let mut medium = form("MEDIUM");
    medium.steps = vec![step(SlaTarget::FirstResponse, 0, &[StepAction::AssignTo { user: ben.user_id.unwrap() }])];
    save_policy(&desk, &mona, None, &medium).await.unwrap();
    let one = ticket(&desk, &mona, "One").await.id;
    sqlx::query("UPDATE users SET deleted_at = now() WHERE id = $1").bind(ben.user_id).execute(&desk.db).await.unwrap();
    assert_eq!(
        sweep(&desk, in_minutes(61)).await.unwrap().steps,
        1,
        "whoever is gone is given nothing, and it is done"
    );
    assert_eq!(ticket_queries::ticket(&desk, &mona, one).await.unwrap().assignee, None);
}

#[tokio::test]
async fn workers_that_are_killed_in_the_middle_leave_each_step_done_once_or_not_at_all() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let mut medium = form("MEDIUM");
    medium.steps = vec![
        step(SlaTarget::FirstResponse, 0, &[StepAction::RaisePriority]),
        step(SlaTarget::Resolution, -460, &[StepAction::NotifyRole { role: "IT_MANAGER".into() }]),
    ];
    save_policy(&desk, &mona, None, &medium).await.unwrap();
    const TICKETS: i64 = 220;
    for number in 0..TICKETS {
        ticket(&desk, &mona, &format!("Number {number}")).await;
    }
    let count = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(&desk.db).await.unwrap();
    let options = (*desk.db.connect_options()).clone().application_name("to be killed");
    for _ in 0..3 {
        // Two at once, each with connections of its own, and then neither of them is there any more.
        let workers = [oxdesk::testing::on(options.clone()).await, oxdesk::testing::on(options.clone()).await];
        let tasks = workers.map(|worker| tokio::spawn(async move { sweep(&worker, in_minutes(70)).await }));
        let (before, mut waited) = (count("SELECT count(*) FROM sla_escalations").await, 0);
        while waited < 1000 && count("SELECT count(*) FROM sla_escalations").await == before {
            tokio::task::yield_now().await;
            waited += 1;
        }
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be killed' AND datname = current_database()")
            .execute(&desk.db)
            .await
            .unwrap();
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        for task in tasks {
            drop(task.await);
        }
    }
    let midway = count("SELECT count(*) FROM sla_escalations").await;
    sweep(&desk, in_minutes(70)).await.unwrap();
    println!("{midway} of {} steps were done by those that were killed", 2 * TICKETS);
    assert_eq!(count("SELECT count(*) FROM sla_escalations").await, 2 * TICKETS);
    assert_eq!(count("SELECT count(*) FROM events WHERE kind = 'ticket.breached'").await, TICKETS);
    assert_eq!(count("SELECT count(*) FROM events WHERE kind = 'ticket.due_soon'").await, TICKETS);
    assert_eq!(
        count("SELECT count(*) FROM tickets WHERE priority = 'HIGH'").await,
        TICKETS,
        "raised by one step, once"
    );
}

#[tokio::test]
async fn policies_are_checked_where_they_are_written_and_a_removed_one_runs_on() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let wrong = async |form: &PolicyForm| match save_policy(&desk, &mona, None, form).await {
        Err(Error::Invalid(fields)) => fields.into_keys().collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let mut bad = form("URGENT");
    (bad.name, bad.first_response_time, bad.resolution_time, bad.update_time) =
        (String::new(), 0, 1_000_000_000, Some(-1));
    assert_eq!(wrong(&bad).await, ["first_response_time", "name", "priority", "resolution_time", "update_time"]);
    let mut bad = form("LOW");
    bad.resolution_time = 30;
    assert_eq!(wrong(&bad).await, ["resolution_time"]);
    let mut bad = form("LOW");
    bad.steps = vec![step(
        SlaTarget::Resolution,
        0,
        &[StepAction::NotifyUser { user: oxdesk::people::UserId(uuid::Uuid::nil()) }],
    )];
    assert_eq!(wrong(&bad).await, ["steps"]);
    bad.steps = vec![step(SlaTarget::Resolution, 0, &[])];
    assert_eq!(wrong(&bad).await, ["steps[0]"]);
    assert_eq!(
        save_policy(&desk, &person(&desk, "eve", "END_USER").await, None, &form("LOW")).await,
        Err(Error::Forbidden)
    );
    let Err(Error::Invalid(fields)) = save_calendar(&desk, &mona, None, "", &Calendar::default()).await else {
        panic!()
    };
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["name", "time_zone"]);

    let policy = save_policy(&desk, &mona, None, &form("MEDIUM")).await.unwrap();
    let id = ticket(&desk, &mona, "VPN").await.id;
    assert!(matches!(
        save_policy(&desk, &mona, Some((policy, 7)), &form("MEDIUM")).await,
        Err(Error::Conflict { current: 1 })
    ));
    delete_policy(&desk, &mona, policy).await.unwrap();
    assert_eq!(delete_policy(&desk, &mona, policy).await, Err(Error::NotFound));
    say(&desk, &ana, id, "On it").await;
    assert_eq!(due_in(&desk, &ana, id).await, Some(480), "what was promised stays promised");
    let later = ticket(&desk, &mona, "Door").await.id;
    assert_eq!(due_in(&desk, &ana, later).await, None);
}
