//! A small desk with one account per role, a few queues and a morning's tickets.

use super::{arrangement, articles, assets, changes};
use crate::desk::Desk;
use crate::people::{NewUser, UserId, commands as people, queries};
use crate::tickets::rules::{TicketDraft, check_new_ticket};
use crate::tickets::{
    InternalNote, ProblemForm, PublicReply, QueueId, TicketId, TicketPatch, TicketSource, TicketStatus, commands,
};
use crate::{Actor, Origin, Result};

/// The password of every demo account.
pub const PASSWORD: &str = "demo-password";

/// Address, name, role.
pub const ACCOUNTS: [(&str, &str, &str); 5] = [
    ("admin@demo.test", "Ada Admin", "ADMIN"),
    ("manager@demo.test", "Mona Manager", "IT_MANAGER"),
    ("agent@demo.test", "Ana Ruiz", "AGENT"),
    ("user@demo.test", "Uli User", "END_USER"),
    ("requester@demo.test", "Marta Lind", "REQUESTER"),
];

/// Makes the demo data in a database without people; `false` when there are some already.
pub async fn seed(desk: &Desk) -> Result<bool> {
    let mut lock = desk.db.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('oxdesk demo'))").execute(&mut *lock).await?;
    if sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM users) AS "any!""#).fetch_one(&desk.db).await? {
        return Ok(false);
    }
    let system = Actor::system("demo data");
    let mut ids = Vec::new();
    for (email, name, role) in ACCOUNTS {
        let new =
            NewUser { email: email.parse()?, name: name.into(), role: role.into(), password: Some(PASSWORD.into()) };
        ids.push(people::add_user(desk, &system, new).await?);
    }
    for (email, name) in [("ben@demo.test", "Ben Okafor"), ("chen@demo.test", "Chen Wei")] {
        let new = NewUser { email: email.parse()?, name: name.into(), role: "AGENT".into(), password: None };
        ids.push(people::add_user(desk, &system, new).await?);
    }
    let agents = [ids[2], ids[5], ids[6]];
    let queues = make_queues(desk, &agents).await?;
    arrangement::employ(desk, &ids[3..5]).await?;
    arrangement::arrange(desk, &system, &queues).await?;
    arrangement::promise(desk, &system).await?;
    let agent = actor(desk, agents[0]).await?;
    let mut told = Vec::new();
    for (index, story) in STORIES.iter().enumerate() {
        told.push((story.subject, tell(desk, &agent, &ids, &queues, &agents, index, story).await?));
    }
    assets::install(desk, &system, &told).await?;
    let number = told.iter().find(|(subject, _)| subject.starts_with("VPN drops")).map(|(_, id)| *id);
    let number = match number {
        Some(id) => {
            commands::save_problem(desk, &agent, id, None, &vpn_problem()).await?;
            Some(crate::tickets::queries::ticket(desk, &agent, id).await?.ticket_number)
        }
        None => None,
    };
    changes::install(desk, &agent, &actor(desk, ids[1]).await?, &actor(desk, ids[0]).await?, number).await?;
    crate::sla::commands::recount(desk).await?;
    arrangement::connect(desk, &system, queues[0]).await?;
    articles::write(desk, &agent).await?;
    arrangement::staff(desk, &system, queues[2], &agents[..2]).await?;
    lock.commit().await?;
    crate::reports::commands::roll_up(desk).await?;
    Ok(true)
}

fn vpn_problem() -> ProblemForm {
    ProblemForm {
        root_cause: Some(
            "Since its update on Sunday the VPN gateway ends tunnels that carry nothing for ten minutes.".into(),
        ),
        workaround: Some("In the VPN program, choose Settings, Connection, and switch on Keep alive.".into()),
        is_known_error: true,
    }
}

/// Whether the accounts with the public password are in this database.
pub async fn has_demo_accounts(desk: &Desk) -> Result<bool> {
    let addresses: Vec<String> = ACCOUNTS.iter().map(|(email, _, _)| (*email).to_owned()).collect();
    let any = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users WHERE email = ANY($1) AND active AND deleted_at IS NULL) AS "any!""#,
        &addresses
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(any)
}

async fn actor(desk: &Desk, user: UserId) -> Result<Actor> {
    queries::actor_for_user(desk, user, Origin::Session).await?.ok_or(crate::Error::NotFound)
}

