//! Slips of the pen: a word that stands nowhere is read as the one that it is nearest to.

use std::collections::BTreeSet;

/// Three letters in a row, with what begins and ends the word: `vpn` has `  v`, ` vp`, `vpn`, `pn `.
pub fn trigrams(word: &str) -> Vec<String> {
    let letters: Vec<char> = format!("  {} ", word.to_lowercase()).chars().collect();
    let grams: BTreeSet<String> = letters.windows(3).map(|three| three.iter().collect()).collect();
    grams.into_iter().collect()
}

/// The known word that was meant: one slip in a short word, two in a long one, of letters left out, added, changed or
/// swapped. Numbers and codes are never read as others.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let length = typed.chars().count();
    let allowed = match length {
        0..=4 => return None,
        5..=7 => 1,
        _ => 2,
    };
    if typed.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let near = known.into_iter().filter(|word| word.chars().count().abs_diff(length) <= allowed);
    let near = near.map(|word| (strsim::damerau_levenshtein(&typed, word), word));
    near.filter(|(slips, _)| (1..=allowed).contains(slips)).min().map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_read_as_what_was_meant() {
        let known = ["password", "printer", "screen", "update", "vpn"];
        for (typed, meant) in
            [("pasword", "password"), ("Printre", "printer"), ("scren", "screen"), ("pasworrd", "password")]
        {
            assert_eq!(nearest(typed, known), Some(meant), "{typed}");
        }
        for typed in ["vnp", "0x80", "umbrella", "", "print3r"] {
            assert_eq!(nearest(typed, known), None, "{typed}");
        }
        assert_eq!(trigrams("Vpn"), ["  v", " vp", "pn ", "vpn"]);
    }
}
