//! What a rule does, all of it or nothing, in one transaction with the note that it was done.

use crate::automation::facts::Seen;
use crate::automation::rules::{Names, action_in_words};
use crate::automation::{Recipient, Rule, RuleAction, RuleOutcome, RuleRunId};
use crate::desk::Desk;
use crate::events::{self, NewEvent};
use crate::macros::{self, Macro, rules::expand};
use crate::people::UserId;
use crate::tickets::commands::{
    AutomaticChange, Kept, change_automatically, link_automatically, prepare_change, reply_automatically, write_note,
};
use crate::tickets::{InternalNote, PublicReply, TicketId, TicketStatus};
use crate::{Actor, EmailAddress, Error, Result, Timestamp, changes, mail, people, webhooks};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// What a rule runs on: once for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Event(Uuid),
    /// The moment that a timed rule counts from.
    Since(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fired {
    Now,
    /// It was done, or found to be impossible, before.
    Before,
    Failed,
}

/// Does what a rule says. What cannot be done is noted with its reason, and nothing of it is done.
pub(super) async fn fire(
    desk: &Desk,
    actor: &Actor,
    (rule, names): (&Rule, &Names),
    ticket: &Seen,
    cause: Cause,
) -> Result<Fired> {
    if is_known(desk, rule, ticket.id, cause).await? {
        return Ok(Fired::Before);
    }
    match act(desk, actor, (rule, names), ticket, cause).await {
        Ok(true) => Ok(Fired::Now),
        Ok(false) => Ok(Fired::Before),
        // It is tried again with the job.
        Err(Error::Unavailable) => Err(Error::Unavailable),
        Err(error) => {
            let said = vec![error.to_string()];
            let mut db = desk.db.acquire().await?;
            note(&mut db, rule, ticket.id, cause, RuleOutcome::Failed, &said).await?;
            Ok(Fired::Failed)
        }
    }
}

async fn is_known(desk: &Desk, rule: &Rule, ticket: TicketId, cause: Cause) -> Result<bool> {
    let (event, since) = cause.parts();
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rule_runs WHERE rule_id = $1 AND ticket_id = $2 AND (event_id = $3 OR since = $4)) AS "known!""#,
        rule.id as _,
        ticket as _,
        event,
        since as _
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(known)
}

impl Cause {
    fn parts(self) -> (Option<Uuid>, Option<Timestamp>) {
        match self {
            Self::Event(event) => (Some(event), None),
            Self::Since(since) => (None, Some(since)),
        }
    }
}

/// The run's row; `None` when there was one.
async fn note(
    db: &mut PgConnection,
    rule: &Rule,
    ticket: TicketId,
    cause: Cause,
    outcome: RuleOutcome,
    said: &[String],
) -> Result<Option<RuleRunId>> {
    let (event, since) = cause.parts();
    let id = sqlx::query_scalar!(
        r#"INSERT INTO rule_runs (rule_id, ticket_id, event_id, since, outcome, said) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT DO NOTHING RETURNING id AS "id: RuleRunId""#,
        rule.id as _,
        ticket as _,
        event,
        since as _,
        outcome as _,
        said
    )
    .fetch_optional(db)
    .await?;
    Ok(id)
}

/// What a rule comes to on a ticket.
#[derive(Default)]
struct Plan {
    change: AutomaticChange,
    replies: Vec<PublicReply>,
    notes: Vec<InternalNote>,
    notices: Vec<(Recipient, String)>,
    links: Vec<crate::tickets::TicketNumber>,
    webhooks: Vec<crate::webhooks::WebhookId>,
    changes: Vec<String>,
    said: Vec<String>,
}

