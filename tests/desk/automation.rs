//! Rules: that they do what they say, once, and nothing else.

use crate::mail::{mailbox, take_in};
use oxdesk::automation::commands::{self, RuleForm};
use oxdesk::automation::{RuleId, RuleOutcome, RuleRun, queries, rules::sentence};
use oxdesk::desk::Desk;
use oxdesk::queues::{NewQueue, commands as queues};
use oxdesk::testing::{actor, desk, person, ticket};
use oxdesk::tickets::{
    PublicReply, QueueId, TicketId, TicketPatch, TicketPriority, TicketStatus, TimelineEntry, commands as tickets,
    queries as ticket_queries,
};
use oxdesk::{Actor, Error, Timestamp, notifications};
use serde_json::{Value, json};

fn form(name: &str, moment: Value, condition: Value, actions: Value) -> RuleForm {
    let mut rule = json!({ "name": name, "enabled": true, "moment": moment, "actions": actions });
    if !condition.is_null() {
        rule["condition"] = condition;
    }
    serde_json::from_value(rule).unwrap()
}

async fn save(desk: &Desk, admin: &Actor, form: RuleForm) -> RuleId {
    commands::save_rule(desk, admin, None, &form).await.unwrap()
}

fn is(field: &str, value: &str) -> Value {
    json!({ "field": field, "is": "IS", "values": [value] })
}

/// Runs the rules on every event there is, and on those that they bring about, twice: a job may run again.
async fn run(desk: &Desk) {
    let mut known = 0;
    loop {
        let events: Vec<uuid::Uuid> =
            sqlx::query_scalar("SELECT id FROM events ORDER BY id").fetch_all(&desk.db).await.unwrap();
        if events.len() == known {
            return;
        }
        known = events.len();
        for event in events.iter().chain(&events) {
            commands::run_rules(desk, *event).await.unwrap();
        }
    }
}

async fn change(desk: &Desk, actor: &Actor, id: TicketId, patch: TicketPatch) {
    let version = ticket_queries::ticket(desk, actor, id).await.unwrap().version;
    tickets::update_ticket(desk, actor, id, version, patch).await.unwrap();
}

async fn log(desk: &Desk, admin: &Actor, rule: RuleId) -> Vec<RuleRun> {
    let log = queries::rule_log(desk, admin, Some(rule), None, true).await.unwrap();
    log.into_iter().map(|(_, run)| run).collect()
}

async fn outcomes(desk: &Desk, admin: &Actor, rule: RuleId) -> Vec<RuleOutcome> {
    log(desk, admin, rule).await.into_iter().map(|run| run.outcome).collect()
}

async fn queue(desk: &Desk, admin: &Actor, name: &str) -> QueueId {
    let new = NewQueue { name: name.into(), visibility: Some("AGENTS".into()), active: true, ..NewQueue::default() };
    queues::save_queue(desk, admin, None, new).await.unwrap()
}

