//! Bounces: that a mail of ours did not arrive, whose it was, and whether it ever will (RFC 3464, and what servers wrote
//! before it).

use super::headers;
use super::phrases::reports::{AWAY, COPIES, FAILURES, HARD, SOFT, SURELY_SOFT};
use mail_parser::{Message, MessagePart, MimeHeaders, PartType};
use serde::Serialize;

/// A report on a mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bounce {
    pub kind: BounceKind,
    /// Whom it did not reach.
    pub recipient: Option<String>,
    /// The status (RFC 3463) or, without one, the reply code (RFC 5321).
    pub code: Option<String>,
    /// The server's own words.
    pub said: Option<String>,
    /// The id of the mail that came back.
    pub original_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BounceKind {
    /// There is no such address, and there will be none.
    Hard,
    /// It may work another time.
    Soft,
    /// It arrived, and its reader calls it spam (RFC 5965).
    Complaint,
}

/// At most so much of a server's words is kept, in characters.
const SAID_MAX: usize = 500;

pub fn read(message: &Message<'_>, raw: &[u8], text: &str) -> Option<Bounce> {
    let reports: Vec<String> = message.parts.iter().filter_map(report).collect();
    let feedback = reports.iter().any(|report| report.to_ascii_lowercase().contains("feedback-type:"));
    if feedback || is_complaint(message, text) {
        return Some(Bounce {
            kind: BounceKind::Complaint,
            code: None,
            said: None,
            recipient: reported(&reports, text),
            original_id: original_id(message, raw),
        });
    }
    let delivery = reports.iter().find(|report| field(report, "action").is_some() || field(report, "status").is_some());
    if delivery.is_none() && !from_daemon(message) && !headers::is_report(message) {
        return None;
    }
    if delivery.is_none() && !says_failure(message, text) {
        return None;
    }
    let failed = delivery.map(|report| failed_group(report)).unwrap_or_default();
    let action = field(&failed, "action").unwrap_or_default();
    if ["delivered", "relayed", "expanded"].iter().any(|word| action.starts_with(word)) {
        return None;
    }
    let said = field(&failed, "diagnostic-code")
        .map(|said| said.split_once(';').map_or(said.clone(), |(_, rest)| rest.trim().to_owned()));
    let own = own_words(text);
    let status = field(&failed, "status").and_then(|status| status_in(&status));
    // A report's own status is sometimes the sum of what its words say better.
    let code = match status.filter(|status| !status.ends_with(".0.0")) {
        Some(status) => Some(status),
        None => said
            .as_deref()
            .and_then(status_in)
            .or_else(|| status_in(&own))
            .or_else(|| status_of(&failed))
            .or_else(|| reply_code(said.as_deref().unwrap_or(&own))),
    };
    let words = format!("{own} {}", headers::subject(message));
    let kind = match kind_of(said.as_deref().unwrap_or_default(), code.as_deref())
        .or_else(|| kind_of(&words, code.as_deref()))
    {
        _ if action.starts_with("delayed") => BounceKind::Soft,
        Some(kind) => kind,
        None => by_code(code.as_deref()),
    };
    let said = said.or_else(|| own.lines().map(str::trim).find(|line| reply_code(line).is_some()).map(str::to_owned));
    Some(Bounce {
        kind,
        recipient: field(&failed, "final-recipient")
            .or_else(|| field(&failed, "original-recipient"))
            .map(|who| address(&who))
            .or_else(|| reported(&reports, text))
            .or_else(|| headers::all(message, "X-Failed-Recipients").into_iter().next()),
        code,
        said: said.map(|said| said.chars().take(SAID_MAX).collect()),
        original_id: original_id(message, raw),
    })
}

/// A part that programs read: about delivery, or about a complaint.
fn report(part: &MessagePart<'_>) -> Option<String> {
    let kind = part.content_type()?;
    let subtype = kind.subtype()?.to_ascii_lowercase();
    let is_report = kind.ctype().eq_ignore_ascii_case("message")
        && matches!(
            subtype.as_str(),
            "delivery-status" | "feedback-report" | "global-delivery-status" | "disposition-notification"
        );
    (is_report && subtype != "disposition-notification")
        .then(|| String::from_utf8_lossy(part.contents()).replace("\r\n", "\n"))
}

/// A field's value, unfolded.
fn field(report: &str, name: &str) -> Option<String> {
    let mut lines = report
        .lines()
        .skip_while(|line| line.split_once(':').is_none_or(|(known, _)| !known.trim().eq_ignore_ascii_case(name)));
    let mut value = lines.next()?.split_once(':')?.1.trim().to_owned();
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        value.push(' ');
        value.push_str(line.trim());
    }
    Some(value.to_owned()).filter(|value| !value.is_empty())
}

/// The fields of the first recipient that was not reached, else of the last.
fn failed_group(report: &str) -> String {
    let groups: Vec<&str> = report
        .split("\n\n")
        .filter(|group| field(group, "action").is_some() || field(group, "status").is_some())
        .collect();
    let failed = groups
        .iter()
        .find(|group| field(group, "action").is_some_and(|action| action.to_lowercase().starts_with("fail")));
    let group = failed.or(groups.last()).copied().unwrap_or(report);
    let action = field(group, "action").unwrap_or_default().to_lowercase();
    let rest: String =
        group.lines().filter(|line| !line.to_ascii_lowercase().starts_with("action:")).collect::<Vec<_>>().join("\n");
    format!("action: {action}\n{rest}")
}

