//! Which lines of a message are not its sender's words now: quotes, what introduces them, signatures, footers.

use super::phrases::answers::{FROM, HEAD, INTRO, ORIGINAL, WROTE};
use super::phrases::footers::{DEVICES, FOOTERS};

/// A line that says who wrote what follows may be broken into so many.
const BROKEN_INTO: usize = 6;
/// It is not longer than this, in characters.
const ATTRIBUTION_MAX: usize = 400;
/// How many lines of a head are looked at.
const HEAD_LINES: usize = 12;

pub fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// A line without what programs put before it in a quote.
pub fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t'])
}

/// How many lines from `at` on say who wrote what follows, and when.
pub fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    let first = unquoted(lines[at]).trim_matches(['-', '*', '_', ' ', '\t']);
    if !begins_attribution(first) {
        return None;
    }
    let (mut joined, mut length) = (String::new(), 0);
    for (count, line) in lines[at..].iter().enumerate().take(BROKEN_INTO) {
        let line = unquoted(line).trim();
        if line.is_empty() {
            // Some break it with empty lines inside; none begins with one.
            continue;
        }
        joined.push_str(if joined.is_empty() { "" } else { " " });
        joined.push_str(line.trim_matches(['-', '*', '_']).trim());
        length += line.chars().count();
        if length > ATTRIBUTION_MAX {
            return None;
        }
        if ends_attribution(&joined) {
            return Some(count + 1);
        }
    }
    is_bare_date(first).then_some(1)
}

fn begins_attribution(line: &str) -> bool {
    let Some(token) = line.split_whitespace().next() else { return false };
    let word = token.trim_matches(['*', '"', ',', '.', ':', '(']).to_lowercase();
    token.starts_with(|c: char| c.is_ascii_digit())
        || token.starts_with(['在', '于', '於'])
        || INTRO.contains(&word.as_str())
        || (has_address(line) && line.ends_with([':', '：']))
}

fn ends_attribution(joined: &str) -> bool {
    let text = joined.to_lowercase();
    let (has_time, has_year) = (has_time(&text), has_year(&text));
    if !(has_time || has_year || has_address(&text)) {
        return false;
    }
    let end = text.trim_end_matches([':', '：', ' ', '-', '*', '\u{a0}', '.']);
    let ends_in_colon = end.len() < text.len() && text.trim_end().ends_with([':', '：']);
    let says = |verb: &&&str| end.ends_with(**verb);
    let dated = has_time || has_year;
    WROTE.iter().any(|verb| says(&verb))
        || (ends_in_colon && dated && WROTE.iter().any(|verb| text.contains(&format!(" {verb} "))))
        || (ends_in_colon && dated && has_address(&text))
}

/// `2016-03-03 17:21 GMT+01:00 Some One`, as older Gmail wrote.
fn is_bare_date(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let day = words.next().is_some_and(|day| day.len() == 10 && day.bytes().filter(|byte| *byte == b'-').count() == 2);
    day && words.next().is_some_and(has_time)
        && words.next().is_some_and(|zone| zone.starts_with("GMT") || zone.starts_with("UTC"))
        && line.chars().count() < 100
}

fn has_address(text: &str) -> bool {
    text.split('@').skip(1).any(|after| after.starts_with(|c: char| c.is_alphanumeric())) && !text.starts_with('@')
}

/// `9:30`, `09.30`.
fn has_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(4).enumerate().any(|(at, four)| {
        let ends = bytes.get(at + 4).is_none_or(|byte| !byte.is_ascii_digit());
        four[0].is_ascii_digit()
            && (four[1] == b':' || four[1] == b'.')
            && four[2].is_ascii_digit()
            && four[3].is_ascii_digit()
            && ends
    })
}

/// A number of four digits, as a year has.
fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")))
}

