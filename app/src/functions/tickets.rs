//! Tickets: lists, pages, changes.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::categories::Category;
use oxdesk::fields::Field;
use oxdesk::macros::Macro;
use oxdesk::people::Person;
use oxdesk::tickets::{BulkOutcome, Queue, TicketFilter, TicketGroup, TicketGrouping, TicketList, TicketPage};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::categories::split_path;
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::{TicketDraft, check_new_ticket, rename};
#[cfg(feature = "ssr")]
use oxdesk::tickets::{TicketId, TicketNumber, TicketPatch, TicketSource, commands, queries};

#[server(prefix = "/fn", endpoint = "list_tickets", input = server_fn::codec::Json)]
pub async fn list_tickets(filter: TicketFilter, after: Option<String>) -> Result<TicketList> {
    Ok(queries::list_tickets(&desk()?, &actor(), &filter, after.as_deref(), 50).await?)
}

/// The same tickets under headings: the first of each group.
#[server(prefix = "/fn", endpoint = "group_tickets", input = server_fn::codec::Json)]
pub async fn group_tickets(filter: TicketFilter, by: TicketGrouping) -> Result<Vec<TicketGroup>> {
    Ok(queries::group_tickets(&desk()?, &actor(), &filter, by).await?)
}

#[server(prefix = "/fn", endpoint = "read_ticket")]
pub async fn read_ticket(number: String) -> Result<TicketPage> {
    let (desk, actor) = (desk()?, actor());
    actor.identified()?;
    let number: TicketNumber = number.parse().map_err(|_| AppError::from(oxdesk::Error::NotFound))?;
    let id = queries::shown_by_number(&desk, &actor, &number).await?;
    let page = queries::ticket_page(&desk, &actor, id).await?;
    if crate::session::is_page() {
        oxdesk::notifications::commands::mark_ticket_read(&desk, &actor, id).await?;
    }
    Ok(page)
}

/// Whom and where a ticket can be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    pub people: Vec<Person>,
    pub queues: Vec<Queue>,
    pub macros: Vec<Macro>,
    pub categories: Vec<Category>,
    pub fields: Vec<Field>,
}

#[server(prefix = "/fn", endpoint = "ticket_choices")]
pub async fn ticket_choices() -> Result<Choices> {
    let (desk, actor) = (desk()?, actor());
    let people = oxdesk::people::queries::assignable_people(&desk, &actor).await?;
    let queues = queries::list_queues(&desk, &actor).await?;
    let macros = oxdesk::macros::queries::list_macros(&desk, &actor).await?;
    let categories = oxdesk::categories::queries::list_categories(&desk, &actor).await?;
    let fields = oxdesk::fields::queries::list_fields(&desk, &actor).await?;
    Ok(Choices { people, queues, macros, categories, fields })
}

/// What a form sends to take an assignee or a queue away: an empty field counts as not sent.
pub const NONE: &str = "none";

/// Changes what is given; [`NONE`] takes an assignee or a queue away. Subject, category and tags come together, from
/// the form that edits them: there, empty is taken away. The category is a path, `Hardware / Laptop`; tags are
/// separated by commas.
#[server(prefix = "/fn", endpoint = "update_ticket")]
pub async fn update_ticket(
    id: String,
    version: i32,
    subject: Option<String>,
    status: Option<String>,
    priority: Option<String>,
    assigned_to_id: Option<String>,
    queue_id: Option<String>,
    category: Option<String>,
    tags: Option<String>,
    resolution_note: Option<String>,
    cancel_reason: Option<String>,
) -> Result<()> {
    let id: TicketId = id.parse()?;
    let edited = subject.is_some();
    let (category, subcategory) = split_path(&category.unwrap_or_default());
    let patch = TicketPatch {
        subject,
        status: parsed(status, "status")?,
        priority: parsed(priority, "priority")?,
        assigned_to_id: assigned_to_id.map(|id| parsed(some(id), "assigned_to_id")).transpose()?,
        queue_id: queue_id.map(|id| parsed(some(id), "queue_id")).transpose()?,
        category: edited.then_some(category),
        subcategory: edited.then_some(subcategory),
        tags: edited.then(|| tags.unwrap_or_default().split(',').map(str::to_owned).collect()),
        resolution_note,
        cancel_reason,
        ..TicketPatch::default()
    };
    commands::update_ticket(&desk()?, &actor(), id, version, patch).await?;
    Ok(())
}

/// Changes several tickets at once: what is empty stays as it is. `said` is the note or the reason that the status
/// needs. A plain form hears of what was refused in its error.
#[server(prefix = "/fn", endpoint = "update_tickets")]
pub async fn update_tickets(
    ids: Option<Vec<String>>,
    status: Option<String>,
    priority: Option<String>,
    assigned_to_id: Option<String>,
    queue_id: Option<String>,
    said: Option<String>,
) -> Result<BulkOutcome> {
    let ids = ids.unwrap_or_default().iter().map(|id| id.parse()).collect::<std::result::Result<Vec<_>, _>>()?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let patch = TicketPatch {
        status: parsed(given(status), "status")?,
        priority: parsed(given(priority), "priority")?,
        assigned_to_id: given(assigned_to_id).map(|id| parsed(some(id), "assigned_to_id")).transpose()?,
        queue_id: given(queue_id).map(|id| parsed(some(id), "queue_id")).transpose()?,
        resolution_note: said.clone(),
        cancel_reason: said,
        ..TicketPatch::default()
    };
    let outcome = commands::update_tickets(&desk()?, &actor(), &ids, &patch).await?;
    if crate::session::is_plain_form() && !outcome.refused.is_empty() {
        let why = refusals(&outcome);
        return Err(AppError::from(oxdesk::Error::invalid("ids", why)));
    }
    Ok(outcome)
}

/// What was refused, in words.
pub fn refusals(outcome: &BulkOutcome) -> String {
    let one = |refused: &oxdesk::tickets::Refused| {
        let name = refused.ticket.as_ref().map_or("One ticket", |number| number.as_str());
        format!("{name}: {}", refused.why)
    };
    let first: Vec<_> = outcome.refused.iter().take(5).map(one).collect();
    format!("{} changed, {} not. {}", outcome.changed, outcome.refused.len(), first.join(" "))
}

#[cfg(feature = "ssr")]
fn some(text: String) -> Option<String> {
    Some(text).filter(|text| text != NONE)
}

#[cfg(feature = "ssr")]
fn parsed<T: std::str::FromStr<Err = oxdesk::Error>>(
    text: Option<String>,
    field: &str,
) -> std::result::Result<Option<T>, oxdesk::Error> {
    text.map(|text| text.parse().map_err(|error| rename(error, field))).transpose()
}

#[server(prefix = "/fn", endpoint = "create_ticket")]
pub async fn create_ticket(
    subject: String,
    description: String,
    requester_email: String,
    requester_name: Option<String>,
    priority: Option<String>,
    queue_id: Option<String>,
    category: Option<String>,
) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    actor.signed_in()?;
    let (category, subcategory) = split_path(&category.unwrap_or_default());
    let draft = TicketDraft {
        category,
        subcategory,
        subject,
        description,
        requester_email,
        requester_name,
        priority,
        queue_id,
        ..TicketDraft::default()
    };
    let new = check_new_ticket(draft, TicketSource::Phone)?;
    let created = commands::create_ticket(&desk, &actor, new, Vec::new()).await?;
    leptos_axum::redirect(&format!("/tickets/{}", created.ticket_number));
    Ok(())
}
