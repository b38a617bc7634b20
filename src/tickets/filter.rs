//! What stands in the filter bar, `status:waiting assignee:me due:<2h "vpn"`: read into a [`TicketFilter`], and written
//! back. The same text is in the page's address, in a saved view and in the API's `q`.

use super::{
    AssigneeFilter, ProblemFilter, QueueFilter, TicketFilter, TicketPriority, TicketSource, TicketStatus, Window,
};
use std::str::FromStr;

/// A token that means nothing: said at the bar, and otherwise as if it were not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAFilter {
    pub token: String,
    pub why: String,
}

/// The keys a token may begin with, each with an example: what the bar offers.
pub const FILTER_KEYS: [(&str, &str); 13] = [
    ("status", "status:waiting"),
    ("priority", "priority:high,critical"),
    ("assignee", "assignee:me"),
    ("queue", "queue:network"),
    ("tag", "tag:vpn"),
    ("category", "category:hardware"),
    ("field.", "field.cost_centre:4711"),
    ("requester", "requester:marta@example.com"),
    ("source", "source:email"),
    ("due", "due:<2h"),
    ("created", "created:>7d"),
    ("updated", "updated:<1d"),
    ("is", "is:overdue"),
];

/// Reads the bar. What is no token are words to find.
pub fn parse_filter(text: &str) -> (TicketFilter, Vec<NotAFilter>) {
    let (mut filter, mut wrong, mut words) = (TicketFilter::default(), Vec::new(), Vec::new());
    for token in filter_tokens(text) {
        match token.split_once(':').filter(|(key, _)| is_key(key)) {
            Some((key, value)) => {
                if let Err(why) = apply(&mut filter, key, unquoted(value)) {
                    wrong.push(NotAFilter { token: token.to_owned(), why });
                }
            }
            None => words.push(token),
        }
    }
    filter.words = (!words.is_empty()).then(|| words.join(" "));
    (filter, wrong)
}

/// A custom field's key follows `field.`.
fn is_key(key: &str) -> bool {
    key.starts_with(FIELD) || FILTER_KEYS.iter().any(|(known, _)| *known == key)
}

const FIELD: &str = "field.";

/// Reads the bar for a list: a search looks everywhere, a list at what is open and not put off, unless a status is
/// named.
pub fn list_filter(text: &str) -> (TicketFilter, Vec<NotAFilter>) {
    let (mut filter, wrong) = parse_filter(text);
    if filter.status.is_empty() && !filter.any_status && filter.words.is_none() && !filter.deleted {
        filter.status = TicketStatus::OPEN.to_vec();
        filter.snoozed = filter.snoozed.or(Some(false));
    }
    (filter, wrong)
}

/// Splits at white space outside quotes.
pub fn filter_tokens(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut quoted) = (Vec::new(), None, false);
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        match (c.is_whitespace() && !quoted, start) {
            (true, Some(from)) => {
                found.push(&text[from..at]);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    found.extend(start.map(|from| &text[from..]));
    found
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').map_or(value, |inner| inner.strip_suffix('"').unwrap_or(inner))
}

fn apply(filter: &mut TicketFilter, key: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err(format!("Say which: for example {}.", example(key)));
    }
    match key {
        "status" if value == "open" => filter.status.extend(TicketStatus::OPEN),
        "status" if value == "any" => filter.any_status = true,
        "status" => filter.status.extend(listed::<TicketStatus>(value)?),
        "priority" => filter.priority.extend(listed::<TicketPriority>(value)?),
        "source" => filter.source.extend(listed::<TicketSource>(value)?),
        "assignee" => filter.assignee = Some(assignee(value)),
        "queue" => filter.queue = Some(queue(value)),
        "tag" => filter.tags.push(value.to_lowercase()),
        "category" => filter.category = Some(value.to_owned()),
        "requester" => filter.requester = Some(value.to_owned()),
        key if key.starts_with(FIELD) => {
            let key = crate::fields::rules::check_key(&key[FIELD.len()..])
                .map_err(|_| "A field's key has small letters, digits and _.".to_owned())?;
            filter.fields.push((key, value.to_owned()));
        }
        "due" if value == "overdue" => filter.overdue = true,
        "due" => filter.due = Some(window(value)?),
        "created" => filter.created = Some(window(value)?),
        "updated" => filter.updated = Some(window(value)?),
        "is" => match value {
            "open" => filter.status.extend(TicketStatus::OPEN),
            "overdue" => filter.overdue = true,
            "unassigned" => filter.assignee = Some(AssigneeFilter::Nobody),
            "mine" => filter.assignee = Some(AssigneeFilter::Me),
            "snoozed" => filter.snoozed = Some(true),
            "deleted" => filter.deleted = true,
            "problem" => filter.problem = Some(ProblemFilter::Any),
            "known-error" => filter.problem = Some(ProblemFilter::Known),
            _ => {
                let said = "It can be open, overdue, unassigned, mine, snoozed, problem, known-error or deleted.";
                return Err(said.to_owned());
            }
        },
        _ => {}
    }
    Ok(())
}

fn example(key: &str) -> &'static str {
    FILTER_KEYS
        .iter()
        .find(|(known, _)| *known == key || (*known == FIELD && key.starts_with(FIELD)))
        .map_or("", |(_, example)| example)
}

/// Several of the specification's words, in any case, separated by commas.
fn listed<T: FromStr<Err = crate::Error>>(value: &str) -> Result<Vec<T>, String> {
    let word = |word: &str| word.trim().replace([' ', '-'], "_").to_uppercase();
    value.split(',').map(|one| word(one).parse().map_err(|error: crate::Error| error.to_string())).collect()
}