fn from_daemon(message: &Message<'_>) -> bool {
    let from = headers::all(message, "From").join(" ").to_lowercase();
    let path = headers::all(message, "Return-Path").join(" ");
    let daemon = [
        "mailer-daemon",
        "postmaster",
        "mail delivery",
        "mail.delivery",
        "maildelivery",
        "mail-daemon",
        "mailer daemon",
    ];
    daemon.iter().any(|name| from.contains(name))
        || path.trim() == "<>"
        || from.trim() == "<>"
        || path.to_lowercase().contains("mailer-daemon")
}

fn says_failure(message: &Message<'_>, text: &str) -> bool {
    let subject = headers::subject(message).to_lowercase();
    if AWAY.iter().any(|words| subject.contains(words)) {
        return false;
    }
    let own = own_words(text);
    FAILURES.iter().any(|words| subject.contains(words)) || status_in(&own).is_some() || kind_of(&own, None).is_some()
}

fn is_complaint(message: &Message<'_>, text: &str) -> bool {
    let subject = headers::subject(message).to_lowercase();
    let to_provider = subject.starts_with("complaint about message from");
    to_provider || text.contains("\"notificationType\":\"Complaint\"")
}

/// What the server wrote, without the copy of the mail that came back.
fn own_words(text: &str) -> String {
    let is_copy = |line: &str| {
        let line = line.to_lowercase();
        (line.contains("--") || line.ends_with(':')) && COPIES.iter().any(|words| line.contains(words))
            || line.starts_with("received: from")
            || line.starts_with("return-path: <")
    };
    text.lines().take(200).take_while(|line| !is_copy(line)).collect::<Vec<_>>().join("\n")
}

/// By what the server says: some say one thing with the code of another. What is certain comes first.
fn kind_of(words: &str, code: Option<&str>) -> Option<BounceKind> {
    if code.is_some_and(|code| code.starts_with('4')) {
        return Some(BounceKind::Soft);
    }
    let words = without_addresses(words);
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    match () {
        () if says(SURELY_SOFT) => Some(BounceKind::Soft),
        () if says(HARD) => Some(BounceKind::Hard),
        () if says(SOFT) => Some(BounceKind::Soft),
        () => None,
    }
}

/// In lower case, without what only looks like words: addresses and links.
fn without_addresses(text: &str) -> String {
    let text = text.to_lowercase();
    let words = text.split_whitespace().filter(|word| !word.contains('@') && !word.contains("://"));
    words.collect::<Vec<_>>().join(" ")
}

/// By the code alone: what concerns the address itself is for good (RFC 3463, X.1.X).
fn by_code(code: Option<&str>) -> BounceKind {
    match code {
        Some("5.1.0" | "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.0.0" | "5.4.4" | "550") => {
            BounceKind::Hard
        }
        _ => BounceKind::Soft,
    }
}

/// `5.1.1` somewhere in `text`.
fn status_in(text: &str) -> Option<String> {
    let is_status = |word: &str| {
        let mut parts = word.split('.');
        let (class, subject, detail, end) = (parts.next(), parts.next(), parts.next(), parts.next());
        let number = |part: Option<&str>| {
            part.is_some_and(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        matches!(class, Some("4" | "5")) && number(subject) && number(detail) && end.is_none()
    };
    let mut words = text.split(|c: char| !(c.is_ascii_digit() || c == '.')).map(|word| word.trim_end_matches('.'));
    words.find(|word| is_status(word)).map(str::to_owned)
}

fn status_of(report: &str) -> Option<String> {
    field(report, "status").and_then(|status| status_in(&status))
}

/// `550` as a word of its own.
fn reply_code(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    words
        .find(|word| {
            word.len() == 3
                && (word.starts_with('4') || word.starts_with('5'))
                && word.bytes().all(|byte| byte.is_ascii_digit())
        })
        .map(str::to_owned)
}

/// `rfc822; someone@example.com`.
fn address(field: &str) -> String {
    let bare = field.split_once(';').map_or(field, |(_, address)| address);
    bare.trim().trim_matches(['<', '>']).to_lowercase()
}

/// The first address in angle brackets, or after "to": the one that the report is about.
fn reported(reports: &[String], text: &str) -> Option<String> {
    let named = reports.iter().find_map(|report| {
        ["original-rcpt-to", "final-recipient", "original-recipient", "removal-recipient"]
            .iter()
            .find_map(|name| field(report, name))
    });
    let in_text = || {
        let own = own_words(text);
        own.split(|c: char| c.is_whitespace() || "<>(),;:\"'".contains(c))
            .find(|word| {
                word.contains('@')
                    && word.len() > 4
                    && !word.to_lowercase().starts_with("postmaster@")
                    && !word.to_lowercase().starts_with("mailer-daemon@")
            })
            .map(|word| word.trim_end_matches('.').to_lowercase())
    };
    named.map(|who| address(&who)).or_else(in_text)
}

/// The id of the mail that came back: of its copy, or of its head, in a part or in the text.
fn original_id(message: &Message<'_>, raw: &[u8]) -> Option<String> {
    let nested = message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(nested) => nested.message_id().map(headers::id),
        _ => None,
    });
    nested.or_else(|| {
        let own = message.message_id().map(headers::id);
        let text = String::from_utf8_lossy(&raw[..raw.len().min(200_000)]).into_owned();
        let ids = text.lines().filter_map(|line| {
            let (name, value) = line.trim_start_matches([' ', '>', '\t']).split_once(':')?;
            name.eq_ignore_ascii_case("message-id").then(|| headers::id(value))
        });
        ids.filter(|id| !id.is_empty() && Some(id) != own.as_ref()).reduce(|_, id| id)
    })
}