/// As if so many minutes had passed since the ticket came into its status.
async fn age(desk: &Desk, id: TicketId, minutes: i32) {
    sqlx::query("UPDATE tickets SET status_since = now() - make_interval(mins => $2), created_at = now() - make_interval(mins => $2) WHERE id = $1")
        .bind(id)
        .bind(minutes)
        .execute(&desk.db)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_rule_acts_once_on_an_event_and_its_name_is_for_agents() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let rule = form(
        "VPN first",
        json!({ "on": ["CREATED"] }),
        json!({ "field": "subject", "is": "CONTAINS", "values": ["vpn"] }),
        json!([{ "do": "set_priority", "priority": "HIGH" }, { "do": "add_tag", "tag": "Network" }, { "do": "note", "text": "Of {{requester.name}}" }]),
    );
    let rule = save(&desk, &admin, rule).await;
    let (vpn, door) = (ticket(&desk, &marta, "VPN is slow").await.id, ticket(&desk, &marta, "Door").await.id);
    run(&desk).await;
    let seen = ticket_queries::ticket_page(&desk, &admin, vpn).await.unwrap();
    assert_eq!((seen.ticket.priority, seen.ticket.tags), (TicketPriority::High, vec!["network".to_owned()]));
    let notes = |timeline: &[TimelineEntry]| {
        timeline
            .iter()
            .filter_map(|entry| match entry {
                TimelineEntry::Note(note) => Some((note.author.clone(), note.html.clone())),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(notes(&seen.timeline), [("VPN first".to_owned(), "<p>Of marta</p>\n".to_owned())]);
    let authors = |timeline: &[TimelineEntry]| {
        timeline
            .iter()
            .filter_map(|entry| match entry {
                TimelineEntry::Event(event) if event.field.as_deref() == Some("priority") => Some(event.author.clone()),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(authors(&seen.timeline), ["Rule “VPN first”"]);
    let own = ticket_queries::ticket_page(&desk, &marta, vpn).await.unwrap();
    assert_eq!(authors(&own.timeline), ["Oxdesk"]);
    assert_eq!(ticket_queries::ticket(&desk, &admin, door).await.unwrap().priority, TicketPriority::Medium);
    let log = log(&desk, &admin, rule).await;
    let said: Vec<_> = log.iter().map(|run| (run.subject.as_str(), run.outcome, run.said.clone())).collect();
    let did = ["set the priority to High", "tag it network", "note “Of {{requester.name}}”"].map(str::to_owned);
    assert_eq!(
        said,
        [
            ("Door", RuleOutcome::Missed, vec!["subject is “door”".to_owned()]),
            ("VPN is slow", RuleOutcome::Fired, did.to_vec())
        ]
    );
}

#[tokio::test]
async fn rules_go_in_order_see_what_was_done_and_one_may_be_the_last() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let created = || json!({ "on": ["CREATED"] });
    let tag = |tag: &str| json!([{ "do": "add_tag", "tag": tag }]);
    let at = |position, stops, rule: RuleForm| RuleForm { position, stops, ..rule };
    save(&desk, &admin, at(3, false, form("Third", created(), Value::Null, tag("third")))).await;
    save(&desk, &admin, at(2, true, form("Second", created(), is("tag", "first"), tag("second")))).await;
    save(&desk, &admin, at(1, false, form("First", created(), Value::Null, tag("first")))).await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    run(&desk).await;
    assert_eq!(ticket_queries::ticket(&desk, &admin, id).await.unwrap().tags, ["first", "second"]);
}

#[tokio::test]
async fn no_rule_fires_on_its_own_doing_and_two_that_undo_each_other_end() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let updated = || json!({ "on": ["UPDATED"] });
    let set = |priority: &str| json!([{ "do": "set_priority", "priority": priority }]);
    let up = save(&desk, &admin, form("Up", updated(), is("priority", "LOW"), set("HIGH"))).await;
    let down = save(&desk, &admin, form("Down", updated(), is("priority", "HIGH"), set("LOW"))).await;
    let always = form(
        "Tags",
        updated(),
        Value::Null,
        json!([{ "do": "remove_tag", "tag": "x" }, { "do": "note", "text": "Changed" }]),
    );
    let always = save(&desk, &admin, always).await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    change(&desk, &admin, id, TicketPatch { priority: Some(TicketPriority::Low), ..TicketPatch::default() }).await;
    run(&desk).await;
    use RuleOutcome::{Fired, Loop};
    let fired = |outcomes: Vec<RuleOutcome>, wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    // Down sees what Up did on the same event; each of their events is the other's, and never their own again.
    for rule in [up, down] {
        let outcomes = outcomes(&desk, &admin, rule).await;
        assert!((1..=2).contains(&fired(outcomes.clone(), Fired)), "{outcomes:?}");
    }
    let loops = fired(outcomes(&desk, &admin, up).await, Loop) + fired(outcomes(&desk, &admin, down).await, Loop);
    assert!(loops >= 1, "someone was held back");
    assert!(fired(outcomes(&desk, &admin, always).await, Fired) <= 5);
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&desk.db).await.unwrap();
    assert!(events < 20, "{events}");
}

#[tokio::test]
async fn a_rule_knows_what_was_before_and_who_did_it() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "admin", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let tag = |tag: &str| json!([{ "do": "add_tag", "tag": tag }]);
    let raised = json!({ "all": [{ "field": "priority", "before": true, "is": "IS", "values": ["LOW"] }, is("priority", "CRITICAL")] });
    save(&desk, &admin, form("Raised", json!({ "on": ["UPDATED"] }), raised, tag("raised"))).await;
    let asks = json!({ "all": [is("by", "REQUESTER"), { "field": "comment", "is": "CONTAINS", "values": ["still"] }] });
    save(&desk, &admin, form("Asks", json!({ "on": ["REPLIED"] }), asks, tag("asks"))).await;
    let changed = json!({ "field": "assignee", "is": "CHANGED" });
    save(&desk, &admin, form("Given", json!({ "on": ["UPDATED"] }), changed, tag("given"))).await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    let to = |priority| TicketPatch { priority: Some(priority), ..TicketPatch::default() };
    let tags = async || {
        run(&desk).await;
        ticket_queries::ticket(&desk, &admin, id).await.unwrap().tags
    };
    change(&desk, &ana, id, to(TicketPriority::Critical)).await;
    assert!(tags().await.is_empty());
    change(&desk, &ana, id, to(TicketPriority::Low)).await;
    change(&desk, &ana, id, to(TicketPriority::Critical)).await;
    assert_eq!(tags().await, ["raised"]);
    let say = PublicReply::parse("It is still broken").unwrap();
    tickets::add_reply(&desk, &ana, id, say.clone(), None, vec![]).await.unwrap();
    assert_eq!(tags().await, ["raised"]);
    tickets::add_reply(&desk, &marta, id, say, None, vec![]).await.unwrap();
    assert_eq!(tags().await, ["asks", "raised"]);
    change(&desk, &ana, id, TicketPatch { assigned_to_id: Some(ana.user_id), ..TicketPatch::default() }).await;
    assert_eq!(tags().await, ["asks", "given", "raised"]);
}

#[tokio::test]
async fn what_a_rule_writes_is_no_first_answer_and_stops_when_it_is_too_much() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let thanks = json!([{ "do": "reply", "text": "Dear {{requester.first_name}}, we look into {{ticket.number}}." }]);
    let rule = save(&desk, &admin, form("Thanks", json!({ "on": ["CREATED"] }), Value::Null, thanks)).await;
    let first = ticket(&desk, &marta, "Number 1").await;
    for number in 2..=12 {
        ticket(&desk, &marta, &format!("Number {number}")).await;
    }
    run(&desk).await;
    let seen = ticket_queries::ticket_page(&desk, &marta, first.id).await.unwrap();
    assert!(seen.ticket.first_response_at.is_none());
    assert_eq!(seen.ticket.status, TicketStatus::New);
    let replies: Vec<_> = seen
        .timeline
        .iter()
        .filter_map(|entry| match entry {
            TimelineEntry::Reply(reply) => Some((reply.author.as_str(), reply.html.as_str())),
            _ => None,
        })
        .collect();
    let text = format!("<p>Dear marta, we look into {}.</p>\n", first.ticket_number);
    assert_eq!(replies, [("Oxdesk", text.as_str())]);
    let mails: Vec<(String, bool)> =
        sqlx::query_as("SELECT recipient, is_automatic FROM outbox WHERE body LIKE '%we look into%'")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    // Ten automatic mails an hour for one address.
    assert_eq!(mails.len(), 10);
    assert!(mails.iter().all(|(to, automatic)| to == "marta@example.com" && *automatic));
    assert!(log(&desk, &admin, rule).await[0].said[1].contains("too much went there"));
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_nothing_of_it_is_done() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let leo = person(&desk, "leo", "AGENT").await;
    let give = |name: &str| {
        form(
            name,
            json!({ "on": ["CREATED"] }),
            Value::Null,
            json!([{ "do": "note", "text": "For Leo" }, { "do": "assign_to", "user": leo.user_id }]),
        )
    };
    let rule = save(&desk, &admin, give("Give")).await;
    sqlx::query("UPDATE users SET active = false WHERE id = $1").bind(leo.user_id).execute(&desk.db).await.unwrap();
    let id = ticket(&desk, &marta, "VPN").await.id;
    run(&desk).await;
    let log = log(&desk, &admin, rule).await;
    assert_eq!(log.len(), 1, "it is not tried again: {log:?}");
    assert_eq!(log[0].outcome, RuleOutcome::Failed);
    assert!(log[0].said[0].contains("does not work tickets"), "{:?}", log[0].said);
    let comments: i64 = sqlx::query_scalar("SELECT count(*) FROM ticket_comments WHERE ticket_id = $1")
        .bind(id)
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(comments, 0, "the note went with the rest");
    // And no such rule is made.
    let refused = commands::save_rule(&desk, &admin, None, &give("Again")).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(ref fields) if fields.contains_key("actions[1]")), "{refused:?}");
}