fn assignee(value: &str) -> AssigneeFilter {
    match value {
        "me" => AssigneeFilter::Me,
        "none" | "nobody" => AssigneeFilter::Nobody,
        other => other.parse().map_or_else(|_| AssigneeFilter::Named(other.to_owned()), AssigneeFilter::Person),
    }
}

fn queue(value: &str) -> QueueFilter {
    match value {
        "none" => QueueFilter::None,
        other => other.parse().map_or_else(|_| QueueFilter::Named(other.to_owned()), QueueFilter::Id),
    }
}

/// `<2h`, `>7d`: minutes, hours, days or weeks; without a sign, less than.
fn window(value: &str) -> Result<Window, String> {
    let wrong = || "Say how long, as in <2h, >7d or <30m.".to_owned();
    let (beyond, rest) = match value.strip_prefix('>') {
        Some(rest) => (true, rest),
        None => (false, value.strip_prefix('<').unwrap_or(value)),
    };
    let unit = rest.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let count: i64 = rest[..rest.len() - 1].parse().map_err(|_| wrong())?;
    let seconds =
        count.checked_mul(seconds).filter(|seconds| (0..=Window::MAX_SECONDS).contains(seconds)).ok_or_else(wrong)?;
    Ok(Window { beyond, seconds })
}

/// The bar with its tokens of `key` replaced by `value`, or taken away.
pub fn with_token(text: &str, key: &str, value: Option<&str>) -> String {
    let is_key = |token: &&str| token.split_once(':').is_some_and(|(found, _)| found == key);
    let mut kept: Vec<String> =
        filter_tokens(text).into_iter().filter(|token| !is_key(token)).map(str::to_owned).collect();
    if let Some(value) = value {
        let quote = if value.contains(char::is_whitespace) { "\"" } else { "" };
        kept.insert(0, format!("{key}:{quote}{value}{quote}"));
    }
    kept.join(" ")
}

/// The value of the bar's first token of `key`.
pub fn token_value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    filter_tokens(text)
        .into_iter()
        .find_map(|token| token.split_once(':').filter(|(found, _)| *found == key))
        .map(|(_, v)| unquoted(v))
}

#[cfg(test)]
mod tests {
    use super::*;
    use TicketStatus::*;

    fn read(text: &str) -> TicketFilter {
        let (filter, wrong) = parse_filter(text);
        assert_eq!(wrong, [], "{text}");
        filter
    }

    #[test]
    fn tokens_and_words_are_told_apart() {
        let filter = read(r#"status:waiting,in_progress vpn assignee:me due:<2h "does not connect" tag:Remote"#);
        assert_eq!(filter.status, [Waiting, InProgress]);
        assert_eq!(filter.assignee, Some(AssigneeFilter::Me));
        assert_eq!(filter.due, Some(Window { beyond: false, seconds: 7200 }));
        assert_eq!(filter.words.as_deref(), Some(r#"vpn "does not connect""#));
        assert_eq!(filter.tags, ["remote"]);
    }

    #[test]
    fn a_word_with_a_colon_that_is_no_filter_is_a_word() {
        assert_eq!(read("error: 0x80:12 http://intranet").words.as_deref(), Some("error: 0x80:12 http://intranet"));
    }

    #[test]
    fn values_with_spaces_stand_in_quotes() {
        let filter = read(r#"queue:"Service desk" assignee:"Ana Ruiz""#);
        assert_eq!(filter.queue, Some(QueueFilter::Named("Service desk".into())));
        assert_eq!(filter.assignee, Some(AssigneeFilter::Named("Ana Ruiz".into())));
    }

    #[test]
    fn nonsense_is_said_and_the_rest_still_counts() {
        let (filter, wrong) = parse_filter("status:sleeping due:soon created:>999999999999d priority: tag:vpn is:blue");
        let tokens: Vec<_> = wrong.iter().map(|wrong| wrong.token.as_str()).collect();
        assert_eq!(tokens, ["status:sleeping", "due:soon", "created:>999999999999d", "priority:", "is:blue"]);
        assert_eq!(filter.tags, ["vpn"]);
        assert!(wrong[0].why.contains("WAITING"), "{}", wrong[0].why);
    }

    #[test]
    fn custom_fields_are_found_by_their_keys() {
        let filter = read(r#"field.cost_centre:4711 field.site:"Building 2""#);
        let expected = [("cost_centre".to_owned(), "4711".to_owned()), ("site".into(), "Building 2".into())];
        assert_eq!(filter.fields, expected);
        assert_eq!(parse_filter("field.:x").1.len() + parse_filter("field.Ö:x").1.len(), 2);
    }

    #[test]
    fn any_text_at_all_is_read_without_harm() {
        for text in
            ["", "   ", "\"", "\"\"\"", ":", "::", "status:\"", "due:<", "due:>é", "日本語 status:new", "a\u{0}b"]
        {
            let _ = parse_filter(text);
            let _ = with_token(text, "status", Some("new"));
        }
    }

    #[test]
    fn a_token_is_replaced_where_it_stands_and_taken_away() {
        assert_eq!(with_token("status:new vpn", "status", Some("waiting")), "status:waiting vpn");
        assert_eq!(with_token("vpn status:new", "status", None), "vpn");
        assert_eq!(with_token("", "queue", Some("Service desk")), "queue:\"Service desk\"");
        assert_eq!(token_value("a queue:\"Service desk\"", "queue"), Some("Service desk"));
    }
}
