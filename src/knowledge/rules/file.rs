//! An article as a file of Markdown: what is known of it stands above its text, between two lines of `---`, as other
//! programs for such files write it.

use crate::knowledge::{ArticleStatus, ArticleVisibility};
use std::fmt::Write;

/// What a file says. What it does not say is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleFile {
    pub title: String,
    pub slug: Option<String>,
    pub summary: Option<String>,
    pub tags: Vec<String>,
    pub status: Option<ArticleStatus>,
    pub visibility: Option<ArticleVisibility>,
    /// `2026-11-25`.
    pub review_by: Option<String>,
    /// Files that belong to it, by their paths from where this one lies; those that the text leads to need not be named.
    pub attachments: Vec<String>,
    pub content: String,
}

impl ArticleFile {
    /// Reads a file. Without a title above the text, its first heading is the title and no part of the text; without one,
    /// `name`, the file's.
    pub fn read(text: &str, name: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let (head, body) = split(&text);
        let mut file = Self { content: body.trim().to_owned(), ..Self::default() };
        for (key, values) in fields(head) {
            let first = values.first().cloned().filter(|value| !value.is_empty());
            match key.as_str() {
                "title" => file.title = first.unwrap_or_default(),
                "slug" => file.slug = first,
                "summary" | "description" => file.summary = first,
                "tags" | "keywords" => file.tags = values,
                "status" => file.status = first.and_then(|word| word.to_uppercase().parse().ok()),
                "draft" if first.as_deref() == Some("true") => file.status = Some(ArticleStatus::Draft),
                "visibility" => file.visibility = first.and_then(|word| word.to_uppercase().parse().ok()),
                "review_by" => file.review_by = first,
                "attachments" => file.attachments = values,
                _ => {}
            }
        }
        if file.title.is_empty() {
            match file.content.strip_prefix("# ").map(|rest| rest.split_once('\n').unwrap_or((rest, ""))) {
                Some((title, rest)) => (file.title, file.content) = (title.trim().to_owned(), rest.trim().to_owned()),
                None => file.title = name.replace(['-', '_'], " "),
            }
        }
        file
    }

    /// Writes one that [`read`](Self::read) reads as the same.
    pub fn write(&self) -> String {
        let mut text = format!("---\ntitle: {}\n", quoted(&self.title));
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(text, "{key}: {value}");
            }
        };
        line("slug", self.slug.clone());
        line("summary", self.summary.as_deref().map(quoted));
        line("tags", list(&self.tags));
        line("status", self.status.map(|status| status.to_string()));
        line("visibility", self.visibility.map(|visibility| visibility.to_string()));
        line("review_by", self.review_by.clone());
        line("attachments", list(&self.attachments));
        let _ = write!(text, "---\n\n{}\n", self.content.trim());
        text
    }
}

/// None for an empty one.
fn list(values: &[String]) -> Option<String> {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    (!values.is_empty()).then(|| format!("[{}]", values.join(", ")))
}

/// What stands above the text, and the text.
fn split(text: &str) -> (&str, &str) {
    let Some(rest) = text.strip_prefix("---\n") else { return ("", text) };
    match rest.split_once("\n---\n").or_else(|| rest.strip_suffix("\n---").map(|head| (head, ""))) {
        Some(parts) => parts,
        None => ("", text),
    }
}

/// `key: value`, `key: [a, b]`, and `key:` with `- a` lines below. What is deeper is nobody's here.
fn fields(head: &str) -> Vec<(String, Vec<String>)> {
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for line in head.lines() {
        let item = line.trim_start().strip_prefix("- ");
        match (item, line.split_once(':')) {
            (Some(item), _) => {
                if let Some((_, values)) = fields.last_mut() {
                    values.push(plain(item));
                }
            }
            (None, Some((key, value))) if !line.starts_with(char::is_whitespace) => {
                let value = value.trim();
                let values = match value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
                    Some(list) => list_of(list),
                    None if value.is_empty() => Vec::new(),
                    None if key == "tags" || key == "keywords" => list_of(value),
                    None => vec![plain(value)],
                };
                fields.push((key.trim().to_lowercase(), values));
            }
            _ => {}
        }
    }
    fields
}

/// Separated by commas outside quotes.
fn list_of(text: &str) -> Vec<String> {
    let (mut values, mut value, mut is_quoted) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match (c, is_quoted) {
            (',', None) => values.push(std::mem::take(&mut value)),
            ('"' | '\'', None) if value.trim().is_empty() => {
                is_quoted = Some(c);
                value.push(c);
            }
            (c, Some(mark)) if c == mark => {
                is_quoted = None;
                value.push(c);
            }
            _ => value.push(c),
        }
    }
    values.push(value);
    values.iter().map(|value| plain(value)).filter(|value| !value.is_empty()).collect()
}

/// Without its quotes.
fn plain(value: &str) -> String {
    let value = value.trim();
    match value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => match value.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')) {
            Some(inner) => inner.replace("''", "'"),
            None => value.to_owned(),
        },
    }
}

fn quoted(value: &str) -> String {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let file = ArticleFile {
            title: "A \"quoted\" title: with \\ and , in it".into(),
            slug: Some("a-quoted-title".into()),
            summary: Some("In a sentence.".into()),
            tags: vec!["vpn".into(), "new employee".into()],
            status: Some(ArticleStatus::Published),
            visibility: Some(ArticleVisibility::Public),
            review_by: Some("2027-01-31".into()),
            attachments: vec!["a/1-menu.png".into(), "a/2, three.txt".into()],
            content: "## One\n\n---\n\nTwo.".into(),
        };
        assert_eq!(ArticleFile::read(&file.write(), "x"), file);
    }

    #[test]
    fn files_of_other_programs_are_read() {
        let file = ArticleFile::read(
            "---\r\nlayout: post\r\ntitle: 'It''s here'\r\ntags:\r\n  - one\r\n  - \"two, three\"\r\ndraft: true\r\nparams:\r\n  title: no\r\n---\r\nText.\r\n",
            "x",
        );
        assert_eq!((file.title.as_str(), file.content.as_str()), ("It's here", "Text."));
        assert_eq!(file.tags, ["one", "two, three"]);
        assert_eq!(file.status, Some(ArticleStatus::Draft));
        assert_eq!(ArticleFile::read("# Title\n\nText.", "x").title, "Title");
        assert_eq!(ArticleFile::read("# Title\n\nText.", "x").content, "Text.");
        assert_eq!(ArticleFile::read("Text.", "how-to_print").title, "how to print");
        for text in [
            "",
            "---",
            "---\n",
            "---\n---\n",
            "---\n:\n---\nx",
            "---\ntags: [\"a, b\n---\n",
            "\u{feff}x",
            "---\nno end",
        ] {
            let _ = ArticleFile::read(text, "x").write();
        }
    }
}
