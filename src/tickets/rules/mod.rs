//! What may happen to a ticket.

mod status;
mod time;

pub use status::*;
pub use time::*;

use super::{COMMENT_MAX, NewTicket, QueueId, SUBJECT_MAX, TicketPriority, TicketSource};
use crate::fields::FieldValues;
use crate::{EmailAddress, Error, Result, Validation, bounded, optional};

/// What someone sent to make a ticket, not yet checked.
#[derive(Debug, Clone, Default)]
pub struct TicketDraft {
    pub subject: String,
    pub description: String,
    pub priority: Option<String>,
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub tags: Vec<String>,
    pub queue_id: Option<String>,
    pub requester_email: String,
    pub requester_name: Option<String>,
    pub custom_fields: FieldValues,
    pub is_private: bool,
}

/// Checks every field and names all that are wrong at once.
pub fn check_new_ticket(draft: TicketDraft, source: TicketSource) -> Result<NewTicket> {
    let mut check = Validation::default();
    let subject = check.take(bounded("subject", &draft.subject, SUBJECT_MAX).map(|subject| one_line(&subject)));
    let description = check.take(bounded("description", &draft.description, COMMENT_MAX));
    let priority = check.take(parse_priority(draft.priority.as_deref()));
    let category = check.take(optional("category", draft.category.as_deref(), 100));
    let subcategory = check.take(optional("subcategory", draft.subcategory.as_deref(), 100));
    let tags = check.take(check_tags(&draft.tags));
    let queue_id = check.take(parse_queue(draft.queue_id.as_deref()));
    let requester_name = check.take(optional("requester_name", draft.requester_name.as_deref(), 200));
    let email = draft.requester_email.parse::<EmailAddress>().map_err(|error| rename(error, "requester_email"));
    let email = check.try_take(email);
    check.finish()?;
    let Some(requester_email) = email else { return Err(Error::Internal) };
    Ok(NewTicket {
        subject,
        description,
        priority,
        source,
        category,
        subcategory,
        tags,
        queue_id,
        requester_email,
        requester_name: requester_name.map(|name| one_line(&name)),
        custom_fields: draft.custom_fields,
        is_private: draft.is_private,
    })
}

/// Whether an answer only thanks: it opens nothing that is solved.
pub fn is_only_thanks(text: &str) -> bool {
    const THANKS: [&str; 24] = [
        "thank",
        "thanks",
        "thx",
        "cheers",
        "danke",
        "dankeschön",
        "merci",
        "gracias",
        "grazie",
        "obrigado",
        "obrigada",
        "bedankt",
        "dank",
        "tack",
        "takk",
        "tak",
        "dziękuję",
        "dzięki",
        "спасибо",
        "ありがとうございます",
        "ありがとう",
        "谢谢",
        "謝謝",
        "kiitos",
    ];
    const ASKS: [&str; 8] = ["?", "not", "but", "still", "nicht", "aber", "pas", "no"];
    let text = text.trim().to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.len() <= 8
        && text.chars().count() <= 80
        && words.iter().any(|word| THANKS.contains(word))
        && !text.contains('?')
        && !words.iter().any(|word| ASKS.contains(word))
}

/// Trims, lowercases and sorts tags and drops doubles: at most 20, of at most 50 characters.
pub fn check_tags(tags: &[String]) -> Result<Vec<String>> {
    let mut clean = Vec::new();
    for tag in tags {
        if let Some(tag) = optional("tags", Some(tag), 50)? {
            clean.push(one_line(&tag).to_lowercase());
        }
    }
    clean.sort();
    clean.dedup();
    if clean.len() > 20 { Err(Error::invalid("tags", "At most 20 tags, please.")) } else { Ok(clean) }
}

fn parse_priority(text: Option<&str>) -> Result<Option<TicketPriority>> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|error| rename(error, "priority"))).transpose()
}

fn parse_queue(text: Option<&str>) -> Result<Option<QueueId>> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map(Some).map_err(|_| Error::invalid("queue_id", "There is no such queue.")),
        None => Ok(None),
    }
}

/// Which of `names` (in lower case) `text` mentions: at each `@` that begins a word, the longest that follows it.
pub fn mentioned<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
    let text = text.to_lowercase();
    let begins = |at: usize| text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    let ends = |rest: &str| rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
    let named = text.match_indices('@').filter(|(at, _)| begins(*at)).filter_map(|(at, _)| {
        let follows = |name: &&&str| text[at + 1..].strip_prefix(**name).is_some_and(ends);
        names.iter().filter(follows).max_by_key(|name| name.len()).copied()
    });
    let mut found: Vec<_> = named.collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The same complaint at another field's name.
pub fn rename(error: Error, field: &str) -> Error {
    match error {
        Error::Invalid(fields) => {
            Error::Invalid(fields.into_values().map(|message| (field.to_owned(), message)).collect())
        }
        other => other,
    }
}

/// Subjects, names and tags are one line: line breaks and other control characters become spaces.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let draft = TicketDraft {
            subject: "x".repeat(SUBJECT_MAX + 1),
            description: " ".into(),
            priority: Some("URGENT".into()),
            queue_id: Some("nonsense".into()),
            requester_email: "nobody".into(),
            requester_name: Some("a\0b".into()),
            tags: vec!["t".repeat(51)],
            ..Default::default()
        };
        let Err(Error::Invalid(fields)) = check_new_ticket(draft, TicketSource::Form) else { panic!("accepted") };
        let names: Vec<_> = fields.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["description", "priority", "queue_id", "requester_email", "requester_name", "subject", "tags"]
        );
    }

    #[test]
    fn the_longest_name_after_an_at_is_meant() {
        let names = ["ana", "ana ruiz", "ben okafor"];
        assert_eq!(mentioned("@Ana Ruiz, look. (@ben okafor)", &names), ["ana ruiz", "ben okafor"]);
        assert_eq!(mentioned("@ana ruizo", &names), ["ana"]);
        assert_eq!(mentioned("mail me@ana.example or x@Ben Okafor", &names), Vec::<&str>::new());
        assert_eq!(mentioned("@", &names), Vec::<&str>::new());
        assert_eq!(mentioned("@ana @ana", &names), ["ana"]);
    }

    #[test]
    fn a_subject_is_one_line() {
        let draft = TicketDraft {
            subject: "VPN\r\nBcc: everyone@example.com".into(),
            description: "It drops.".into(),
            requester_email: "Marta@Example.com".into(),
            tags: vec!["Network".into(), " network ".into(), "".into()],
            ..Default::default()
        };
        let ticket = check_new_ticket(draft, TicketSource::Form).unwrap();
        assert_eq!(ticket.subject, "VPN  Bcc: everyone@example.com");
        assert_eq!(ticket.requester_email.as_str(), "marta@example.com");
        assert_eq!(ticket.tags, ["network"]);
        assert_eq!(ticket.priority, None);
    }
}
