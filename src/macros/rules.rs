//! Placeholders in macros.

use crate::{Error, Result};

/// What may stand in double braces, and what it stands for.
pub const PLACEHOLDERS: [(&str, &str); 6] = [
    ("requester.first_name", "The requester's first name"),
    ("requester.name", "The requester's name"),
    ("requester.email", "The requester's address"),
    ("ticket.number", "The ticket's number"),
    ("ticket.subject", "The ticket's subject"),
    ("agent.name", "Your name"),
];

/// What the placeholders stand for, in the order of [`PLACEHOLDERS`].
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub requester_name: String,
    pub requester_email: String,
    pub ticket_number: String,
    pub ticket_subject: String,
    pub agent_name: String,
}

impl Facts {
    fn get(&self, placeholder: &str) -> Option<&str> {
        Some(match placeholder {
            "requester.first_name" => self.requester_name.split_whitespace().next().unwrap_or_default(),
            "requester.name" => &self.requester_name,
            "requester.email" => &self.requester_email,
            "ticket.number" => &self.ticket_number,
            "ticket.subject" => &self.ticket_subject,
            "agent.name" => &self.agent_name,
            _ => return None,
        })
    }
}

/// Names the first placeholder that stands for nothing.
pub fn check_placeholders(body: &str) -> Result<()> {
    match placeholders(body).find(|name| !PLACEHOLDERS.iter().any(|(known, _)| known == name)) {
        Some(unknown) => {
            let known: Vec<_> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
            Err(Error::invalid(
                "body",
                format!("{{{{{unknown}}}}} stands for nothing. There are: {}.", known.join(", ")),
            ))
        }
        None => Ok(()),
    }
}

/// Puts the facts in place of the placeholders, once: what a fact says is never read as a placeholder again, so that
/// no text can make itself longer and longer.
pub fn expand(body: &str, facts: &Facts) -> String {
    let (mut out, mut rest) = (String::with_capacity(body.len()), body);
    while let Some((before, inside)) = rest.split_once("{{") {
        out.push_str(before);
        let found = inside.split_once("}}").and_then(|(name, after)| Some((facts.get(name.trim())?, after)));
        match found {
            Some((fact, after)) => {
                out.push_str(fact);
                rest = after;
            }
            None => {
                out.push_str("{{");
                rest = inside;
            }
        }
    }
    out.push_str(rest);
    out
}

fn placeholders(body: &str) -> impl Iterator<Item = &str> {
    body.split("{{").skip(1).filter_map(|part| part.split_once("}}")).map(|(name, _)| name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            requester_name: "Marta {{agent.name}}".into(),
            requester_email: "marta@example.com".into(),
            ticket_number: "TKT-2026-0001".into(),
            ticket_subject: "{{ticket.subject}}{{ticket.subject}}".into(),
            agent_name: "Ana".into(),
        }
    }

    #[test]
    fn placeholders_become_what_they_stand_for() {
        let text = "Hello {{requester.first_name}}, {{ ticket.number }} is done. {{agent.name}}";
        assert_eq!(expand(text, &facts()), "Hello Marta, TKT-2026-0001 is done. Ana");
        for (name, _) in PLACEHOLDERS {
            assert!(facts().get(name).is_some(), "{name}");
            assert!(check_placeholders(&format!("{{{{{name}}}}}")).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_a_fact_says_is_not_expanded_again() {
        assert_eq!(expand("{{requester.name}}", &facts()), "Marta {{agent.name}}");
        assert_eq!(expand("{{ticket.subject}}", &facts()), "{{ticket.subject}}{{ticket.subject}}");
    }

    #[test]
    fn unknown_and_broken_placeholders_are_said_or_left_alone() {
        assert!(check_placeholders("{{requester.phone}}").is_err());
        for text in ["{{", "}}", "{{}}", "{{{{", "{{ticket.number", "a {{ b }} c", "{{{ticket.number}}}"] {
            let _ = expand(text, &facts());
            let _ = check_placeholders(text);
        }
        assert_eq!(expand("a {{ b }} c {{agent.name}}", &facts()), "a {{ b }} c Ana");
    }
}