#[tokio::test]
async fn a_timed_rule_acts_once_for_each_moment_whoever_sweeps() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let moment = json!({ "since": "STATUS", "minutes": 60 });
    let rule = form("Remind", moment, is("status", "WAITING"), json!([{ "do": "note", "text": "It waits" }]));
    let rule = save(&desk, &admin, rule).await;
    let mut waiting = Vec::new();
    for number in 0..5 {
        let id = ticket(&desk, &marta, &format!("Number {number}")).await.id;
        if number > 0 {
            let patch = TicketPatch { status: Some(TicketStatus::Waiting), ..TicketPatch::default() };
            change(&desk, &admin, id, patch).await;
            waiting.push(id);
        }
        age(&desk, id, if number == 4 { 59 } else { 61 }).await;
    }
    let sweep = || commands::sweep_rules(&desk, Timestamp::now());
    let (one, two, three) = tokio::join!(sweep(), sweep(), sweep());
    assert_eq!(one.unwrap() + two.unwrap() + three.unwrap(), 3);
    assert_eq!(sweep().await.unwrap(), 0);
    assert_eq!(outcomes(&desk, &admin, rule).await.len(), 3);
    // The last one's time comes; and the first one's comes again, once it waits anew.
    assert_eq!(commands::sweep_rules(&desk, Timestamp::now().plus_seconds(120)).await.unwrap(), 1);
    for status in [TicketStatus::InProgress, TicketStatus::Waiting] {
        change(&desk, &admin, waiting[0], TicketPatch { status: Some(status), ..TicketPatch::default() }).await;
    }
    assert_eq!(commands::sweep_rules(&desk, Timestamp::now().plus_seconds(3_700)).await.unwrap(), 1);
    assert_eq!(outcomes(&desk, &admin, rule).await.len(), 5);
}

