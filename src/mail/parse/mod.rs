//! What a raw message (RFC 5322) says: pure, bounded, and never at a loss. What is hopeless says so in `error`.

mod body;
mod bounce;
mod headers;
mod html;
mod lines;
mod message;
mod phrases;
mod reply;
mod uuencode;

pub use bounce::{Bounce, BounceKind};
pub use html::{safe_html, text_of};
pub use message::{Automatic, ParsedAttachment, ParsedMail, Party};
pub use reply::{forwarded_from, visible_reply};

use mail_parser::MessageParser;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longer messages are not taken, in bytes: what providers allow, and a little more.
pub const MESSAGE_MAX: usize = 60 * 1024 * 1024;
/// A head longer than this is no one's, in bytes.
const HEAD_MAX: usize = 1024 * 1024;
/// More parts than this are no one's.
const PARTS_MAX: usize = 1000;

/// Reads a message. Pure: nothing is looked up, nothing is kept.
pub fn parse(raw: &[u8]) -> ParsedMail {
    if let Some(error) = refused(raw) {
        return ParsedMail::hopeless(error);
    }
    // The library promises not to panic; a mailbox must not stand still should it be wrong.
    catch_unwind(AssertUnwindSafe(|| read(raw)))
        .unwrap_or_else(|_| ParsedMail::hopeless("This message cannot be read: it breaks its reader."))
}

/// A message's own id, without its angle brackets, read from the head alone.
pub fn message_id(raw: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&head(raw)[..head(raw).len().min(HEAD_MAX)]).replace("\r\n", "\n");
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let value = unfolded.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim_end().eq_ignore_ascii_case("message-id").then_some(value)
    })?;
    Some(headers::id(value)).filter(|id| !id.is_empty())
}

/// What is not even tried.
fn refused(raw: &[u8]) -> Option<&'static str> {
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Some("This message is empty.");
    }
    if raw.len() > MESSAGE_MAX {
        return Some("This message is longer than 60 MB.");
    }
    if head(raw).len() > HEAD_MAX {
        return Some("This message's head is longer than 1 MB.");
    }
    // Each part has a head of its own, and in it a line of this name.
    let parts = memchr_count(raw, b"\ncontent-type:");
    (parts > PARTS_MAX).then_some("This message has more than 1000 parts.")
}

fn read(raw: &[u8]) -> ParsedMail {
    let repaired = headers::repaired(raw);
    let Some(message) = MessageParser::default().parse(&*repaired) else {
        return ParsedMail::hopeless("This is no message: it has no head.");
    };
    if message.parts.len() > PARTS_MAX {
        return ParsedMail::hopeless("This message has more than 1000 parts.");
    }
    message::read(&message, &repaired)
}

/// The bytes before the first empty line.
fn head(raw: &[u8]) -> &[u8] {
    let end = raw.windows(2).position(|pair| pair == b"\n\n").into_iter();
    let end = end.chain(raw.windows(4).position(|four| four == b"\r\n\r\n")).min();
    &raw[..end.unwrap_or(raw.len())]
}

/// How often `needle`, in lower case, stands in `raw` in any case.
fn memchr_count(raw: &[u8], needle: &[u8]) -> usize {
    raw.windows(needle.len()).filter(|window| window[0] == needle[0] && window.eq_ignore_ascii_case(needle)).count()
}