async fn act(desk: &Desk, actor: &Actor, (rule, names): (&Rule, &Names), ticket: &Seen, cause: Cause) -> Result<bool> {
    let macros = macros_of(desk, &rule.actions).await?;
    let mut plan = plan(rule, ticket, &macros, names)?;
    // Two machines must not talk to each other: the limit is one for all that the desk writes by itself.
    if !plan.replies.is_empty() {
        let may = match ticket.requester_email.parse::<EmailAddress>() {
            Ok(email) if !ticket.by_machine => mail::automatic::may_write(desk, &email).await?,
            _ => false,
        };
        if !may {
            plan.replies.clear();
            plan.said.push(
                "nothing was written to whoever asks: a machine wrote, or too much went there in the last hour, or nobody reads there".into(),
            );
        }
    }
    let prepared = prepare_change(desk, actor, &plan.change.patch).await?;
    let mut tx = desk.db.begin().await?;
    // Whoever holds the ticket's row comes first, as with every command; the run's row is then the only one.
    sqlx::query!("SELECT id FROM tickets WHERE id = $1 FOR UPDATE", ticket.id as _).fetch_optional(&mut *tx).await?;
    let Some(run) = note(&mut tx, rule, ticket.id, cause, RuleOutcome::Fired, &plan.said).await? else {
        return Ok(false);
    };
    if plan.change != AutomaticChange::default() {
        change_automatically(&mut tx, actor, ticket.id, plan.change, &prepared).await?;
    }
    for text in &plan.notes {
        write_note(&mut tx, actor, ticket.id, text, &Kept::none()).await?;
    }
    for (at, reply) in plan.replies.iter().enumerate() {
        reply_automatically(desk, &mut tx, actor, ticket.id, reply, &format!("rule:{run}:{at}")).await?;
    }
    for number in &plan.links {
        link_automatically(&mut tx, actor, ticket.id, number).await?;
    }
    for (to, text) in &plan.notices {
        tell(&mut tx, actor, ticket.id, to, text).await?;
    }
    for webhook in &plan.webhooks {
        webhooks::commands::tell_webhook(&mut tx, *webhook, &format!("rule:{run}"), ticket.id, &rule.name).await?;
    }
    if !plan.changes.is_empty() {
        let author = author_of(&mut tx, rule).await?;
        for title in &plan.changes {
            changes::commands::draft_change_of_ticket(&mut tx, actor, ticket.id, author, title).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// Who wrote the rule last, if they are still here.
async fn author_of(tx: &mut PgConnection, rule: &Rule) -> Result<Option<UserId>> {
    let author = sqlx::query_scalar!(
        r#"SELECT u.id AS "id: UserId" FROM rules r JOIN users u ON u.id = coalesce(r.updated_by_id, r.created_by_id)
           WHERE r.id = $1 AND u.active AND u.deleted_at IS NULL"#,
        rule.id as _
    );
    Ok(author.fetch_optional(tx).await?)
}

fn plan(rule: &Rule, ticket: &Seen, macros: &[Macro], names: &Names) -> Result<Plan> {
    let facts = macros::rules::Facts {
        requester_name: ticket.requester_name.clone().unwrap_or_else(|| ticket.requester_email.clone()),
        requester_email: ticket.requester_email.clone(),
        ticket_number: ticket.number.to_string(),
        ticket_subject: ticket.subject.clone(),
        agent_name: ticket.assignee_name.clone().unwrap_or_else(|| "the service desk".to_owned()),
    };
    let mut plan = Plan::default();
    for action in &rule.actions {
        plan.said.push(action_in_words(action, names));
        let change = &mut plan.change;
        match action {
            RuleAction::SetStatus { status, text } => {
                set_status(change, *status, text.as_deref().map(|text| expand(text, &facts)));
            }
            RuleAction::SetPriority { priority } => change.patch.priority = Some(*priority),
            RuleAction::RaisePriority => change.raises_priority = true,
            RuleAction::SetQueue { queue } => change.patch.queue_id = Some(Some(*queue)),
            RuleAction::SetCategory { category, subcategory } => {
                change.patch.category = Some(Some(category.clone()));
                change.patch.subcategory = Some(subcategory.clone());
            }
            RuleAction::SetField { key, value } => {
                change.patch.custom_fields.insert(key.clone(), value.clone());
            }
            RuleAction::AssignTo { user } => change.patch.assigned_to_id = Some(Some(*user)),
            RuleAction::AssignBy { rule } => change.assigns_by = Some(*rule),
            RuleAction::Unassign => change.patch.assigned_to_id = Some(None),
            RuleAction::AddTag { tag } => change.adds_tags.push(tag.clone()),
            RuleAction::RemoveTag { tag } => change.removes_tags.push(tag.clone()),
            RuleAction::Reply { text } => plan.replies.push(PublicReply::parse(&expand(text, &facts))?),
            RuleAction::Note { text } => plan.notes.push(InternalNote::parse(&expand(text, &facts))?),
            RuleAction::Notify { to, text } => plan.notices.push((to.clone(), expand(text, &facts))),
            RuleAction::Link { ticket } => plan.links.push(ticket.clone()),
            RuleAction::Webhook { webhook } => plan.webhooks.push(*webhook),
            RuleAction::CreateChange { text } => plan.changes.push(expand(text, &facts)),
            RuleAction::RunMacro { r#macro } => {
                let gone = || Error::invalid("actions", "The macro that this rule uses is gone.");
                let used = macros.iter().find(|known| known.id == *r#macro).ok_or_else(gone)?;
                change.patch.priority = used.priority.or(change.patch.priority);
                change.adds_tags.extend(used.tags.iter().cloned());
                let text = expand(&used.body, &facts);
                if let Some(status) = used.status {
                    set_status(change, status, Some(text.clone()).filter(|text| !text.is_empty()));
                }
                if !text.is_empty() {
                    plan.replies.push(PublicReply::parse(&text)?);
                }
            }
        }
    }
    Ok(plan)
}

fn set_status(change: &mut AutomaticChange, status: TicketStatus, text: Option<String>) {
    change.patch.status = Some(status);
    match status {
        TicketStatus::Cancelled => change.patch.cancel_reason = text,
        TicketStatus::Resolved | TicketStatus::Closed => change.patch.resolution_note = text,
        _ => {}
    }
}

async fn macros_of(desk: &Desk, actions: &[RuleAction]) -> Result<Vec<Macro>> {
    if !actions.iter().any(|action| matches!(action, RuleAction::RunMacro { .. })) {
        return Ok(Vec::new());
    }
    macros::queries::shared_macros(desk).await
}

async fn tell(tx: &mut PgConnection, actor: &Actor, ticket: TicketId, to: &Recipient, text: &str) -> Result<()> {
    let people: Vec<UserId> =
        match to {
            Recipient::User(user) => vec![*user],
            Recipient::Role(role) => people::queries::people_with_role(&mut *tx, role).await?,
            Recipient::Assignee => sqlx::query_scalar!(
                r#"SELECT assigned_to_id AS "id!: UserId" FROM tickets WHERE id = $1 AND assigned_to_id IS NOT NULL"#,
                ticket as _
            )
            .fetch_all(&mut *tx)
            .await?,
            Recipient::Queue => crate::queues::queries::members_of(&mut *tx, ticket).await?,
        };
    if people.is_empty() {
        return Ok(());
    }
    let data = json!({ "people": people, "text": text });
    events::record(tx, actor, NewEvent { kind: "ticket.told", ticket_id: ticket, is_internal: true, data }).await?;
    Ok(())
}
