//! What the demo desk's administrators have arranged: categories, fields, a team, an organisation.

use crate::categories::{CategoryId, NewCategory, commands as categories};
use crate::desk::Desk;
use crate::fields::{NewField, commands as fields};
use crate::mail::{MailboxForm, mailboxes};
use crate::people::UserId;
use crate::queues::{NewQueue, commands as queues};
use crate::sla::commands::{PolicyForm, StepForm, save_policy};
use crate::sla::{Moment, SlaTarget, StepAction};
use crate::tickets::{QueueId, TicketStatus};
use crate::{Actor, Result};

/// Category, what for, its queue's place, subcategories.
const TREE: [(&str, &str, usize, &[&str]); 4] = [
    ("Access", "Accounts, passwords, new colleagues", 0, &["Password", "New employee"]),
    ("Software", "Programs that are missing or misbehave", 0, &["Installation", "Error message"]),
    ("Network", "VPN, Wi-Fi, drives", 1, &["VPN", "Wi-Fi"]),
    ("Hardware", "Laptops, screens, printers", 2, &["Laptop", "Screen", "Printer"]),
];

/// A mailbox without any server: `oxdesk mail ingest --mailbox Support`, or “Try a message”, brings mail into it.
pub async fn connect(desk: &Desk, system: &Actor, queue: QueueId) -> Result<()> {
    let form = MailboxForm {
        name: "Support".into(),
        kind: "SMTP".into(),
        smtp_from_email: Some("support@demo.test".into()),
        smtp_from_name: Some("Service desk".into()),
        ticket_queue_id: Some(queue.to_string()),
        active: true,
        plus_addressing: true,
        ..MailboxForm::default()
    };
    mailboxes::create_mailbox(desk, system, form).await?;
    Ok(())
}

/// Makes the tree and the fields that hang on it.
pub async fn arrange(desk: &Desk, system: &Actor, queues: &[QueueId]) -> Result<()> {
    let (mut new_employee, mut hardware) = (None, None);
    for (name, description, queue, under) in TREE {
        let top = category(desk, system, name, Some(description), None, queues.get(queue).copied()).await?;
        hardware = (name == "Hardware").then_some(top).or(hardware);
        for sub in under {
            let made = category(desk, system, sub, None, Some(top), None).await?;
            new_employee = (*sub == "New employee").then_some(made).or(new_employee);
        }
    }
    let of = |category: Option<CategoryId>| category.map(|id| id.to_string());
    let declared = [
        NewField {
            label: "Device".into(),
            kind: "CHOICE".into(),
            choices: ["Company laptop", "Own device", "Shared device"].map(str::to_owned).into(),
            is_public: true,
            category_id: of(hardware),
            ..NewField::default()
        },
        NewField {
            label: "Inventory number".into(),
            kind: "TEXT".into(),
            help: Some("On the sticker under the laptop, as in L-0418.".into()),
            is_public: true,
            category_id: of(hardware),
            asked_when_key: Some("device".into()),
            asked_when_value: Some("Company laptop".into()),
            ..NewField::default()
        },
        NewField {
            label: "First day".into(),
            kind: "DATE".into(),
            required: true,
            is_public: true,
            category_id: of(new_employee),
            ..NewField::default()
        },
        NewField {
            label: "Needs".into(),
            kind: "MULTI_CHOICE".into(),
            choices: ["Laptop", "Phone", "Badge", "Parking"].map(str::to_owned).into(),
            is_public: true,
            category_id: of(new_employee),
            ..NewField::default()
        },
        NewField {
            label: "Cost centre".into(),
            kind: "TEXT".into(),
            help: Some("Four digits.".into()),
            ..NewField::default()
        },
        NewField { label: "On site".into(), kind: "YES_NO".into(), ..NewField::default() },
    ];
    for field in declared {
        fields::save_field(desk, system, None, field).await?;
    }
    Ok(())
}

/// Colleagues who see each other's requests, unless someone says otherwise.
pub async fn employ(desk: &Desk, people: &[UserId]) -> Result<()> {
    sqlx::query!(
        "WITH made AS (INSERT INTO organisations (name, shares_tickets) VALUES ('Lind & Sons', true) RETURNING id)
         UPDATE users SET organisation_id = (SELECT id FROM made) WHERE id = ANY($1)",
        people as _
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}

/// A team, and a queue that gives its tickets out in turn: once the morning's tickets are where they belong.
pub async fn staff(desk: &Desk, system: &Actor, workplace: QueueId, agents: &[UserId]) -> Result<()> {
    let team = queues::save_team(desk, system, None, "Field service").await?;
    for agent in agents {
        queues::add_team_member(desk, system, team, *agent).await?;
    }
    let new = NewQueue {
        name: "Workplace".into(),
        description: Some("Everything on a desk".into()),
        active: true,
        assignment_rule: Some("ROUND_ROBIN".into()),
        ..NewQueue::default()
    };
    queues::save_queue(desk, system, Some(workplace), new).await?;
    Ok(())
}

async fn category(
    desk: &Desk,
    system: &Actor,
    name: &str,
    description: Option<&str>,
    parent: Option<CategoryId>,
    queue: Option<QueueId>,
) -> Result<CategoryId> {
    let new = NewCategory {
        name: name.to_owned(),
        parent_id: parent.map(|id| id.to_string()),
        description: description.map(str::to_owned),
        queue_id: queue.map(|id| id.to_string()),
        is_public: true,
        ..NewCategory::default()
    };
    categories::save_category(desk, system, None, new).await
}

/// What is promised: around the clock, faster for what is worse.
pub async fn promise(desk: &Desk, system: &Actor) -> Result<()> {
    let promises = [("CRITICAL", 30, 240), ("HIGH", 60, 480), ("MEDIUM", 240, 1440), ("LOW", 480, 2880)];
    for (priority, first_response_time, resolution_time) in promises {
        let step = |target, minutes, actions: &[StepAction]| StepForm {
            target,
            moment: Moment::Minutes(minutes),
            actions: actions.to_vec(),
        };
        let form = PolicyForm {
            name: format!("Standard, {}", priority.to_lowercase()),
            priority: priority.to_owned(),
            first_response_time,
            resolution_time,
            pauses_in: vec![TicketStatus::Waiting],
            active: true,
            steps: vec![
                step(SlaTarget::FirstResponse, -15, &[StepAction::NotifyAssignee]),
                step(SlaTarget::Resolution, -60, &[StepAction::NotifyAssignee]),
                step(SlaTarget::Resolution, 0, &[StepAction::NotifyRole { role: "IT_MANAGER".to_owned() }]),
            ],
            ..PolicyForm::default()
        };
        save_policy(desk, system, None, &form).await?;
    }
    Ok(())
}
