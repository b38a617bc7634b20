//! Making tickets.

use super::{History, record, remember_tags, write_history};
use crate::categories::{self, Place};
use crate::desk::Desk;
use crate::fields;
use crate::mail::MailboxId;
use crate::mail::outbox::{self, Mail};
use crate::mail::templates::{self, TemplateName, first_name};
use crate::people::UserId;
use crate::people::throttle::{self, ANONYMOUS_FORM, ANONYMOUS_UPLOAD};
use crate::queues::{self, commands::next_assignee};
use crate::tickets::guest::address_of;
use crate::tickets::{IncomingFile, NewTicket, TicketId, TicketNumber, TicketPriority, TicketSource, attachments};
use crate::{Actor, Origin, Permission, Result};
use serde_json::json;
use sqlx::PgConnection;

/// A ticket that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    pub id: TicketId,
    pub ticket_number: TicketNumber,
}

/// Counts a stranger's form before it is read. RateLimited when too many came from the address in the last hour.
pub async fn admit_form(desk: &Desk, actor: &Actor) -> Result<()> {
    match (&actor.origin, &actor.address) {
        (Origin::Anonymous | Origin::Link, Some(address)) => {
            throttle::count(&desk.db, &format!("form:{address}"), ANONYMOUS_UPLOAD).await
        }
        _ => Ok(()),
    }
}

/// Makes a ticket, with its files. Strangers may too, through the public form, a limited number an hour and address;
/// whoever does not work tickets makes them for themselves only.
pub async fn create_ticket(
    desk: &Desk,
    actor: &Actor,
    mut new: NewTicket,
    mut files: Vec<IncomingFile>,
) -> Result<Created> {
    if matches!(actor.origin, Origin::Anonymous | Origin::Link) {
        if let Some(address) = &actor.address {
            throttle::count(&desk.db, &format!("ticket:{address}"), ANONYMOUS_FORM).await?;
        }
    } else {
        actor.require(Permission::TicketCreate)?;
    }
    if !actor.can(Permission::TicketUpdate) {
        // A requester does not choose the queue, and asks in their own name.
        new.queue_id = None;
        if let Some(email) = &actor.email {
            new.requester_email = email.clone();
            new.requester_name = Some(actor.name.clone());
        }
    }
    let new = arrange_ticket(desk, actor, new).await?;
    let kept = attachments::keep_all(desk, &mut files).await?;
    let result = insert_ticket(desk, actor, &new, &kept).await;
    kept.settle(desk, result).await
}

/// What the category brings with it, and the custom fields checked. What is required is required of forms and of the
/// API: a mail cannot know, and whoever takes a call asks while they speak.
pub(crate) async fn arrange_ticket(desk: &Desk, actor: &Actor, mut new: NewTicket) -> Result<NewTicket> {
    let tree = match new.category {
        Some(_) => categories::queries::list_categories(desk, actor).await?,
        None => Vec::new(),
    };
    let Place { ids, category, subcategory, queue_id, priority } =
        categories::place(&tree, new.category.as_deref(), new.subcategory.as_deref());
    (new.category, new.subcategory) = (category, subcategory);
    // A queue that was retired since the category named it must not turn anyone away.
    if let (None, Some(queue)) = (new.queue_id, queue_id)
        && queues::queries::takes_tickets(desk, queue).await?
    {
        new.queue_id = Some(queue);
    }
    new.priority = new.priority.or(priority);
    let fields = fields::queries::fields_of(desk, actor, &ids, new.queue_id).await?;
    let asked: Vec<_> = fields.into_iter().filter(|field| field.is_public || actor.is_agent()).collect();
    let must_be_whole =
        matches!(new.source, TicketSource::Form | TicketSource::Api | TicketSource::AiChat) && !actor.is_agent();
    new.custom_fields = fields::rules::check_new_values(&asked, std::mem::take(&mut new.custom_fields), must_be_whole)?;
    fields::queries::check_people(desk, &asked, new.custom_fields.iter()).await?;
    Ok(new)
}

async fn insert_ticket(desk: &Desk, actor: &Actor, new: &NewTicket, files: &attachments::Kept) -> Result<Created> {
    let mut tx = desk.db.begin().await?;
    let created = write_ticket(desk, &mut tx, actor, new, files, true, None).await?;
    tx.commit().await?;
    Ok(created)
}

/// The message that a ticket is made of.
#[derive(Clone, Copy)]
pub(crate) struct CameBy<'a> {
    pub message_id: Option<&'a str>,
    pub mailbox: MailboxId,
    /// A machine wrote it: nothing answers it by itself.
    pub is_automatic: bool,
}

