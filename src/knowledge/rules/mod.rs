//! Addresses of articles, and what changed between two versions.

#[cfg(feature = "ssr")]
mod file;
mod tree;

#[cfg(feature = "ssr")]
pub use file::ArticleFile;
pub use tree::{Placed, in_tree_order};

use serde::{Deserialize, Serialize};

/// The longest address, in characters.
const SLUG_MAX: usize = 80;

/// The last part of an article's address, from its title: `Why is my screen black?` becomes `why-is-my-screen-black`.
/// What has no Latin letters gets a word of its own.
pub fn slug_from(title: &str) -> String {
    let mut slug = String::new();
    for c in title.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'ä' | 'æ' => slug.push_str("ae"),
            'ö' | 'ø' | 'œ' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => slug.push('a'),
            'ç' | 'č' | 'ć' => slug.push('c'),
            'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => slug.push('e'),
            'ì' | 'í' | 'î' | 'ï' => slug.push('i'),
            'ł' => slug.push('l'),
            'ñ' | 'ń' | 'ň' => slug.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' => slug.push('o'),
            'ř' => slug.push('r'),
            'ś' | 'š' | 'ș' => slug.push('s'),
            'ț' | 'ť' => slug.push('t'),
            'ù' | 'ú' | 'û' | 'ů' => slug.push('u'),
            'ý' => slug.push('y'),
            'ź' | 'ż' | 'ž' => slug.push('z'),
            // An apostrophe joins: "don't" is one word.
            '\'' | '’' => {}
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let mut short: String = slug.chars().take(SLUG_MAX).collect();
    // Not in the middle of a word.
    if slug.len() > short.len()
        && let Some((whole, _)) = short.rsplit_once('-')
    {
        short = whole.to_owned();
    }
    let short = short.trim_matches('-');
    if short.is_empty() { "article".to_owned() } else { short.to_owned() }
}

/// A line of a text, as it stands in one version or in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineChange {
    Same,
    Added,
    Removed,
}

#[cfg(feature = "ssr")]
pub use difference::difference;

#[cfg(feature = "ssr")]
mod difference {
    use super::LineChange;
    use similar::{ChangeTag, TextDiff};

    /// What changed from one text to another, line by line; of what stays the same, two lines around each change, and `…`
    /// for the rest.
    pub fn difference(old: &str, new: &str) -> Vec<(LineChange, String)> {
        let diff = TextDiff::configure().timeout(std::time::Duration::from_millis(500)).diff_lines(old, new);
        let mut lines = Vec::new();
        for (number, group) in diff.grouped_ops(2).iter().enumerate() {
            if number > 0 {
                lines.push((LineChange::Same, "…".to_owned()));
            }
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let how = match change.tag() {
                    ChangeTag::Equal => LineChange::Same,
                    ChangeTag::Insert => LineChange::Added,
                    ChangeTag::Delete => LineChange::Removed,
                };
                lines.push((how, change.value().trim_end_matches(['\n', '\r']).to_owned()));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_short_plain_and_never_empty() {
        for (title, slug) in [
            ("Why is my screen black?", "why-is-my-screen-black"),
            ("Don’t panic: VPN (Windows 11)", "dont-panic-vpn-windows-11"),
            ("Größe ändern — für Éloïse", "groesse-aendern-fuer-eloise"),
            ("  ///  ", "article"),
            ("画面が黒い", "article"),
            ("-a-", "a"),
        ] {
            assert_eq!(slug_from(title), slug, "{title}");
        }
        let long = slug_from(&"printer ".repeat(40));
        assert!(long.len() <= 80 && long.ends_with("printer"), "{long}");
    }

    #[test]
    fn what_changed_is_shown_with_what_stands_around_it() {
        let old = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
        let new = "one\ntwo\nthree\nfour\nFIVE\nsix\nseven\n";
        use LineChange::*;
        let expected =
            [(Same, "three"), (Same, "four"), (Removed, "five"), (Added, "FIVE"), (Same, "six"), (Same, "seven")];
        let lines = difference(old, new);
        assert_eq!(lines.iter().map(|(how, line)| (*how, line.as_str())).collect::<Vec<_>>(), expected);
        assert!(difference("same", "same").is_empty());
    }
}
