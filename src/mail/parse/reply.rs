//! The visible reply: what a person wrote now, without what they answer to and without their signature.

use super::lines::{attribution, head, is_delimiter, is_footer, is_marks, is_quoted, is_rule, is_separator, unquoted};
use super::message::Party;
use super::phrases::answers::FROM;

/// A signature has at most so many lines.
const SIGNATURE_MAX: usize = 25;
/// What telephones and programs add is in the last lines, so many.
const FOOTERS_MAX: usize = 80;

/// What was written now, of a message's text. Where that cannot be told, all of it: nothing a person wrote is lost.
pub fn visible_reply(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\u{a0}', '\u{2007}', '\u{202f}'], " ");
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches(['\r', '\t'])).collect();
    let answer = without_quotes(&lines);
    let signed = without_signature(&answer);
    let kept = if has_words(&signed) { signed } else { answer };
    let reply = trimmed(&kept);
    if reply.is_empty() { trimmed(&lines) } else { reply }
}

/// Who wrote first what is passed on, when the subject says that something is, and its head is copied.
pub fn forwarded_from(subject: &str, text: &str) -> Option<Party> {
    const PREFIXES: [&str; 12] =
        ["fw:", "fwd:", "wg:", "tr:", "rv:", "i:", "enc:", "doorst:", "vb:", "vs:", "pd:", "转发:"];
    let subject = subject.trim().to_lowercase();
    if !PREFIXES.iter().any(|prefix| subject.starts_with(prefix)) {
        return None;
    }
    let lines: Vec<&str> = text.lines().collect();
    let at = (0..lines.len()).find(|at| head(&lines, *at).is_some())?;
    lines[at..].iter().take(12).find_map(|line| sender_in(unquoted(line)))
}

/// `From: Ann Lee <ann@example.com>`, in any language.
fn sender_in(line: &str) -> Option<Party> {
    let (name, value) = line.split_once([':', '：'])?;
    if !FROM.contains(&name.trim_matches(['*', ' ']).to_lowercase().as_str()) {
        return None;
    }
    let value = value.replace("mailto:", " ");
    let email = value
        .split(|c: char| c.is_whitespace() || "<>[]()\"'".contains(c))
        .find(|word| word.contains('@') && word.contains('.'))?;
    let name = value.split(['<', '[']).next().unwrap_or_default().trim_matches(['"', '*', ' ']);
    let name = if name.contains('@') { "" } else { name };
    Some(Party { email: email.to_owned(), name: name.to_owned() })
}

fn has_words(lines: &[&str]) -> bool {
    lines.iter().any(|line| !line.trim().is_empty() && !is_marks(line))
}

/// Where something that is not the sender's begins, how many lines introduce it, and how many of them end it.
struct Cut {
    at: usize,
    introduces: usize,
}

fn without_quotes<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let Some(cut) = first_cut(lines) else { return without_last_quote(lines) };
    let (before, after) = (&lines[..cut.at], &lines[cut.at + cut.introduces..]);
    let rest = own_lines_after(after);
    if has_words(before) {
        return match rest {
            // Answered in between: the quotes are needed to understand the answers.
            Rest::Between => without_attributions(lines),
            Rest::Below(_) if before.iter().any(|line| is_quoted(line)) => without_attributions(lines),
            Rest::Below(below) => [before, &[""], below].concat(),
            Rest::Nothing | Rest::Unmarked => before.to_vec(),
        };
    }
    match rest {
        Rest::Below(below) => below.to_vec(),
        Rest::Between | Rest::Unmarked | Rest::Nothing => without_attributions(lines),
    }
}

/// The first place where another message begins.
fn first_cut(lines: &[&str]) -> Option<Cut> {
    (0..lines.len()).find_map(|at| {
        if lines[at].trim().is_empty() {
            return None;
        }
        if is_separator(lines[at]) || is_rule(lines[at]) {
            let next = (at + 1..lines.len().min(at + 4)).find(|next| !lines[*next].trim().is_empty());
            let under = next.and_then(|next| Some((next, head(lines, next)?)));
            return match under {
                Some((next, length)) => Some(Cut { at, introduces: next - at + length }),
                None if is_separator(lines[at]) => Some(Cut { at, introduces: 1 }),
                None => None,
            };
        }
        let introduces = attribution(lines, at).or_else(|| head(lines, at))?;
        Some(Cut { at, introduces })
    })
}