#[tokio::test]
async fn a_rule_may_act_before_a_deadline_and_when_nobody_answers() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let tag = |tag: &str| json!([{ "do": "add_tag", "tag": tag }]);
    save(&desk, &admin, form("Soon", json!({ "since": "DUE", "minutes": 30 }), Value::Null, tag("soon"))).await;
    save(&desk, &admin, form("Silence", json!({ "since": "WAITS", "minutes": 30 }), Value::Null, tag("silence"))).await;
    let due = async |id: TicketId, minutes: i32| {
        sqlx::query("UPDATE tickets SET resolution_sla = now() + make_interval(mins => $2) WHERE id = $1")
            .bind(id)
            .bind(minutes)
            .execute(&desk.db)
            .await
            .unwrap();
    };
    let (soon, later) = (ticket(&desk, &marta, "Soon").await.id, ticket(&desk, &marta, "Later").await.id);
    due(soon, 20).await;
    due(later, 45).await;
    sqlx::query("UPDATE tickets SET waits_since = now() - interval '31 minutes' WHERE id = $1")
        .bind(later)
        .execute(&desk.db)
        .await
        .unwrap();
    assert_eq!(commands::sweep_rules(&desk, Timestamp::now()).await.unwrap(), 2);
    assert_eq!(commands::sweep_rules(&desk, Timestamp::now()).await.unwrap(), 0);
    assert_eq!(ticket_queries::ticket(&desk, &admin, soon).await.unwrap().tags, ["soon"]);
    assert_eq!(ticket_queries::ticket(&desk, &admin, later).await.unwrap().tags, ["silence"]);
    assert_eq!(commands::sweep_rules(&desk, Timestamp::now().plus_seconds(20 * 60)).await.unwrap(), 1);
}

/// A block of the manual, by its name.
fn block(kind: &str) -> &'static str {
    let manual = include_str!("../../docs/automation.md");
    let (_, rest) = manual.split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[tokio::test]
async fn the_worked_example_of_the_manual_is_what_the_program_says_and_does() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let network = queue(&desk, &admin, "Network").await;
    let rule: RuleForm = serde_json::from_str(block("json rule")).unwrap();
    save(&desk, &admin, rule.clone()).await;
    let (rules, names) = queries::list_rules(&desk, &admin).await.unwrap();
    let kept = rules.iter().find(|kept| kept.name == rule.name).unwrap();
    assert_eq!(sentence(kept, &names), block("text sentence").trim());
    let (vpn, tunnel) =
        (ticket(&desk, &marta, "VPN does not connect").await.id, ticket(&desk, &marta, "Tunnel").await.id);
    change(&desk, &admin, vpn, TicketPatch { tags: Some(vec!["vip".into()]), ..TicketPatch::default() }).await;
    let before = ticket_queries::ticket(&desk, &admin, vpn).await.unwrap();
    let tried = queries::dry_run(&desk, &admin, &rule, 10).await.unwrap();
    let said = |subject: &str| json!(tried.iter().find(|tried| tried.subject == subject).unwrap().said);
    let written = |kind: &str| serde_json::from_str::<Value>(block(kind)).unwrap();
    assert_eq!(said("VPN does not connect"), written("json difference"));
    assert_eq!(said("Tunnel"), written("json because"));
    assert_eq!(ticket_queries::ticket(&desk, &admin, vpn).await.unwrap(), before, "a dry run changes nothing");
    run(&desk).await;
    let after = ticket_queries::ticket(&desk, &admin, vpn).await.unwrap();
    assert_eq!((after.queue.map(|queue| queue.id), after.priority), (Some(network), TicketPriority::High));
    assert_eq!(ticket_queries::ticket(&desk, &admin, tunnel).await.unwrap().queue, None);
}