/// Writes a ticket that was arranged in the caller's transaction, with everything that follows from it; its requester is
/// told where `acknowledge` says so.
pub(crate) async fn write_ticket(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    new: &NewTicket,
    files: &attachments::Kept,
    acknowledge: bool,
    came_by: Option<CameBy<'_>>,
) -> Result<Created> {
    remember_tags(&mut *tx, &new.tags).await?;
    // Before the number is taken: what waits for a queue must not make everyone wait for the counter.
    let assignee = match new.queue_id {
        Some(queue) => next_assignee(&mut *tx, queue, &new.tags).await?,
        None => None,
    };
    let (created, is_strangers) = insert_row(&mut *tx, actor, new, assignee, came_by).await?;
    files.attach(&mut *tx, actor, created.id, None).await?;
    write_history(&mut *tx, actor, created.id, History::done("CREATED")).await?;
    if let Some(assignee) = assignee {
        let (rule, assignee) = (Actor::system("assignment rule"), assignee.to_string());
        let given = History::of("ASSIGNED", "assigned_to_id", None, Some(&assignee));
        write_history(&mut *tx, &rule, created.id, given).await?;
    }
    let data = match came_by.is_some_and(|came_by| came_by.is_automatic) {
        true => json!({ "is_automatic": true }),
        false => json!({}),
    };
    record(&mut *tx, actor, created.id, "ticket.created", false, data).await?;
    if acknowledge {
        let (number, email) = (&created.ticket_number, new.requester_email.as_str());
        let address = address_of(desk, created.id, number, email, is_strangers);
        let name = new.requester_name.as_deref().unwrap_or_default();
        let values = json!({
            "ticket": { "number": number, "subject": new.subject },
            "requester": { "name": name, "first_name": first_name(name) },
            "link": address,
            "desk": { "link": &*desk.base_url },
        });
        let mail = Mail::from(templates::queries::write(&mut *tx, TemplateName::Received, &values).await?);
        outbox::queue(tx, &new.requester_email, &mail, &format!("created:{}", created.id), Some(created.id)).await?;
    }
    Ok(created)
}

/// Writes the row with its number, and answers whether its requester has no account. The number's counter stays locked from here to the commit, so little happens after.
pub(super) async fn insert_row(
    tx: &mut PgConnection,
    actor: &Actor,
    new: &NewTicket,
    assignee: Option<UserId>,
    came_by: Option<CameBy<'_>>,
) -> Result<(Created, bool)> {
    // Whoever is signed in sees what they sent themselves.
    let own = actor.user_id.filter(|_| actor.email.as_ref() == Some(&new.requester_email));
    // Only a confirmed address: whoever merely registered someone's address must not see what comes from it. The
    // rest follows when the address is confirmed.
    let requester = sqlx::query!(
        "SELECT id, organisation_id, nullif(concat_ws(' ', first_name, last_name), '') AS name FROM users
         WHERE lower(email) = $1 AND deleted_at IS NULL AND (email_verified OR id = $2)",
        new.requester_email.as_str(),
        own as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let row = sqlx::query!(
        "INSERT INTO tickets (ticket_number, subject, description, priority, source, category, subcategory, tags,
           queue_id, requester_email, requester_name, requester_id, organisation_id, created_by_id, updated_by_id,
           custom_fields, assigned_to_id, assigned_at, email_message_id, email_configuration_id)
         VALUES (next_number('TKT'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15,
           CASE WHEN $15::uuid IS NOT NULL THEN now() END, $16, $17)
         RETURNING id, ticket_number",
        new.subject,
        new.description,
        new.priority.unwrap_or(TicketPriority::Medium) as _,
        new.source as _,
        new.category,
        new.subcategory,
        &new.tags,
        new.queue_id as _,
        new.requester_email.as_str(),
        new.requester_name.as_ref().or_else(|| requester.as_ref().and_then(|person| person.name.as_ref())),
        requester.as_ref().map(|person| person.id) as _,
        requester.as_ref().and_then(|person| person.organisation_id).filter(|_| !new.is_private),
        actor.user_id as _,
        serde_json::to_value(&new.custom_fields).map_err(crate::Error::internal)?,
        assignee as _,
        came_by.and_then(|came_by| came_by.message_id),
        came_by.map(|came_by| came_by.mailbox) as _,
    )
    .fetch_one(tx)
    .await?;
    Ok((Created { id: row.id, ticket_number: row.ticket_number }, requester.is_none()))
}

/// Hands someone the tickets that came from their confirmed address before they had an account.
pub(crate) async fn claim_tickets(tx: &mut PgConnection, user: UserId, email: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE tickets SET requester_id = $1,
           organisation_id = coalesce(organisation_id, (SELECT organisation_id FROM users WHERE id = $1))
         WHERE lower(requester_email) = lower($2) AND requester_id IS NULL",
        user as _,
        email
    )
    .execute(tx)
    .await?;
    Ok(())
}
