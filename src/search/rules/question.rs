//! What someone typed.

/// So many words of a search count: nobody means more.
pub const WORDS_MAX: usize = 24;
/// So many characters of it are read.
const LENGTH_MAX: usize = 500;
/// So many of a word.
const WORD_MAX: usize = 60;

/// A question as it is looked for. Any text at all can be one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// As it was typed, bounded, without what is left out on purpose: what its meaning is taken from.
    pub text: String,
    /// Its words, each once.
    pub words: Vec<String>,
    /// What stood in quotes: must stand so.
    pub phrases: Vec<String>,
    /// What had a minus before it: must not stand there.
    pub without: Vec<String>,
    /// The last word may be the beginning of one only.
    pub is_being_typed: bool,
}

impl Question {
    /// What stands in a field while it is being filled.
    pub fn typed(text: &str) -> Self {
        let whole = !text.ends_with(|c: char| c.is_alphanumeric());
        Self { is_being_typed: !whole, ..Self::asked(text) }
    }

    /// What was asked, to its end.
    pub fn asked(text: &str) -> Self {
        let text: String = text.replace('\0', " ").chars().take(LENGTH_MAX).collect();
        let mut question = Self::default();
        let mut said = Vec::new();
        for (at, part) in text.split('"').enumerate() {
            // Between a pair of quotes; a single one is none.
            if at % 2 == 1 && text.matches('"').count() > at {
                question.phrases.extend(Some(part.trim().to_owned()).filter(|phrase| has_words(phrase)));
                said.extend(part.split_whitespace());
                continue;
            }
            for word in part.split_whitespace() {
                match word.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphanumeric)) {
                    Some(rest) if !rest.starts_with(|c: char| c.is_ascii_digit()) => {
                        question.without.push(rest.to_owned())
                    }
                    _ => said.push(word),
                }
            }
        }
        question.text = said.join(" ");
        for word in said.iter().filter(|word| has_words(word)) {
            let word: String = word.chars().take(WORD_MAX).collect();
            if !question.words.contains(&word) && question.words.len() < WORDS_MAX {
                question.words.push(word);
            }
        }
        question.phrases.truncate(WORDS_MAX);
        question.without.truncate(WORDS_MAX);
        question
    }

    /// There is nothing to look for.
    pub fn is_empty(&self) -> bool {
        !has_words(&self.text)
    }
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_what_is_left_out_are_told_apart() {
        let question = Question::asked("vpn \"does not connect\" -mac error -809 vpn");
        assert_eq!(question.words, ["vpn", "does", "not", "connect", "error", "-809"]);
        assert_eq!((question.phrases, question.without), (vec!["does not connect".to_owned()], vec!["mac".to_owned()]));
        assert_eq!(question.text, "vpn does not connect error -809 vpn");
        assert!(Question::typed("the prin").is_being_typed && !Question::typed("the printer ").is_being_typed);
    }

    #[test]
    fn any_text_is_a_question() {
        for text in [
            "",
            "\"",
            "\"\"",
            "' | & ! <-> :*",
            "'; DROP TABLE tickets; --",
            "a\0b",
            "שלום עולם",
            "🦀 🦀",
            "(((((",
            "-",
            "--",
            "%_\\",
        ] {
            let question = Question::typed(text);
            assert!(question.words.iter().all(|word| word.chars().any(char::is_alphanumeric)), "{text}");
        }
        let long = Question::asked(&"word".repeat(100_000));
        assert!(long.text.len() <= LENGTH_MAX && long.words[0].len() <= WORD_MAX);
        assert!(Question::asked(&(0..9999).map(|at| format!("{at} ")).collect::<String>()).words.len() <= WORDS_MAX);
    }
}
