//! What is made of what a model wrote: it says where it has it from, or it does not know.

use crate::markdown;

/// What a model answers where the passages do not say.
pub(super) const UNKNOWN: &str = "NO_ANSWER";

/// What it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// With the passages that it cites, by their numbers.
    Answer { text: String, cites: Vec<usize> },
    /// The passages do not say; or it says something without saying where that stands, which is a guess.
    Unknown,
}

/// An answer counts where it cites at least one of the `passages` that it was given.
pub fn heard(text: &str, passages: usize) -> Heard {
    let text = text.trim();
    let cites = cited(text, passages);
    match text.contains(UNKNOWN) || cites.is_empty() {
        true => Heard::Unknown,
        false => Heard::Answer { text: text.to_owned(), cites },
    }
}

/// Whether what was written so far may become that it does not know.
pub fn may_be_unknown(begun: &str) -> bool {
    let begun = begun.trim_start();
    UNKNOWN.starts_with(begun) || begun.starts_with(UNKNOWN)
}

/// The numbers in square brackets that stand for a passage, each once, in order.
fn cited(text: &str, passages: usize) -> Vec<usize> {
    let mut cites: Vec<usize> = text
        .split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'))
        .flat_map(|(inside, _)| inside.split(','))
        .filter_map(|number| number.trim().parse().ok())
        .filter(|number| (1..=passages).contains(number))
        .collect();
    cites.sort_unstable();
    cites.dedup();
    cites
}

/// An answer as HTML that is safe to show. `paths` are where the passages are read, in their order, empty for what may not
/// be; they are all that it leads to: a model's own links, pictures and HTML are none.
pub fn render_answer(text: &str, paths: &[String]) -> String {
    markdown::render_cited(text, &|number| paths.get(number.checked_sub(1)?).filter(|path| !path.is_empty()).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_cites_nothing_is_a_guess() {
        assert_eq!(heard("Restart it.", 3), Heard::Unknown);
        assert_eq!(heard("Restart it [7].", 3), Heard::Unknown);
        assert_eq!(heard(" NO_ANSWER ", 3), Heard::Unknown);
        let Heard::Answer { cites, .. } = heard("Restart it [2]. Then wait [1, 2] [0].", 3) else { panic!() };
        assert_eq!(cites, [1, 2]);
    }

    #[test]
    fn an_answer_leads_nowhere_but_to_what_it_cites() {
        let paths = ["/portal/kb/one#about-x".to_owned(), String::new()];
        let html = render_answer(
            "Hold **it** [1], [2] and [3]. [Click](https://evil.example/?q=secret) ![x](https://evil.example/p.png) <script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) https://evil.example",
            &paths,
        );
        assert!(html.contains(r#"<a href="/portal/kb/one#about-x""#), "{html}");
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href=\"https"), "{html}");
        assert!(html.contains("<strong>it</strong>") && html.contains("[2]") && html.contains("Click"), "{html}");
    }
}
