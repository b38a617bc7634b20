//! Text that came from outside, parsed once at the edge.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Trims `text` and checks that it is neither empty nor longer than `max` characters and holds no NUL.
pub fn bounded(field: &str, text: &str, max: usize) -> Result<String> {
    match optional(field, Some(text), max)? {
        Some(text) => Ok(text),
        None => Err(Error::invalid(field, "Please fill this in.")),
    }
}

/// Like [`bounded`], but nothing is fine too.
pub fn optional(field: &str, text: Option<&str>, max: usize) -> Result<Option<String>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.contains('\0') {
        return Err(Error::invalid(field, "This contains a character that cannot be stored (NUL)."));
    }
    if text.chars().count() > max {
        return Err(Error::invalid(field, format!("At most {max} characters, please.")));
    }
    Ok(Some(text.to_owned()))
}

/// A cell that a spreadsheet would run as a formula has a guard before it (OWASP, CSV injection); so has one that would be
/// taken for a guarded one.
#[cfg(feature = "ssr")]
pub(crate) fn guard_cell(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula || without_guard(cell) != cell { format!("'{cell}") } else { cell.to_owned() }
}

/// What [`guard_cell`] was given.
#[cfg(feature = "ssr")]
pub(crate) fn without_guard(cell: &str) -> &str {
    let inner = cell.trim_start_matches('\'');
    let is_guarded = inner.len() < cell.len() && inner.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_guarded { &cell[1..] } else { cell }
}

/// So many words of a question count.
#[cfg(feature = "ssr")]
const WORDS_MAX: usize = 12;

/// What a text search is asked for (`to_tsquery` in the configuration `simple`): each word, or its beginning, has to stand there.
/// What is neither letter nor digit parts words, as in the index; `None` of signs alone, which stand nowhere.
#[cfg(feature = "ssr")]
pub(crate) fn prefixes(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS_MAX);
    let words: Vec<String> = words.map(|word| format!("'{word}':*")).collect();
    (!words.is_empty()).then(|| words.join(" & "))
}

/// An e-mail address as people use them: `local@domain`, at most 254 characters (RFC 5321), compared without case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = bounded("email", text, 254)?;
        let wrong = || Error::invalid("email", "This does not look like an e-mail address.");
        let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"@".contains(c);
        let domain_ok = !domain.is_empty()
            && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        if local.is_empty() || local.len() > 64 || local.contains(forbidden) || domain.contains(forbidden) || !domain_ok
        {
            return Err(wrong());
        }
        Ok(Self(text.to_lowercase()))
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_lowercased_and_trimmed() {
        assert_eq!(" Ana.Ruiz@Example.COM ".parse::<EmailAddress>().unwrap().as_str(), "ana.ruiz@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused_at_its_field() {
        for text in
            ["", "a", "@b.c", "a@", "a b@c.d", "a@b@c", "a@.b", "a@b..c", "a\0@b.c", "<a@b.c>", "a@b.c\r\nBcc: x@y.z"]
        {
            match text.parse::<EmailAddress>() {
                Err(Error::Invalid(fields)) => assert!(fields.contains_key("email"), "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        assert!(format!("{}@example.com", "a".repeat(300)).parse::<EmailAddress>().is_err());
    }

    #[test]
    fn bounded_text_counts_characters_not_bytes() {
        assert_eq!(bounded("subject", "  äöü ", 3).unwrap(), "äöü");
        assert!(bounded("subject", "äöüx", 3).is_err());
        assert!(bounded("subject", " \n ", 3).is_err());
        assert!(bounded("subject", "a\0b", 10).is_err());
    }
}