async fn make_queues(desk: &Desk, members: &[UserId]) -> Result<Vec<QueueId>> {
    let mut queues = Vec::new();
    for name in ["Service desk", "Network", "Workplace"] {
        let queue =
            sqlx::query_scalar!("INSERT INTO queues (name) VALUES ($1) RETURNING id", name).fetch_one(&desk.db).await?;
        for member in members {
            sqlx::query!("INSERT INTO queue_members (queue_id, user_id) VALUES ($1, $2)", queue as _, *member as _)
                .execute(&desk.db)
                .await?;
        }
        queues.push(queue);
    }
    Ok(queues)
}

/// One ticket of the demo desk.
struct Story {
    subject: &'static str,
    description: &'static str,
    priority: &'static str,
    tags: &'static [&'static str],
    queue: usize,
    /// Which agent has it.
    assignee: Option<usize>,
    status: TicketStatus,
    /// Minutes from now until it is due; negative is late.
    due_in: i32,
    reply: Option<&'static str>,
    note: Option<&'static str>,
}

async fn tell(
    desk: &Desk,
    agent: &Actor,
    ids: &[UserId],
    queues: &[QueueId],
    agents: &[UserId],
    index: usize,
    story: &Story,
) -> Result<TicketId> {
    let requester = actor(desk, ids[if index.is_multiple_of(3) { 4 } else { 3 }]).await?;
    let draft = TicketDraft {
        subject: story.subject.into(),
        description: story.description.into(),
        priority: Some(story.priority.into()),
        tags: story.tags.iter().map(|tag| (*tag).into()).collect(),
        queue_id: Some(queues[story.queue].to_string()),
        category: Some(["Software", "Network", "Hardware"][story.queue].to_owned()),
        requester_email: requester.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        requester_name: Some(requester.name.clone()),
        ..TicketDraft::default()
    };
    let new = check_new_ticket(draft, TicketSource::Form)?;
    let id = commands::create_ticket(desk, agent, new, Vec::new()).await?.id;
    if let Some(text) = story.note {
        commands::add_note(desk, agent, id, InternalNote::parse(text)?, Vec::new()).await?;
    }
    if let Some(text) = story.reply {
        commands::add_reply(desk, agent, id, PublicReply::parse(text)?, None, Vec::new()).await?;
    }
    finish(desk, agent, id, agents, story).await?;
    Ok(id)
}

