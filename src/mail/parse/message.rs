//! A message as the desk knows it.

use super::bounce::{self, Bounce};
use super::{body, headers, html, reply};
use crate::Timestamp;
use mail_parser::{Address, HeaderValue, Message};
use serde::Serialize;

/// Who wrote or receives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Party {
    pub email: String,
    pub name: String,
}

/// Everything that intake needs of a message, decoded.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ParsedMail {
    /// Without its angle brackets, as all ids here.
    pub message_id: Option<String>,
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
    pub from: Option<Party>,
    pub reply_to: Vec<Party>,
    pub to: Vec<Party>,
    pub cc: Vec<Party>,
    /// The addresses it was delivered to by the way.
    pub delivered_to: Vec<String>,
    pub subject: String,
    pub date: Option<Timestamp>,
    /// All of it, as text.
    pub text: String,
    /// What its sender wrote now: without quotes and signature.
    pub reply: String,
    /// Safe to show; pictures from elsewhere still to be blocked.
    pub html: Option<String>,
    pub attachments: Vec<ParsedAttachment>,
    /// No person wrote it, or it says so.
    pub auto_submitted: bool,
    /// Why it counts as automatic.
    pub automatic: Option<Automatic>,
    /// A filter before us calls it spam.
    pub is_spam: bool,
    /// What receivers before us found of its origin (RFC 8601), first line first.
    pub authentication_results: Vec<String>,
    pub bounce: Option<Bounce>,
    pub error: Option<String>,
}

/// Why nobody is to be answered (RFC 3834, and what was common before it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Automatic {
    /// `Auto-Submitted` with anything but `no`.
    AutoSubmitted,
    /// `Precedence: bulk`, `junk` or `list`.
    Precedence,
    /// From a mailing list.
    List,
    /// `X-Auto-Response-Suppress`, or another mark of auto-responders.
    AutoResponse,
    /// Nobody is to get bounces: `Return-Path: <>`.
    NullReturnPath,
    /// A report (RFC 6522), as bounces are.
    Report,
    /// Our own mark.
    Oxdesk,
}

/// A file that came along.
#[derive(Debug, Clone, Serialize)]
pub struct ParsedAttachment {
    pub file_name: String,
    pub mime_type: String,
    pub size: usize,
    /// It belongs into the text.
    pub inline: bool,
    /// Without its angle brackets.
    pub content_id: Option<String>,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl ParsedMail {
    pub(super) fn hopeless(error: &str) -> Self {
        Self { error: Some(error.to_owned()), ..Self::default() }
    }

    /// The sender's address alone.
    pub fn sender(&self) -> Option<&str> {
        self.from.as_ref().map(|party| party.email.as_str()).filter(|email| !email.is_empty())
    }
}

/// Reads everything out of a message that the library took apart.
pub(super) fn read(message: &Message<'_>, raw: &[u8]) -> ParsedMail {
    let body = body::read(message);
    let automatic = headers::automatic(message);
    let text = match (&body.text, &body.html) {
        (Some(text), _) => text.clone(),
        (None, Some(markup)) => html::text_of(markup),
        (None, None) => String::new(),
    };
    let reply = reply::visible_reply(&text);
    let bounce = bounce::read(message, raw, &text);
    ParsedMail {
        message_id: message.message_id().map(headers::id),
        in_reply_to: ids(message.in_reply_to()).into_iter().next(),
        references: ids(message.references()),
        from: headers::sender(message),
        reply_to: parties(message.reply_to()),
        to: message.all_to().flat_map(|list| parties(Some(list))).collect(),
        cc: message.all_cc().flat_map(|list| parties(Some(list))).collect(),
        delivered_to: headers::delivered_to(message),
        subject: headers::subject(message),
        date: message.date().and_then(|date| Timestamp::from_microsecond(date.to_timestamp().checked_mul(1_000_000)?)),
        text,
        reply,
        html: body.html.as_deref().map(html::safe_html),
        attachments: body.attachments,
        auto_submitted: automatic.is_some() || bounce.is_some(),
        automatic,
        is_spam: headers::is_spam(message),
        authentication_results: headers::all(message, "Authentication-Results"),
        bounce,
        error: None,
    }
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let list: Vec<String> = match value {
        HeaderValue::Text(id) => vec![headers::id(id)],
        HeaderValue::TextList(list) => list.iter().map(|id| headers::id(id)).collect(),
        _ => Vec::new(),
    };
    // The newest stand last: those are the ones that lead back.
    let skip = list.len().saturating_sub(headers::REFERENCES_MAX);
    list.into_iter().skip(skip).filter(|id| !id.is_empty()).collect()
}

pub(super) fn parties(list: Option<&Address<'_>>) -> Vec<Party> {
    let Some(list) = list else { return Vec::new() };
    list.iter()
        .filter_map(|addr| {
            let email = addr.address.as_deref().map(headers::one_line).unwrap_or_default();
            let name = addr.name.as_deref().map(headers::one_line).unwrap_or_default();
            (!email.is_empty() || !name.is_empty()).then_some(Party { email, name })
        })
        .take(headers::PARTIES_MAX)
        .collect()
}