#[tokio::test]
async fn rules_are_taken_to_another_desk_by_the_names_in_them_and_come_turned_off() {
    let (one, two) = (desk().await, desk().await);
    let (admin, other) = (person(&one, "admin", "ADMIN").await, person(&two, "admin", "ADMIN").await);
    queue(&one, &admin, "Network").await;
    let rule = form(
        "Move",
        json!({ "on": ["CREATED"] }),
        json!({ "not": { "field": "queue", "is": "IS", "values": ["network"] } }),
        json!([{ "do": "set_queue", "queue": "Network" }, { "do": "notify", "to": "user:admin", "text": "Moved" }]),
    );
    save(&one, &admin, rule).await;
    let exported = queries::export_rules(&one, &admin).await.unwrap();
    let written: Vec<RuleForm> = exported.into_iter().filter(|rule| rule.name == "Move").collect();
    assert_eq!(written[0].actions[0], json!({ "do": "set_queue", "queue": "Network" }));
    let refused = commands::import_rules(&two, &other, &written).await.unwrap_err();
    assert!(refused.to_string().contains("There is no queue named “Network”"), "{refused}");
    queue(&two, &other, "Network").await;
    commands::import_rules(&two, &other, &written).await.unwrap();
    let (rules, _) = queries::list_rules(&two, &other).await.unwrap();
    let taken = rules.iter().find(|rule| rule.name == "Move").unwrap();
    assert!(!taken.enabled);
    let taken =
        queries::export_rules(&two, &other).await.unwrap().into_iter().find(|rule| rule.name == "Move").unwrap();
    assert_eq!(taken, RuleForm { enabled: false, ..written[0].clone() });
    // A name that is taken is no second rule, and with it none of the others is taken over.
    let again = [RuleForm { name: "New".into(), ..written[0].clone() }, written[0].clone()];
    assert!(commands::import_rules(&two, &other, &again).await.is_err());
    assert!(!queries::list_rules(&two, &other).await.unwrap().0.iter().any(|rule| rule.name == "New"));
    let too_many = vec![written[0].clone(); 501];
    let refused = commands::import_rules(&two, &other, &too_many).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(fields) if fields.contains_key("rules")));
}

