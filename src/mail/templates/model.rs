//! The table of templates.

use crate::id::words;
use serde::{Deserialize, Serialize};

words! {
    /// Which mail is written. `FRAME` is the HTML around every one of them.
    TemplateName {
        Received = "RECEIVED",
        Reply = "REPLY",
        Rating = "RATING",
        Link = "LINK",
        Confirm = "CONFIRM",
        Known = "KNOWN",
        Reset = "RESET",
        Invited = "INVITED",
        Notification = "NOTIFICATION",
        Digest = "DIGEST",
        News = "NEWS",
        Frame = "FRAME",
    }
}

/// A template as the program brings it.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    pub name: TemplateName,
    pub title: &'static str,
    /// When such a mail is sent.
    pub about: &'static str,
    /// Empty for the frame, which has none.
    pub subject: &'static str,
    pub body: &'static str,
    /// What may stand in double braces.
    pub values: &'static [&'static str],
    /// Without this value the mail would be of no use.
    pub needs: &'static str,
}

const TICKET: &[&str] =
    &["ticket.number", "ticket.subject", "requester.first_name", "requester.name", "link", "desk.link"];

/// All of them.
pub const TEMPLATES: [Template; 12] = [
    Template {
        name: TemplateName::Received,
        title: "We have your request",
        about: "To whoever asks, as soon as the ticket is there",
        subject: "[{{ ticket.number }}] {{ ticket.subject }}",
        body: "Hello{% if requester.first_name %} {{ requester.first_name }}{% endif %},\n\nwe have your request and will answer as soon as we can.\n\nFollow it here:\n{{ link }}\n",
        values: TICKET,
        needs: "link",
    },
    Template {
        name: TemplateName::Reply,
        title: "An answer",
        about: "Around what an agent answers; those in copy get no link",
        subject: "Re: [{{ ticket.number }}] {{ ticket.subject }}",
        body: "{{ text }}\n\n{% if agent.signature %}{{ agent.signature }}\n\n{% endif %}{{ link }}\n",
        values: &["text", "agent.name", "agent.signature", "ticket.number", "ticket.subject", "link", "desk.link"],
        needs: "text",
    },
    Template {
        name: TemplateName::Rating,
        title: "How did we do?",
        about: "To whoever asked, once the ticket is closed",
        subject: "[{{ ticket.number }}] How did we do?",
        body: "Hello,\n\nyour request “{{ ticket.subject }}” is closed. How did it go? One question, if you have a moment:\n{{ link }}\n",
        values: TICKET,
        needs: "link",
    },
    Template {
        name: TemplateName::Link,
        title: "A new link",
        about: "To whoever renews a link that has expired",
        subject: "[{{ ticket.number }}] {{ ticket.subject }}",
        body: "Hello,\n\nhere is a new link to your request:\n{{ link }}\n\nIt works for two weeks.\n",
        values: TICKET,
        needs: "link",
    },
    Template {
        name: TemplateName::Confirm,
        title: "Confirm your address",
        about: "To whoever registers",
        subject: "Please confirm your address",
        body: "Hello {{ person.name }},\n\nopen this link to confirm your address:\n{{ link }}\n\nIf you did not register, ignore this mail.",
        values: &["person.name", "link", "desk.link"],
        needs: "link",
    },
    Template {
        name: TemplateName::Known,
        title: "You already have an account",
        about: "To whoever registers with an address that has one",
        subject: "You already have an account",
        body: "Hello,\n\nsomeone, perhaps you, tried to register with this address, which has an account already.\nSign in: {{ desk.link }}/login\nForgotten the password: {{ desk.link }}/forgot",
        values: &["desk.link"],
        needs: "",
    },
    Template {
        name: TemplateName::Reset,
        title: "Choose a new password",
        about: "To whoever forgot theirs",
        subject: "Choose a new password",
        body: "Hello,\n\nopen this link within an hour to choose a new password:\n{{ link }}\n\nIf you did not ask for this, ignore this mail: nothing has changed.",
        values: &["link", "desk.link"],
        needs: "link",
    },
    Template {
        name: TemplateName::Invited,
        title: "An invitation",
        about: "To whoever gets an account, or is to choose a new password",
        subject: "Choose your password",
        body: "Hello {{ person.name }},\n\nyou have an account here. Open this link within a week to choose its password:\n{{ link }}\n\nYou sign in with this address of yours:\n{{ desk.link }}\n\n{{ by }}\n",
        values: &["person.name", "by", "link", "desk.link"],
        needs: "link",
    },
    Template {
        name: TemplateName::Notification,
        title: "Something happened on a ticket",
        about: "To those who work on it and wish to be told at once",
        subject: "[{{ ticket.number }}] {{ ticket.subject }}",
        body: "{{ text }}\n\n{{ link }}\n\nYour answer to this mail {{ answers }}. No more mails like this: {{ off }}\n",
        values: &["text", "message", "answers", "off", "ticket.number", "ticket.subject", "link", "desk.link"],
        needs: "link",
    },
    Template {
        name: TemplateName::Digest,
        title: "What happened",
        about: "To those who wish to be told once an hour or a day",
        subject: "{{ count }} ticket{% if count != 1 %}s{% endif %} with news",
        body: "{{ lines }}\n\nNo more mails like this: {{ off }}\n",
        values: &["lines", "count", "off", "desk.link"],
        needs: "lines",
    },
    Template {
        name: TemplateName::News,
        title: "Something else happened",
        about: "To those whose yes to a change is wanted, whoever asked for it, those it concerns, and of warranties that end",
        subject: "{{ title }}",
        body: "{{ message }}\n\n{{ link }}\n\nNo more mails like this: {{ off }}\n",
        values: &["message", "title", "off", "link", "desk.link"],
        needs: "link",
    },
    Template {
        name: TemplateName::Frame,
        title: "The frame",
        about: "The HTML around every mail: a logo, your colours, what must stand below. The text alone goes along too",
        subject: "",
        body: "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head>\n<body style=\"font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1a2230;max-width:40em\">\n{{ content }}\n{% if signature %}<p style=\"color:#5b6470\">{{ signature }}</p>{% endif %}\n</body></html>\n",
        values: &["content", "signature", "desk.link"],
        needs: "content",
    },
];

impl TemplateName {
    /// As the program brings it.
    pub fn declared(self) -> &'static Template {
        let at = TEMPLATES.iter().position(|template| template.name == self).unwrap_or_default();
        &TEMPLATES[at]
    }
}

/// A template as it is used now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTemplate {
    pub name: TemplateName,
    pub subject: String,
    pub body: String,
    /// An administrator wrote it.
    pub is_own: bool,
    /// 0 while it is the program's.
    pub version: i32,
}

/// A mail as it would look, made of invented values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub subject: String,
    pub text: String,
    /// A whole page, for a frame in which nothing runs.
    pub html: String,
}
