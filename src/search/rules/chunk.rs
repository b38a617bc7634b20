//! An article in pieces that each have one meaning, and a ticket in one.

use crate::markdown::sections;

/// About so many tokens of a model in a piece, its heading not counted.
const TOKENS: usize = 180;
/// The end of a piece stands at the beginning of the next, up to so many tokens: what is said across a border is in both.
const OVERLAP: usize = 30;
/// An article of more pieces is cut: its first hundred thousand words or so are found.
const CHUNKS_MAX: usize = 500;
/// So much of a ticket says what it is about, in characters.
const TICKET_MAX: usize = 2000;

/// A piece of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Title, headings and text, as the model reads it.
    pub text: String,
    pub anchor: Option<String>,
}

/// The pieces of an article: by headings, then by sentences. What stands above, its title and headings, is in each.
pub fn article_chunks(title: &str, summary: Option<&str>, content: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    if let Some(summary) = summary.filter(|summary| !summary.trim().is_empty()) {
        chunks.push(Chunk { text: format!("{title}\n{}", summary.trim()), anchor: None });
    }
    for section in sections(content) {
        let above: Vec<&str> = std::iter::once(title).chain(section.path.iter().map(String::as_str)).collect();
        let above = above.join(" › ");
        let pieces = pieces(&section.text).into_iter();
        chunks.extend(pieces.map(|text| Chunk { text: format!("{above}\n{text}"), anchor: section.anchor.clone() }));
        if chunks.len() >= CHUNKS_MAX {
            break;
        }
    }
    if chunks.is_empty() {
        chunks.push(Chunk { text: title.to_owned(), anchor: None });
    }
    chunks.truncate(CHUNKS_MAX);
    chunks
}

/// What a ticket is about: its subject, the first message, and what solved it once it is solved.
pub fn ticket_text(subject: &str, description: &str, resolution: Option<&str>) -> String {
    let description: String = description.chars().take(TICKET_MAX).collect();
    let resolution: String = resolution.unwrap_or_default().chars().take(TICKET_MAX / 2).collect();
    let parts = [subject, &description, &resolution];
    parts.map(str::trim).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn pieces(text: &str) -> Vec<String> {
    let sentences = sentences(text);
    let (mut pieces, mut piece, mut tokens): (Vec<String>, Vec<&str>, usize) = (Vec::new(), Vec::new(), 0);
    for sentence in sentences {
        let more = tokens_of(sentence);
        if tokens + more > TOKENS && !piece.is_empty() {
            pieces.push(piece.concat().trim().to_owned());
            // The last sentences again, as far as they are short.
            let mut kept = 0;
            let from = piece.iter().rposition(|sentence| {
                kept += tokens_of(sentence);
                kept > OVERLAP
            });
            piece.drain(..from.map_or(0, |from| from + 1));
            tokens = piece.iter().map(|sentence| tokens_of(sentence)).sum();
        }
        piece.push(sentence);
        tokens += more;
    }
    pieces.push(piece.concat().trim().to_owned());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Sentences with what follows them, so that they make the text again; what is too long for a piece is cut between words.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next_is_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        let ends = match c {
            '\n' | '。' | '！' | '？' => true,
            '.' | '!' | '?' | ':' | ';' => next_is_space,
            _ => c.is_whitespace() && tokens_of(&text[start..end]) >= TOKENS,
        } || end - start >= TOKENS * 8;
        if ends {
            found.push(&text[start..end]);
            start = end;
        }
    }
    if start < text.len() {
        found.push(&text[start..]);
    }
    found
}

/// About as many as the models' own tokenizers count: a word of Latin letters is a little more than one, every other
/// letter is one.
fn tokens_of(text: &str) -> usize {
    let words = text.split_whitespace().map(|word| word.len().div_ceil(6)).sum::<usize>();
    let others = text.chars().filter(|c| !c.is_ascii() && c.is_alphanumeric()).count();
    words.max(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_cut_at_headings_and_between_sentences() {
        let long = "The cable of the monitor is loose. ".repeat(60);
        let chunks = article_chunks(
            "Black screen",
            Some("What to do"),
            &format!("First.\n\n## Cable\n\n{long}\n\n## Driver\n\nRoll it back."),
        );
        assert_eq!(chunks[0].text, "Black screen\nWhat to do");
        assert_eq!(chunks[1].text, "Black screen\nFirst.");
        assert!(chunks[2].text.starts_with("Black screen › Cable\nThe cable"), "{}", chunks[2].text);
        assert_eq!(chunks[2].anchor.as_deref(), Some("about-cable"));
        assert_eq!(chunks.last().unwrap().text, "Black screen › Driver\nRoll it back.");
        let cable: Vec<_> = chunks.iter().filter(|chunk| chunk.text.contains("› Cable")).collect();
        assert!(
            cable.len() > 2 && cable.iter().all(|chunk| tokens_of(&chunk.text) < 240 && chunk.text.ends_with("loose."))
        );
    }

    #[test]
    fn whatever_is_written_is_cut_without_losing_its_words() {
        for text in [
            "",
            "   ",
            "x".repeat(100_000).as_str(),
            "日本語の文章です。".repeat(3000).as_str(),
            "🦀".repeat(5000).as_str(),
            "a. ".repeat(5000).as_str(),
        ] {
            let chunks = article_chunks("Title", None, text);
            assert!(!chunks.is_empty() && chunks.len() <= CHUNKS_MAX);
            assert!(
                chunks.iter().all(|chunk| chunk.text.starts_with("Title") && chunk.text.len() < TOKENS * 8 * 4 + 100)
            );
        }
        let words: Vec<String> = (0..3000).map(|word| format!("w{word}")).collect();
        let all: String =
            article_chunks("", None, &words.join(" ")).iter().map(|chunk| format!("{} ", chunk.text)).collect();
        assert!(words.iter().all(|word| all.split_whitespace().any(|one| one == word)));
    }
}
