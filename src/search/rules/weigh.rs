//! Words and meaning, weighed against each other.

/// The share of meaning in a score: the rest is the words'. By measurement, see docs/benchmarks-search.md: on other people's
/// questions equal weights lose what vectors know; this share keeps it, and adds what they don't know, such as error codes.
const MEANING: f32 = 0.75;
/// Words add something only where more than this of what the question's words are worth stands in a text: a few that
/// happen to stand there are no sign.
const ENOUGH_WORDS: f32 = 0.55;
/// What is farther than this in meaning, and has few of the words, is not found.
const FAR: f32 = 0.3;
const FEW_WORDS: f32 = 0.4;
/// How much more a code is worth than a word.
const CODES: f64 = 2.5;

/// What a word is worth: the fewer texts it stands in, the more (its inverse document frequency); what has digits, an error
/// code or a number, is meant exactly, and is worth more than others.
pub fn worth(word: &str, texts: f64, with_it: f64) -> f64 {
    let worth = ((texts.max(1.0) + 1.0) / (with_it + 0.5)).ln().max(0.05);
    if word.chars().any(|c| c.is_ascii_digit()) { worth * CODES } else { worth }
}

/// Both together; `words` from 0 to 1, `meaning` a cosine. Where nothing is known of the meaning, the words alone.
pub fn score(words: f32, meaning: Option<f32>) -> f32 {
    let Some(meaning) = meaning else { return words };
    let words = (words - ENOUGH_WORDS).max(0.0) / (1.0 - ENOUGH_WORDS);
    MEANING * meaning.max(0.0) + (1.0 - MEANING) * words
}

/// Whether it is worth showing.
pub fn is_found(words: f32, meaning: Option<f32>) -> bool {
    match meaning {
        Some(meaning) => meaning >= FAR || words >= FEW_WORDS,
        None => words > 0.0,
    }
}

/// What someone looked for, without what could be someone's: addresses, long numbers, anything with an @. None where
/// nothing is left.
pub fn without_personal_data(words: &str) -> Option<String> {
    let is_ours = |word: &&str| !word.contains('@') && word.chars().filter(char::is_ascii_digit).count() < 6;
    let words: Vec<String> = words.split_whitespace().filter(is_ours).map(str::to_lowercase).collect();
    let words: String = words.join(" ").chars().take(200).collect();
    Some(words).filter(|words| words.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_word_is_worth_more() {
        assert!(
            worth("vpn", 1000.0, 1.0) > 3.0 * worth("vpn", 1000.0, 200.0)
                && worth("a", 10.0, 10.0) > 0.0
                && worth("a", 0.0, 0.0) > 0.0
        );
        assert!(worth("0x80", 1000.0, 1.0) > 2.0 * worth("vpn", 1000.0, 1.0));
    }

    #[test]
    fn meaning_leads_and_all_the_words_decide() {
        assert!(score(0.5, Some(0.5)) < score(0.0, Some(0.6)));
        assert!(score(1.0, Some(0.2)) > score(0.0, Some(0.5)));
        assert_eq!(score(0.3, None), 0.3);
        assert!(
            is_found(0.1, None) && !is_found(0.1, Some(0.1)) && is_found(0.0, Some(0.4)) && is_found(0.9, Some(0.0))
        );
    }

    #[test]
    fn what_was_looked_for_is_kept_without_whose_it_was() {
        assert_eq!(without_personal_data("VPN for marta@example.com 0151-2345678").as_deref(), Some("vpn for"));
        assert_eq!(without_personal_data("error 809").as_deref(), Some("error 809"));
        assert_eq!(without_personal_data("a@b.c +++"), None);
    }
}