/// `-----Original Message-----`, in many languages.
pub fn is_separator(line: &str) -> bool {
    let line = unquoted(line).trim();
    let inner = line.trim_matches(['-', '_', '=', '*', ' ', '<', '>', ':']).to_lowercase();
    let dashed = line.starts_with("--") || line.starts_with("__") || line.starts_with("==") || line.starts_with("*-");
    let begins = inner.starts_with("begin forwarded message") || inner.starts_with("reply above this line");
    (dashed || begins) && inner.chars().count() < 80 && ORIGINAL.iter().any(|words| inner.contains(words))
}

/// A line of underscores or dashes alone, as Outlook draws above the head of what is answered.
pub fn is_rule(line: &str) -> bool {
    let line = unquoted(line).trim();
    line.len() >= 5 && (line.bytes().all(|byte| byte == b'_') || line.bytes().all(|byte| byte == b'-'))
}

/// How many lines from `at` on are the head of another message, as programs copy it.
pub fn head(lines: &[&str], at: usize) -> Option<usize> {
    let first = head_name(lines[at])?;
    let (mut who, mut others) = (FROM.contains(&first.as_str()), Vec::new());
    if !who {
        others.push(first);
    }
    let mut last = at;
    for (index, line) in lines.iter().enumerate().skip(at + 1).take(HEAD_LINES) {
        match head_name(line) {
            Some(name) if FROM.contains(&name.as_str()) && !who => {
                who = true;
                last = index;
            }
            Some(name) if !others.contains(&name) => {
                others.push(name);
                last = index;
            }
            Some(_) => {}
            // One empty line between each two is how some convert it; a subject may go on.
            None if unquoted(line).trim().is_empty() && index > last + 1 => break,
            None => {}
        }
    }
    // Unlike an address list, a head tells when or what about.
    let enough = if who { others.len() >= 2 } else { others.len() >= 3 };
    (enough && who).then(|| {
        let goes_on = lines[last + 1..].iter().take_while(|line| !unquoted(line).trim().is_empty()).count();
        last + 1 - at + if goes_on <= 2 { goes_on } else { 0 }
    })
}

/// The name of a head's line: what stands before its colon, if it is one that heads have.
fn head_name(line: &str) -> Option<String> {
    let line = unquoted(line).trim_start_matches(['*', ' ', '|']);
    let (name, _) = line.split_once([':', '：'])?;
    let name = name.trim_matches(['*', ' ', '\u{a0}', '\t']).to_lowercase();
    (FROM.contains(&name.as_str()) || HEAD.contains(&name.as_str())).then_some(name)
}

/// What begins a signature (RFC 3676, section 4.3), or the footer of a list.
pub fn is_delimiter(line: &str) -> bool {
    matches!(line.trim_end(), "--" | "__" | "-- " | "---" | "_____" | "________")
}

/// A line of nothing but marks, as some draw above their signature.
pub fn is_marks(line: &str) -> bool {
    let line = line.trim();
    line.chars().all(|c| "-_*#~=+•·ᐧ\u{200b}\u{feff}".contains(c))
}

/// A line that a telephone or a program added.
pub fn is_footer(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['(', '<', '[', '*', '-', ' ']).to_lowercase();
    if line.chars().count() > 110 {
        return false;
    }
    if FOOTERS.iter().any(|words| line.starts_with(words)) || line.ends_with("から送信") || line.ends_with("傳送")
    {
        return true;
    }
    let Some(rest) = line.strip_prefix("sent from ").or_else(|| line.strip_prefix("sent from")) else { return false };
    let rest = rest.trim_start_matches(['[', '<', '(']);
    let mut words = rest.split(|c: char| c.is_whitespace() || ",.]<>()".contains(c)).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return true };
    let named = if matches!(first, "my" | "the" | "our") { words.next().unwrap_or_default() } else { first };
    let then: Vec<&str> = words.take(2).collect();
    let is_device = |word: &str| DEVICES.contains(&word) || word.bytes().any(|byte| byte.is_ascii_digit());
    is_device(named) || then.iter().any(|word| is_device(word) && named != "desk" && named != "home")
}