/// What stands after the line that introduces a quote.
enum Rest<'l, 'a> {
    /// Nothing of the sender's.
    Nothing,
    /// Text without quote marks: whose, cannot be told.
    Unmarked,
    /// One quote, and the sender's words below it.
    Below(&'l [&'a str]),
    /// Quotes and words in turn.
    Between,
}

fn own_lines_after<'l, 'a>(after: &'l [&'a str]) -> Rest<'l, 'a> {
    let Some(first) = after.iter().position(|line| !line.trim().is_empty()) else { return Rest::Nothing };
    if !is_quoted(after[first]) {
        return Rest::Unmarked;
    }
    let quote_ends = |from: usize| {
        after[from..].iter().position(|line| !line.trim().is_empty() && !is_quoted(line)).map(|at| from + at)
    };
    let Some(below) = quote_ends(first) else { return Rest::Nothing };
    let own = without_signature(&after[below..]);
    if !has_words(&own) || is_foreign(&after[below..]) {
        return Rest::Nothing;
    }
    let again = after[below..].iter().any(|line| is_quoted(line));
    if again { Rest::Between } else { Rest::Below(&after[below..]) }
}

/// Lines under a quote that no person wrote: a signature, or what lists and scanners add.
fn is_foreign(lines: &[&str]) -> bool {
    lines.first().is_some_and(|line| is_delimiter(line) || is_rule(line) || is_separator(line) || is_footer(line))
}

/// Without the lines that say who wrote what: the quotes stay.
fn without_attributions<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let (mut kept, mut at) = (Vec::with_capacity(lines.len()), 0);
    while at < lines.len() {
        let skip = if lines[at].trim().is_empty() || is_quoted(lines[at]) {
            None
        } else if is_separator(lines[at]) {
            Some(1)
        } else {
            attribution(lines, at).or_else(|| head(lines, at))
        };
        match skip {
            Some(length) => at += length,
            None => {
                kept.push(lines[at]);
                at += 1;
            }
        }
    }
    kept
}

/// Without a quote at the end, when there is something above it.
fn without_last_quote<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let end = lines.iter().rposition(|line| !line.trim().is_empty() && !is_quoted(line)).map_or(0, |at| at + 1);
    let above = &lines[..end];
    if end == 0 || !has_words(above) { lines.to_vec() } else { above.to_vec() }
}

/// Without a signature and what telephones add.
fn without_signature<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let end = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
    let lines = &lines[..end];
    let in_code = |at: usize| lines[..at].iter().filter(|line| line.trim_start().starts_with("```")).count() % 2 == 1;
    // Both stand near the end: a long text is not searched from its beginning.
    let delimiter =
        (lines.len().saturating_sub(SIGNATURE_MAX)..lines.len()).find(|at| is_delimiter(lines[*at]) && !in_code(*at));
    let lines = &lines[..delimiter.unwrap_or(lines.len())];
    let footer = (lines.len().saturating_sub(FOOTERS_MAX)..lines.len()).find(|at| {
        let below = || lines[*at..].iter().filter(|line| !line.trim().is_empty());
        is_footer(lines[*at]) && below().filter(|line| is_footer(line)).count() * 10 >= below().count() * 7
    });
    lines[..footer.unwrap_or(lines.len())].to_vec()
}

/// As one text, without empty lines and marks at its ends.
fn trimmed(lines: &[&str]) -> String {
    let is_nothing = |line: &&&str| line.trim().is_empty() || (is_marks(line) && !line.trim_start().starts_with("```"));
    let start = lines.iter().take_while(|line| line.trim().is_empty()).count();
    let end = lines.len() - lines.iter().rev().take_while(is_nothing).count();
    if start >= end {
        return String::new();
    }
    let text: Vec<&str> = lines[start..end].iter().map(|line| line.trim_end()).collect();
    let indent = text.first().map_or(0, |line| line.len() - line.trim_start().len());
    text.join("\n")[indent..].to_owned()
}