#[tokio::test]
async fn nonsense_is_refused_where_it_stands() {
    let desk = desk().await;
    let admin = person(&desk, "admin", "ADMIN").await;
    let created = || json!({ "on": ["CREATED"] });
    let note = || json!([{ "do": "note", "text": "x" }]);
    let mut deep = is("status", "NEW");
    for _ in 0..10 {
        deep = json!({ "not": deep });
    }
    for (place, rule) in [
        ("name", form("", created(), Value::Null, note())),
        ("moment", form("a", json!({ "on": [] }), Value::Null, note())),
        ("moment", form("a", json!({ "on": ["EXPLODED"] }), Value::Null, note())),
        ("moment", form("a", json!({ "since": "STATUS", "minutes": 0 }), Value::Null, note())),
        ("moment", form("a", json!({ "since": "STATUS", "minutes": 1_000_000_000 }), Value::Null, note())),
        ("moment", form("a", json!("soon"), Value::Null, note())),
        ("condition", form("a", created(), json!({ "field": "colour", "is": "IS", "values": ["red"] }), note())),
        ("condition", form("a", created(), is("status", "SLEEPING"), note())),
        ("condition", form("a", created(), is("queue", "No such queue"), note())),
        ("condition", form("a", created(), json!({ "field": "tag", "is": "IS" }), note())),
        ("condition", form("a", created(), json!({ "field": "tag", "is": "IS_SET", "values": ["x"] }), note())),
        ("condition", form("a", created(), json!({ "field": "description", "is": "CHANGED" }), note())),
        ("condition", form("a", created(), deep, note())),
        ("condition", form("a", created(), json!({ "all": vec![is("tag", "x"); 101] }), note())),
        ("condition", form("a", json!({ "since": "STATUS", "minutes": 60 }), is("by", "AGENT"), note())),
        ("actions", form("a", created(), Value::Null, json!([]))),
        ("actions[0]", form("a", created(), Value::Null, json!([{ "do": "explode" }]))),
        ("actions[0]", form("a", created(), Value::Null, json!([{ "do": "set_status", "status": "RESOLVED" }]))),
        ("actions[0]", form("a", created(), Value::Null, json!([{ "do": "note", "text": "{{requester.phone}}" }]))),
        ("actions[0]", form("a", created(), Value::Null, json!([{ "do": "assign_by", "rule": "NONE" }]))),
        ("actions[0]", form("a", created(), Value::Null, json!([{ "do": "notify", "to": "role:KING", "text": "x" }]))),
        (
            "actions[0]",
            form("a", created(), Value::Null, json!([{ "do": "set_field", "key": "no_such", "value": "x" }])),
        ),
        ("actions[0]", form("a", created(), Value::Null, json!([{ "do": "webhook", "webhook": uuid::Uuid::nil() }]))),
        (
            "actions[1]",
            form(
                "a",
                created(),
                Value::Null,
                json!([{ "do": "raise_priority" }, { "do": "set_queue", "queue": "Nowhere" }]),
            ),
        ),
    ] {
        let refused = commands::save_rule(&desk, &admin, None, &rule).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(fields) if fields.contains_key(place)), "{rule:?}: {refused:?}");
    }
    for role in ["AGENT", "END_USER", "IT_MANAGER"] {
        let nobody = person(&desk, &role.to_lowercase(), role).await;
        if nobody.can(oxdesk::Permission::SettingsManage) {
            continue;
        }
        let rule = form("a", created(), Value::Null, note());
        assert_eq!(commands::save_rule(&desk, &nobody, None, &rule).await, Err(Error::Forbidden));
        assert_eq!(queries::list_rules(&desk, &nobody).await.map(drop), Err(Error::Forbidden));
        assert_eq!(queries::dry_run(&desk, &nobody, &rule, 5).await.map(drop), Err(Error::Forbidden));
        assert_eq!(queries::rule_log(&desk, &nobody, None, None, true).await.map(drop), Err(Error::Forbidden));
    }
}

