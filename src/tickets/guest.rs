//! Links in mails for requesters without an account: each opens one ticket, for a while, for whoever has the link.

use super::{TicketId, TicketNumber};
use crate::desk::Desk;
use crate::mail::outbox::{self, Mail};
use crate::mail::templates::{self, TemplateName, first_name};
use crate::people::throttle::{self, MAIL_PER_ADDRESS};
use crate::{Actor, EmailAddress, Error, Result, Timestamp};
use serde_json::json;
use sqlx::PgConnection;

/// How long a link opens its ticket, in seconds: two weeks.
const VALID_FOR: i64 = 14 * 86_400;

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    Ticket {
        guest: Box<Actor>,
        ticket_number: TicketNumber,
    },
    /// Ours, but too old: its holder may have a new one sent.
    Expired,
}

/// The address under which the requester follows their ticket: signed when they have no account to sign in to.
pub(crate) async fn requester_address(desk: &Desk, tx: &mut PgConnection, ticket: TicketId) -> Result<String> {
    let row = sqlx::query!(
        r#"SELECT ticket_number AS "number: TicketNumber", requester_email, requester_id IS NULL AS "stranger!"
           FROM tickets WHERE id = $1"#,
        ticket as _
    )
    .fetch_one(tx)
    .await?;
    Ok(address_of(desk, ticket, &row.number, &row.requester_email, row.stranger))
}

/// The same for a ticket that is known.
pub(crate) fn address_of(
    desk: &Desk,
    ticket: TicketId,
    number: &TicketNumber,
    requester_email: &str,
    is_strangers: bool,
) -> String {
    if is_strangers {
        let token = token(desk, ticket, requester_email, Timestamp::now().as_microsecond() / 1_000_000 + VALID_FOR);
        format!("{}/portal/link/{token}", desk.base_url)
    } else {
        format!("{}/portal/requests/{number}", desk.base_url)
    }
}

/// Who holds the link `token`. NotFound for one that is not ours, or whose ticket has another requester by now.
pub async fn open_link(desk: &Desk, token: &str) -> Result<Opened> {
    let (ticket, until) = read(token)?;
    let row = sqlx::query!(
        r#"SELECT ticket_number AS "number: TicketNumber", requester_email, requester_name FROM tickets
           WHERE id = $1 AND deleted_at IS NULL"#,
        ticket as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    if !desk.secret.verifies(&message(ticket, &row.requester_email, until), signature(token)) {
        return Err(Error::NotFound);
    }
    if until < Timestamp::now().as_microsecond() / 1_000_000 {
        return Ok(Opened::Expired);
    }
    let email: EmailAddress = row.requester_email.parse()?;
    let guest = Box::new(Actor::guest(ticket, email, row.requester_name));
    Ok(Opened::Ticket { guest, ticket_number: row.number })
}

/// Mails a new link to the address that the expired one went to: never to another.
pub async fn renew_link(desk: &Desk, token: &str) -> Result<()> {
    let (ticket, _) = read(token)?;
    open_link(desk, token).await?;
    throttle::count(&desk.db, &format!("link:{ticket}"), MAIL_PER_ADDRESS).await?;
    let mut tx = desk.db.begin().await?;
    let row = sqlx::query!(
        r#"SELECT ticket_number AS "number: TicketNumber", subject, requester_email, requester_name FROM tickets WHERE id = $1"#,
        ticket as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let address = requester_address(desk, &mut tx, ticket).await?;
    let name = row.requester_name.as_deref().unwrap_or_default();
    let values = json!({
        "ticket": { "number": row.number, "subject": row.subject },
        "requester": { "name": name, "first_name": first_name(name) },
        "link": address,
        "desk": { "link": &*desk.base_url },
    });
    let mail = Mail::from(templates::queries::write(&mut *tx, TemplateName::Link, &values).await?);
    let key = format!("link:{ticket}:{}", Timestamp::now());
    outbox::queue(&mut tx, &row.requester_email.parse()?, &mail, &key, Some(ticket)).await?;
    tx.commit().await?;
    Ok(())
}

/// `TICKET.UNTIL.SIGNATURE`: the address it was made for is in the signature alone.
fn token(desk: &Desk, ticket: TicketId, email: &str, until: i64) -> String {
    format!("{}.{until}.{}", ticket.0.simple(), desk.secret.sign(&message(ticket, email, until)))
}

fn message(ticket: TicketId, email: &str, until: i64) -> String {
    format!("request-link:{ticket}:{}:{until}", email.to_lowercase())
}

fn read(token: &str) -> Result<(TicketId, i64)> {
    let mut parts = token.split('.');
    let ticket = parts.next().and_then(|id| id.parse().ok());
    let until = parts.next().and_then(|until| until.parse().ok());
    ticket.zip(until).ok_or(Error::NotFound)
}

fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap_or_default()
}
