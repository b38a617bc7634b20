//! A mail as it goes out: text and HTML, with the head that leads its answers back (RFC 5322, RFC 3834).

use super::Claimed;
use crate::Result;
use crate::desk::Desk;
use crate::mail::Mailbox;
use crate::mail::reply_address::{Answer, reply_address};
use crate::mail::templates::{self, TemplateName};
use crate::markdown::render_plain;
use crate::tickets::{CommentId, TicketId};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox as Party, MultiPart, SinglePart};
use tokio::io::AsyncReadExt;

/// Files up to this go along, in bytes; larger ones stay with the ticket.
const FILES_MAX: i64 = 10 * 1024 * 1024;
/// What is said of those.
const TOO_LARGE: &str = "\n\nFiles that are too large for a mail wait with your request.";

/// Writes the letter; the inner error says why it never can be.
pub async fn write(desk: &Desk, mailbox: &Mailbox, mail: &Claimed) -> Result<Result<Message, String>> {
    let thread = match mail.ticket {
        Some(ticket) => thread(desk, ticket).await?,
        None => Thread::default(),
    };
    let (files, left) = match mail.comment {
        Some(comment) => files(desk, comment).await?,
        None => (Vec::new(), false),
    };
    let note = if left { TOO_LARGE } else { "" };
    let content = format!("{}{}", templates::content(&mail.body, mail.is_automatic), render_plain(note));
    let frame = templates::queries::template(&desk.db, TemplateName::Frame).await?;
    let html = templates::frame(&frame, &content, mailbox.signature.as_deref(), desk)?;
    Ok(compose(desk, mailbox, mail, thread, files, (note, html)))
}

fn compose(
    desk: &Desk,
    mailbox: &Mailbox,
    mail: &Claimed,
    thread: Thread,
    files: Vec<SinglePart>,
    (note, html): (&str, String),
) -> Result<Message, String> {
    let from = mailbox.smtp_from_email.as_deref().ok_or("The mailbox has no address to send from.")?;
    let name = mailbox.smtp_from_name.clone();
    let address = |text: &str| text.parse::<lettre::Address>().map_err(|error| format!("{text}: {error}"));
    let mut builder = Message::builder()
        .from(Party::new(name.clone(), address(from)?))
        .to(Party::new(None, address(&mail.recipient)?))
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}>", mail.message_id)))
        .date_now();
    let answer = if mail.is_internal { Answer::Note } else { Answer::Public };
    if let Some(ticket) = mail.ticket.filter(|_| mailbox.plus_addressing)
        && let Some(reply) = reply_address(&desk.secret, from, ticket, answer)
    {
        builder = builder.reply_to(Party::new(name, address(&reply)?));
    }
    if let Some(last) = thread.references.last() {
        builder = builder.in_reply_to(last.clone()).references(thread.references.join(" "));
    }
    let raw =
        |name: &'static str, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    if let Some(number) = &thread.number {
        builder = builder.raw_header(raw("X-Oxdesk-Ticket", number));
    }
    if mail.is_automatic {
        // It answers a message, or it tells of something (RFC 3834).
        let how = if mail.unsubscribe.is_some() { "auto-generated" } else { "auto-replied" };
        builder = builder.raw_header(raw("Auto-Submitted", how)).raw_header(raw("X-Auto-Response-Suppress", "All"));
    }
    if let Some(path) = &mail.unsubscribe {
        builder = builder
            .raw_header(raw("List-Unsubscribe", &format!("<{}{path}>", desk.base_url)))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let signature = mailbox.signature.as_deref().map(|text| format!("\n\n-- \n{text}")).unwrap_or_default();
    let text = format!("{}{note}{signature}", mail.body.trim_end());
    let mut body = MultiPart::mixed().multipart(MultiPart::alternative_plain_html(text, html));
    for file in files {
        body = body.singlepart(file);
    }
    builder.multipart(body).map_err(|error| error.to_string())
}

#[derive(Default)]
struct Thread {
    number: Option<String>,
    /// With their angle brackets, the one that is answered last.
    references: Vec<String>,
}

/// What went before on a ticket: its first mail, ours or theirs, and the last that came.
async fn thread(desk: &Desk, ticket: TicketId) -> Result<Thread> {
    let row = sqlx::query!(
        r#"SELECT t.ticket_number, t.email_message_id,
             (SELECT message_id FROM outbox WHERE ticket_id = t.id AND state = 'SENT' AND unsubscribe IS NULL ORDER BY id LIMIT 1) AS first_sent,
             (SELECT message_id FROM raw_mails WHERE ticket_id = t.id AND outcome IN ('created','appended') ORDER BY id DESC LIMIT 1) AS last_received
           FROM tickets t WHERE t.id = $1"#,
        ticket as _
    )
    .fetch_one(&desk.db)
    .await?;
    let mut references: Vec<String> = Vec::new();
    for id in [row.email_message_id, row.first_sent, row.last_received].into_iter().flatten() {
        // The hash of an id that was too long names nothing.
        if !id.starts_with("sha256:") && id.is_ascii() {
            let id = format!("<{id}>");
            references.retain(|known| *known != id);
            references.push(id);
        }
    }
    Ok(Thread { number: Some(row.ticket_number.to_string()), references })
}

/// The files of a comment that go along, and whether some do not.
async fn files(desk: &Desk, comment: CommentId) -> Result<(Vec<SinglePart>, bool)> {
    let rows = sqlx::query!(
        "SELECT file_name, file_path, file_size, mime_type FROM ticket_attachments WHERE comment_id = $1 ORDER BY file_size, id LIMIT 50",
        comment as _
    )
    .fetch_all(&desk.db)
    .await?;
    let (mut parts, mut total) = (Vec::new(), 0);
    let all = rows.len();
    for row in rows {
        total += row.file_size;
        if total > FILES_MAX {
            break;
        }
        let mut bytes = Vec::new();
        desk.files.read(&row.file_path).await?.read_to_end(&mut bytes).await.map_err(crate::Error::internal)?;
        let fallback = ContentType::parse("application/octet-stream").map_err(crate::Error::internal)?;
        parts.push(Attachment::new(row.file_name).body(bytes, ContentType::parse(&row.mime_type).unwrap_or(fallback)));
    }
    let left = parts.len() < all;
    Ok((parts, left))
}