async fn finish(desk: &Desk, agent: &Actor, id: TicketId, agents: &[UserId], story: &Story) -> Result<()> {
    let version = crate::tickets::queries::ticket(desk, agent, id).await?.version;
    let patch = TicketPatch {
        status: Some(story.status),
        resolution_note: Some("Automatic time on the phone: its clock was four minutes off.".into()),
        assigned_to_id: story.assignee.map(|index| Some(agents[index])),
        ..TicketPatch::default()
    };
    commands::update_ticket(desk, agent, id, version, patch).await?;
    // It came so long ago that it is due when its story says, and all that happened on it as well.
    let earlier = sqlx::query_scalar!(
        r#"SELECT greatest(0, CASE WHEN t.first_response_at IS NULL THEN p.first_response_time ELSE p.resolution_time END - $2) AS "minutes!"
           FROM tickets t JOIN sla_policies p ON p.id = t.sla_policy_id WHERE t.id = $1"#,
        id as _,
        story.due_in
    )
    .fetch_optional(&desk.db)
    .await?
    .unwrap_or_default();
    for table in ["ticket_comments", "ticket_history"] {
        let shift =
            format!("UPDATE {table} SET created_at = created_at - make_interval(mins => $2) WHERE ticket_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(shift)).bind(id).bind(earlier).execute(&desk.db).await?;
    }
    sqlx::query!(
        "WITH paused AS (UPDATE sla_pauses SET from_at = from_at - make_interval(mins => $2), to_at = to_at - make_interval(mins => $2) WHERE ticket_id = $1)
         UPDATE tickets SET created_at = created_at - make_interval(mins => $2), first_response_at = first_response_at - make_interval(mins => $2), status_since = status_since - make_interval(mins => $2),
           resolved_at = resolved_at - make_interval(mins => $2), closed_at = closed_at - make_interval(mins => $2) WHERE id = $1",
        id as _,
        earlier
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}

const STORIES: [Story; 12] = [
    Story {
        subject: "VPN drops every ten minutes since this morning",
        description: "Hello, since about half past eight the VPN drops every ten minutes. Teams calls end in the middle. The whole sales floor has it, about 40 people.\n\nRestarting the laptop helps for a few minutes.",
        priority: "CRITICAL",
        tags: &["network"],
        queue: 1,
        assignee: Some(0),
        status: TicketStatus::InProgress,
        due_in: 12,
        reply: Some(
            "Good morning Marta, thank you for the quick report. We see it on the gateway as well and are on it.",
        ),
        note: Some(
            "Gateway gw-02 renegotiates every 600 s since the firmware change last night. Rolling back needs an emergency change.",
        ),
    },
    Story {
        subject: "Cannot open payroll exports after the update",
        description: "Excel says the file is damaged. I need it for the salaries today.",
        priority: "HIGH",
        tags: &["finance"],
        queue: 0,
        assignee: None,
        status: TicketStatus::New,
        due_in: 38,
        reply: None,
        note: None,
    },
    Story {
        subject: "Laptop battery swollen, please replace",
        description: "The touchpad does not click any more and the case bulges.",
        priority: "MEDIUM",
        tags: &["hardware", "safety"],
        queue: 2,
        assignee: Some(1),
        status: TicketStatus::Waiting,
        due_in: 300,
        reply: Some("Please stop using it and do not charge it. Can you send a photo?"),
        note: None,
    },
    Story {
        subject: "New starter on Monday: accounts and a laptop",
        description: "Jonas Weber starts on Monday in Logistics. He needs the usual accounts and a laptop.",
        priority: "MEDIUM",
        tags: &["onboarding"],
        queue: 0,
        assignee: Some(0),
        status: TicketStatus::InProgress,
        due_in: 200,
        reply: None,
        note: Some("Laptop is ordered, arrives Friday."),
    },
    Story {
        subject: "How do I share a calendar with another team?",
        description: "I would like the warehouse team to see our delivery calendar.",
        priority: "LOW",
        tags: &[],
        queue: 0,
        assignee: None,
        status: TicketStatus::New,
        due_in: 310,
        reply: None,
        note: None,
    },
    Story {
        subject: "Printer on floor 3 prints blank pages",
        description: "Third time this month. The test page is blank too.",
        priority: "HIGH",
        tags: &["printing"],
        queue: 2,
        assignee: Some(2),
        status: TicketStatus::InProgress,
        due_in: 65,
        reply: None,
        note: None,
    },
    Story {
        subject: "Request: second monitor",
        description: "For the planning sheets one screen is too small.",
        priority: "LOW",
        tags: &["purchase"],
        queue: 2,
        assignee: Some(1),
        status: TicketStatus::Waiting,
        due_in: 900,
        reply: Some("Gladly. Has your manager agreed?"),
        note: None,
    },
    Story {
        subject: "Shared mailbox info@ is missing in Outlook",
        description: "It was there on Friday.",
        priority: "MEDIUM",
        tags: &["mail"],
        queue: 0,
        assignee: None,
        status: TicketStatus::New,
        due_in: 360,
        reply: None,
        note: None,
    },
    Story {
        subject: "Two-factor codes are rejected",
        description: "Every code is wrong, on two attempts I was locked out.",
        priority: "MEDIUM",
        tags: &["access"],
        queue: 0,
        assignee: Some(0),
        status: TicketStatus::Resolved,
        due_in: 100,
        reply: Some("The clock of your phone was off by four minutes. Switch on automatic time and it works."),
        note: None,
    },
    Story {
        subject: "Wi-Fi in meeting room 2.14 is very slow",
        description: "Video calls freeze, next door it is fine.",
        priority: "MEDIUM",
        tags: &["network"],
        queue: 1,
        assignee: None,
        status: TicketStatus::New,
        due_in: 420,
        reply: None,
        note: None,
    },
    Story {
        subject: "Access to the archive share for the audit",
        description: "The auditors need to read \\\\files\\archive until the end of the month.",
        priority: "LOW",
        tags: &["access"],
        queue: 0,
        assignee: Some(2),
        status: TicketStatus::InProgress,
        due_in: 1560,
        reply: None,
        note: None,
    },
    Story {
        subject: "Scanner at goods-in does not read labels",
        description: "Deliveries are piling up.",
        priority: "HIGH",
        tags: &["warehouse"],
        queue: 2,
        assignee: None,
        status: TicketStatus::New,
        due_in: -15,
        reply: None,
        note: None,
    },
];