#[tokio::test]
async fn a_changed_rule_is_known_at_once_and_an_older_version_is_refused() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let tag =
        |tag: &str| form("Tag", json!({ "on": ["CREATED"] }), Value::Null, json!([{ "do": "add_tag", "tag": tag }]));
    let id = save(&desk, &admin, tag("one")).await;
    let tags = async || {
        let id = ticket(&desk, &marta, "VPN").await.id;
        run(&desk).await;
        ticket_queries::ticket(&desk, &admin, id).await.unwrap().tags
    };
    assert_eq!(tags().await, ["one"]);
    commands::save_rule(&desk, &admin, Some((id, 1)), &tag("two")).await.unwrap();
    assert_eq!(tags().await, ["two"]);
    assert_eq!(
        commands::save_rule(&desk, &admin, Some((id, 1)), &tag("three")).await,
        Err(Error::Conflict { current: 2 })
    );
    commands::enable_rule(&desk, &admin, id, false).await.unwrap();
    assert!(tags().await.is_empty());
    commands::delete_rule(&desk, &admin, id).await.unwrap();
    assert_eq!(commands::enable_rule(&desk, &admin, id, true).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_rule_tells_whom_it_names_and_nobody_who_may_not_see_it() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "admin", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let (eve, marta) = (person(&desk, "eve", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let new =
        NewQueue { name: "Closed".into(), visibility: Some("MEMBERS".into()), active: true, ..NewQueue::default() };
    let closed = queues::save_queue(&desk, &admin, None, new).await.unwrap();
    queues::add_queue_member(&desk, &admin, closed, ana.user_id.unwrap()).await.unwrap();
    let tell = json!([{ "do": "set_queue", "queue": "Closed" }, { "do": "notify", "to": "role:AGENT", "text": "Look at {{ticket.subject}}" }]);
    save(&desk, &admin, form("Tell", json!({ "on": ["CREATED"] }), Value::Null, tell)).await;
    ticket(&desk, &marta, "Fire").await;
    run(&desk).await;
    let events: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM events").fetch_all(&desk.db).await.unwrap();
    for event in events {
        notifications::commands::notify_of_event(&desk, event).await.unwrap();
    }
    let (ana, eve) = (actor(&desk, ana.user_id.unwrap()).await, actor(&desk, eve.user_id.unwrap()).await);
    let said = async |person: &Actor| {
        let list = notifications::queries::list_notifications(&desk, person, false, None, None, 50).await.unwrap();
        list.rows.into_iter().map(|row| row.message).collect::<Vec<_>>()
    };
    assert_eq!(said(&ana).await, ["Look at Fire"]);
    assert!(said(&eve).await.is_empty());
    assert!(said(&marta).await.is_empty());
}

#[tokio::test]
async fn a_ticket_goes_to_whoever_knows_its_tags_and_works_at_this_hour() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let network = queue(&desk, &admin, "Network").await;
    let always = json!({ "time_zone": "UTC", "hours": { "mon": [["00:00", "24:00"]], "tue": [["00:00", "24:00"]], "wed": [["00:00", "24:00"]], "thu": [["00:00", "24:00"]], "fri": [["00:00", "24:00"]], "sat": [["00:00", "24:00"]], "sun": [["00:00", "24:00"]] } });
    // Open for one minute a day, twelve hours from now.
    let later = Timestamp::now().plus_seconds(12 * 3600).to_string();
    let (hour, minute) = (&later[11..13], &later[14..16]);
    let end = format!("{hour}:{:02}", (minute.parse::<u8>().unwrap() + 1).min(59));
    let start = format!("{hour}:{:02}", minute.parse::<u8>().unwrap().min(58));
    let mut hours = json!({ "time_zone": "UTC", "hours": {} });
    for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
        hours["hours"][day] = json!([[start, end]]);
    }
    let calendar = async |name: &str, calendar: Value| {
        let calendar = serde_json::from_value(calendar).unwrap();
        oxdesk::sla::commands::save_calendar(&desk, &admin, None, name, &calendar).await.unwrap().0
    };
    let (open, shut) = (calendar("Always", always).await, calendar("Later", hours).await);
    let mut people = Vec::new();
    for (name, skills, calendar) in [
        ("ana", vec!["vpn", "wifi"], Some(open)),
        ("bo", vec!["vpn"], None),
        ("cleo", vec!["vpn", "wifi", "dns"], Some(shut)),
        ("dan", vec!["printer"], None),
    ] {
        let agent = person(&desk, name, "AGENT").await.user_id.unwrap();
        queues::add_queue_member(&desk, &admin, network, agent).await.unwrap();
        let skills: Vec<String> = skills.into_iter().map(str::to_owned).collect();
        commands::set_assignment(&desk, &admin, agent, &skills, calendar).await.unwrap();
        people.push(agent);
    }
    let give = json!([{ "do": "set_queue", "queue": "Network" }, { "do": "assign_by", "rule": "SKILL" }]);
    save(&desk, &admin, form("Give", json!({ "on": ["UPDATED"] }), json!({ "field": "tag", "is": "CHANGED" }), give))
        .await;
    let given = async |tags: &[&str]| {
        let id = ticket(&desk, &marta, "VPN").await.id;
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        change(&desk, &admin, id, TicketPatch { tags: Some(tags), ..TicketPatch::default() }).await;
        run(&desk).await;
        ticket_queries::ticket(&desk, &admin, id).await.unwrap().assignee.map(|person| person.id)
    };
    // Cleo knows all of it, but sleeps.
    assert_eq!(given(&["vpn", "wifi", "dns"]).await, Some(people[0]));
    assert_eq!(given(&["printer"]).await, Some(people[3]));
    assert_eq!(given(&["keyboard"]).await, None);
    // Of those who know as much, whoever has less to do.
    assert_eq!(given(&["vpn"]).await, Some(people[1]));
    sqlx::query("UPDATE users SET away = true WHERE id = $1").bind(people[0]).execute(&desk.db).await.unwrap();
    assert_eq!(given(&["wifi", "vpn"]).await, Some(people[1]));
}

