//! What is shown of an article as an answer: all of it where it is short, else the part that answers, in Markdown.

use crate::knowledge::rules::slug_from;

/// So many characters.
const LONG: usize = 1600;

/// The part of `content` that begins under the heading with this anchor, where one is named; else under the first that has one of
/// the words; else at the beginning. With the anchor of where it begins, if that is not the beginning.
pub fn passage_of(content: &str, anchor: Option<&str>, words: &[String]) -> (Option<String>, String) {
    let content = content.trim();
    if content.chars().count() <= LONG {
        return (None, content.to_owned());
    }
    let parts = parts(content);
    let named = anchor.and_then(|anchor| parts.iter().position(|(own, _)| own.as_deref() == Some(anchor)));
    let with_word = || {
        let has = |text: &str| words.iter().filter(|word| text.contains(&word.to_lowercase())).count();
        let counted = parts.iter().enumerate().map(|(at, (_, text))| (at, has(&text.to_lowercase())));
        counted.rev().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0).map(|(at, _)| at)
    };
    let from = named.or_else(with_word).unwrap_or(0);
    let whole: String = parts[from..].iter().map(|(_, text)| text.as_str()).collect();
    (parts[from].0.clone().filter(|_| from > 0), cut(whole.trim()))
}

/// The Markdown between headings, each with its own, and the anchor of that.
fn parts(content: &str) -> Vec<(Option<String>, String)> {
    let mut parts: Vec<(Option<String>, String)> = vec![(None, String::new())];
    let mut in_code = false;
    for line in content.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_code = !in_code;
        }
        if !in_code && trimmed.starts_with('#') && trimmed.trim_start_matches('#').starts_with(' ') {
            let base = format!("about-{}", slug_from(trimmed.trim_matches('#').trim()));
            let more = format!("{base}-");
            let is_same = |known: &&String| **known == base || known.starts_with(&more);
            let same = parts.iter().filter_map(|(known, _)| known.as_ref()).filter(is_same).count();
            let anchor = if same == 0 { base } else { format!("{base}-{}", same + 1) };
            parts.push((Some(anchor), String::new()));
        }
        if let Some((_, text)) = parts.last_mut() {
            text.push_str(line);
        }
    }
    parts.retain(|(_, text)| !text.trim().is_empty());
    parts
}

/// Not in the middle of a paragraph, where one ends early enough.
fn cut(text: &str) -> String {
    if text.chars().count() <= LONG {
        return text.to_owned();
    }
    let short: String = text.chars().take(LONG).collect();
    match short.rfind("\n\n").filter(|end| *end > short.len() / 3) {
        Some(end) => short[..end].to_owned(),
        None => format!("{short}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_article_is_shown_whole_and_of_a_long_one_what_answers() {
        assert_eq!(passage_of(" # A\n\nb ", Some("about-a"), &[]), (None, "# A\n\nb".to_owned()));
        let long = format!(
            "first\n\n## One\n\n{}\n\n## Two `x`\n\nThe cable.\n\n## Three\n\n{}",
            "a ".repeat(900),
            "b\n\n".repeat(900)
        );
        let (anchor, text) = passage_of(&long, Some("about-two-x"), &[]);
        assert_eq!(anchor.as_deref(), Some("about-two-x"));
        assert!(
            text.starts_with("## Two `x`\n\nThe cable.") && text.chars().count() <= LONG && text.ends_with('b'),
            "{text}"
        );
        assert!(passage_of(&long, None, &["cable".to_owned()]).1.starts_with("## Two"));
        assert!(passage_of(&long, None, &["wombat".to_owned()]).1.starts_with("first"));
        assert!(passage_of(&"é".repeat(4000), None, &[]).1.ends_with('…'));
    }
}
