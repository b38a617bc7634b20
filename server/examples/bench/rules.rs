//! Rules: what two hundred of them cost an event, and a sweep of timed ones where nothing is due.

use oxdesk::automation::commands::{RuleForm, run_rules, save_rule, sweep_rules};
use oxdesk::desk::Desk;
use oxdesk::{Actor, Timestamp, testing};
use serde_json::json;
use std::time::Instant;

/// How many rules wait for a new ticket.
const RULES: usize = 200;
/// How many events each measurement runs them on.
const EVENTS: usize = 100;

pub struct Cost {
    /// Milliseconds that [`RULES`] add to the follow-up of an event on which none fires, and on which one does.
    pub none: f64,
    pub one: f64,
    /// Of a sweep of ten timed rules with nothing due.
    pub sweep: f64,
}

pub async fn cost(desk: &Desk, agent: &Actor) -> Cost {
    let system = Actor::system("bench");
    let before = follow(desk, agent, "Nothing").await;
    for number in 0..RULES {
        let rule = form(
            &format!("Bench {number}"),
            json!({ "on": ["CREATED"] }),
            json!({ "all": [{ "field": "subject", "is": "CONTAINS", "values": [format!("fires {number}.")] }, { "field": "status", "is": "IS", "values": ["NEW"] }] }),
            json!([{ "do": "set_priority", "priority": "HIGH" }]),
        );
        save_rule(desk, &system, None, &rule).await.unwrap();
    }
    let none = follow(desk, agent, "Nothing").await - before;
    let one = follow(desk, agent, "It fires 117.").await - before;
    for number in 0..10 {
        let timed = form(
            &format!("Timed {number}"),
            json!({ "since": "STATUS", "minutes": 1440 * (number + 1) }),
            json!({ "field": "tag", "is": "IS", "values": ["no such tag"] }),
            json!([{ "do": "raise_priority" }]),
        );
        save_rule(desk, &system, None, &timed).await.unwrap();
    }
    sweep_rules(desk, Timestamp::now()).await.unwrap();
    let started = Instant::now();
    for _ in 0..20 {
        sweep_rules(desk, Timestamp::now()).await.unwrap();
    }
    Cost { none, one, sweep: started.elapsed().as_secs_f64() * 1000.0 / 20.0 }
}

fn form(name: &str, moment: serde_json::Value, condition: serde_json::Value, actions: serde_json::Value) -> RuleForm {
    let rule = json!({ "name": name, "enabled": true, "moment": moment, "condition": condition, "actions": actions });
    serde_json::from_value(rule).unwrap()
}

/// Milliseconds of running the rules on the creation of a ticket, the median.
async fn follow(desk: &Desk, agent: &Actor, subject: &str) -> f64 {
    let mut took = Vec::new();
    for _ in 0..EVENTS {
        let made = testing::ticket(desk, agent, subject).await;
        let event = sqlx::query_scalar("SELECT id FROM events WHERE ticket_id = $1 ORDER BY id LIMIT 1")
            .bind(made.id)
            .fetch_one(&desk.db)
            .await
            .unwrap();
        let started = Instant::now();
        run_rules(desk, event).await.unwrap();
        took.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    took[EVENTS / 2]
}