#[tokio::test]
async fn the_rules_that_come_with_the_desk_are_off_and_make_sense() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let (rules, names) = queries::list_rules(&desk, &admin).await.unwrap();
    assert!(rules.len() >= 4 && rules.iter().all(|rule| !rule.enabled));
    for rule in &rules {
        println!("{}", sentence(rule, &names));
        let written = queries::export_rules(&desk, &admin).await.unwrap();
        let form = written.iter().find(|form| form.name == rule.name).unwrap();
        commands::save_rule(&desk, &admin, Some((rule.id, rule.version)), &RuleForm { enabled: true, ..form.clone() })
            .await
            .unwrap();
    }
    let id = ticket(&desk, &marta, "VPN").await.id;
    let resolved = TicketPatch {
        status: Some(TicketStatus::Resolved),
        resolution_note: Some("New cable".into()),
        ..TicketPatch::default()
    };
    change(&desk, &admin, id, resolved).await;
    let in_a_week = |seconds: i64| Timestamp::now().plus_seconds(7 * 86_400 + seconds);
    assert_eq!(commands::sweep_rules(&desk, in_a_week(-60)).await.unwrap(), 0);
    assert_eq!(commands::sweep_rules(&desk, in_a_week(60)).await.unwrap(), 1);
    let seen = ticket_queries::ticket(&desk, &admin, id).await.unwrap();
    assert_eq!((seen.status, seen.resolution_note.as_deref()), (TicketStatus::Closed, Some("New cable")));
}

#[tokio::test]
async fn no_rule_answers_a_machine() {
    let desk = desk().await;
    let admin = person(&desk, "admin", "ADMIN").await;
    let thanks = json!([{ "do": "reply", "text": "Thank you." }, { "do": "add_tag", "tag": "seen" }]);
    save(&desk, &admin, form("Thanks", json!({ "on": ["CREATED", "REPLIED"] }), Value::Null, thanks)).await;
    let people = form(
        "People",
        json!({ "on": ["CREATED"] }),
        is("by", "REQUESTER"),
        json!([{ "do": "add_tag", "tag": "person" }]),
    );
    save(&desk, &admin, people).await;
    let id = mailbox(&desk, "Support").await;
    for (from, header) in [("robot@example.com", "Auto-Submitted: auto-generated\r\n"), ("marta@example.com", "")] {
        let mail = format!(
            "From: {from}\r\nTo: support@example.com\r\nSubject: Disk\r\nMessage-ID: <{from}>\r\n{header}\r\nIt is full.\r\n"
        );
        take_in(&desk, id, mail.as_bytes()).await;
    }
    run(&desk).await;
    let seen: Vec<(String, Vec<String>, i64)> = sqlx::query_as(
        "SELECT requester_email, tags, (SELECT count(*) FROM ticket_comments c WHERE c.ticket_id = t.id) FROM tickets t ORDER BY requester_email",
    )
    .fetch_all(&desk.db)
    .await
    .unwrap();
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        seen,
        [("marta@example.com".into(), tags(&["person", "seen"]), 1), ("robot@example.com".into(), tags(&["seen"]), 0)]
    );
}

#[tokio::test]
async fn a_rule_plans_a_change_once_in_the_name_of_the_assignee_or_of_its_author() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "admin", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let plan = json!([{ "do": "create_change", "text": "Replace what {{ticket.subject}} is about" }]);
    let rule = save(&desk, &admin, form("Plan it", json!({ "on": ["UPDATED"] }), is("tag", "broken"), plan)).await;
    let first = ticket(&desk, &ana, "Switch 7").await;
    change(&desk, &ana, first.id, TicketPatch { tags: Some(vec!["broken".into()]), ..TicketPatch::default() }).await;
    run(&desk).await;
    let second = ticket(&desk, &ana, "Switch 8").await;
    let given =
        TicketPatch { tags: Some(vec!["broken".into()]), assigned_to_id: Some(ana.user_id), ..TicketPatch::default() };
    change(&desk, &ana, second.id, given).await;
    run(&desk).await;
    let sql = "SELECT title, requested_by_id, related_ticket_id, status FROM change_requests ORDER BY change_number";
    type Row = (String, uuid::Uuid, uuid::Uuid, String);
    let made: Vec<Row> = sqlx::query_as(sql).fetch_all(&desk.db).await.unwrap();
    let expected = [("Switch 7", &admin, first.id), ("Switch 8", &ana, second.id)].map(|(name, who, ticket)| {
        (format!("Replace what {name} is about"), who.user_id.unwrap().0, ticket.0, "DRAFT".to_owned())
    });
    assert_eq!(made, expected);
    assert!(log(&desk, &admin, rule).await.iter().all(|run| run.outcome == RuleOutcome::Fired));
}
