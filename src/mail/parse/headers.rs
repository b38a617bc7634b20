//! The head of a message: who, what about, and whether a person wrote it.

use super::message::{Automatic, Party, parties};
use encoding_rs::{Encoding, WINDOWS_1252};
use mail_parser::{Address, HeaderName, HeaderValue, Message, PartType};
use std::borrow::Cow;

/// More ancestors than this lead to no other thread.
pub const REFERENCES_MAX: usize = 200;
/// More receivers than this are nobody's business.
pub const PARTIES_MAX: usize = 500;
/// A subject as a ticket may have it, in characters.
const SUBJECT_MAX: usize = 998;

/// The message with a head that is UTF-8: some write theirs in their own charset, raw.
pub fn repaired(raw: &[u8]) -> Cow<'_, [u8]> {
    let start = raw.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let mut raw = &raw[start..];
    // An mbox's envelope line is no header.
    if raw.starts_with(b"From ") {
        let end = raw.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |end| end + 1);
        raw = &raw[end..];
    }
    let head = super::head(raw);
    if std::str::from_utf8(head).is_ok() {
        return Cow::Borrowed(raw);
    }
    let charset = charset(raw);
    let mut out = Vec::with_capacity(raw.len() + head.len());
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        match std::str::from_utf8(line) {
            Ok(_) => out.extend_from_slice(line),
            Err(_) => out.extend_from_slice(charset.decode_without_bom_handling(line).0.as_bytes()),
        }
    }
    out.extend_from_slice(&raw[head.len()..]);
    Cow::Owned(out)
}

/// The charset that the message names first, for its head as well.
fn charset(raw: &[u8]) -> &'static Encoding {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(16_384)]).to_ascii_lowercase();
    let named = text.split("charset=").nth(1).unwrap_or_default();
    let name: String = named
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    match Encoding::for_label(name.as_bytes()) {
        Some(encoding) if encoding != encoding_rs::UTF_8 => encoding,
        _ => WINDOWS_1252,
    }
}

/// The first `From` that names an address, else `Sender`, `Reply-To` or `Return-Path`.
pub fn sender(message: &Message<'_>) -> Option<Party> {
    let from = addresses(message, HeaderName::From);
    let others = addresses(message, HeaderName::Sender).chain(addresses(message, HeaderName::ReplyTo));
    let named = from.clone().chain(others).find(|party| party.email.contains('@'));
    named.or_else(|| from.clone().next()).or_else(|| {
        let email = message.return_address().map(one_line).filter(|email| !email.is_empty())?;
        Some(Party { email, name: String::new() })
    })
}

fn addresses<'a>(message: &'a Message<'_>, name: HeaderName<'static>) -> impl Iterator<Item = Party> + Clone + 'a {
    let lists = message.parts.first().into_iter().flat_map(|root| root.headers.iter());
    lists
        .filter(move |header| header.name == name)
        .filter_map(|header| header.value.as_address())
        .flat_map(|list: &Address<'_>| parties(Some(list)))
}

/// The subject as one line.
pub fn subject(message: &Message<'_>) -> String {
    let subject = one_line(message.subject().unwrap_or_default());
    subject.chars().take(SUBJECT_MAX).collect()
}

/// The addresses under which servers on the way say that it came.
pub fn delivered_to(message: &Message<'_>) -> Vec<String> {
    let lists = ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"];
    let found = lists.iter().flat_map(|name| all(message, name));
    let bare = found.map(|text| text.trim_matches(['<', '>']).to_lowercase()).filter(|email| email.contains('@'));
    bare.take(20).collect()
}

/// Every value of a header, as one line each.
pub fn all(message: &Message<'_>, name: &str) -> Vec<String> {
    let raw = message.headers_raw().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    raw.map(|(_, value)| one_line(value)).take(20).collect()
}

fn first(message: &Message<'_>, name: &str) -> Option<String> {
    all(message, name).into_iter().next()
}

/// Text on one line: what would end a header is a space.
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// A message's id as it is compared: without angle brackets and spaces. One that is longer than any real one is stood for
/// by its hash.
pub fn id(text: &str) -> String {
    let inner = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
    let id: String = inner.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    match id.chars().count() {
        ..=255 => id,
        _ => format!("sha256:{}", crate::secret::token_hash_hex(&id)),
    }
}

/// Whether a filter before us calls it spam.
pub fn is_spam(message: &Message<'_>) -> bool {
    let says =
        |name: &str, yes: &str| first(message, name).is_some_and(|value| value.to_ascii_lowercase().starts_with(yes));
    says("X-Spam-Flag", "yes")
        || says("X-Spam-Status", "yes")
        || says("X-Mailgun-Sflag", "yes")
        || says("X-SES-Spam-Verdict", "fail")
        || says("X-SES-Virus-Verdict", "fail")
}

/// Whether the message says that no person wrote it, or that none wants to be answered (RFC 3834).
pub fn automatic(message: &Message<'_>) -> Option<Automatic> {
    let word = |name: &str| first(message, name).map(|value| value.to_ascii_lowercase());
    let has = |name: &str| first(message, name).is_some();
    if ["X-Oxdesk-Ticket", "X-Oxdesk-Loop"].into_iter().any(has) {
        return Some(Automatic::Oxdesk);
    }
    if word("Auto-Submitted").is_some_and(|value| value.split(';').next().unwrap_or_default().trim() != "no") {
        return Some(Automatic::AutoSubmitted);
    }
    if is_report(message) {
        return Some(Automatic::Report);
    }
    if message.header(HeaderName::ReturnPath).is_some() && word("Return-Path").is_some_and(|path| path == "<>") {
        return Some(Automatic::NullReturnPath);
    }
    let suppressed = word("X-Auto-Response-Suppress").is_some_and(|value| value != "none");
    let marks =
        ["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Autoreply-From", "Autoresponder"];
    if suppressed
        || marks.into_iter().any(has)
        || word("X-POST-MessageClass").is_some_and(|v| v.contains("autorespond"))
    {
        return Some(Automatic::AutoResponse);
    }
    let precedence = word("Precedence").or_else(|| word("X-Precedence")).unwrap_or_default();
    if ["bulk", "junk", "list", "auto_reply", "auto-reply"].iter().any(|kind| precedence.starts_with(kind)) {
        return Some(Automatic::Precedence);
    }
    ["List-Id", "List-Unsubscribe", "List-Post", "Mailing-List"].into_iter().any(has).then_some(Automatic::List)
}

/// `multipart/report` (RFC 6522).
pub fn is_report(message: &Message<'_>) -> bool {
    let root = message.parts.first();
    root.is_some_and(|root| {
        matches!(root.body, PartType::Multipart(_))
            && root.headers.iter().any(|header| {
                header.name == HeaderName::ContentType
                    && matches!(&header.value, HeaderValue::ContentType(kind)
                        if kind.c_subtype.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("report")))
            })
    })
}
