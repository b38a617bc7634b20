//! How well a search finds what is known to answer.

use crate::Actor;
use crate::desk::Desk;
use crate::search::rules::Question;
use crate::search::{FoundKind, queries};

/// Shares of the questions: their answer came first, among the first five, and the mean of its place's inverse.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Retrieval {
    pub first: f64,
    pub five: f64,
    pub mrr: f64,
}

/// Asks every question; its answer is an article's slug. With `by_words` off, nothing but the meaning is looked at.
pub async fn retrieval(desk: &Desk, reader: &Actor, asked: &[(String, String)], by_words: bool) -> Retrieval {
    let mut sum = Retrieval::default();
    for (words, answer) in asked {
        let mut question = Question::asked(words);
        if !by_words {
            question.words.clear();
        }
        let found = queries::find(desk, reader, &question, &[FoundKind::Article], 10).await.unwrap();
        if let Some(place) = found.rows.iter().position(|row| row.address == *answer) {
            sum.first += f64::from(place == 0);
            sum.five += f64::from(place < 5);
            sum.mrr += 1.0 / (place + 1) as f64;
        }
    }
    let all = asked.len().max(1) as f64;
    Retrieval { first: sum.first / all, five: sum.five / all, mrr: sum.mrr / all }
}

/// Questions about the demo's articles, each with its answer's slug: in other words than theirs, and by words and codes that
/// must fit exactly.
pub fn retrieval_sets() -> [Vec<(String, String)>; 2] {
    [&IN_OTHER_WORDS, &EXACTLY]
        .map(|asked| asked.iter().map(|(words, slug)| ((*words).to_owned(), (*slug).to_owned())).collect())
}

const SCREEN: &str = "the-display-shows-nothing-after-an-upgrade";
const VPN: &str = "the-vpn-drops-every-few-minutes";
const WIFI: &str = "connect-to-the-office-wi-fi";
const PASSWORD: &str = "reset-your-password";
const FACTOR: &str = "set-up-a-second-factor";
const PRINT: &str = "print-from-any-floor";
const LAPTOP: &str = "a-laptop-for-a-new-colleague";
const BATTERY: &str = "swollen-batteries";

const IN_OTHER_WORDS: [(&str, &str); 15] = [
    ("my screen stays black after the update", SCREEN),
    ("monitor dark since last patch", SCREEN),
    ("no image on my second screen", SCREEN),
    ("connection to the company network is lost all the time at home", VPN),
    ("tunnel disconnects on the train", VPN),
    ("how do I get online in the building", WIFI),
    ("internet for visitors", WIFI),
    ("I forgot how to log in", PASSWORD),
    ("locked out of my account", PASSWORD),
    ("got a new phone and the codes are gone", FACTOR),
    ("two step sign in app", FACTOR),
    ("pages do not come out", PRINT),
    ("paper stuck in the machine", PRINT),
    ("someone starts on Monday and needs a computer", LAPTOP),
    ("my touchpad bulges", BATTERY),
];

const EXACTLY: [(&str, &str); 15] = [
    ("#809", VPN),
    ("error 809", VPN),
    ("what does error 809 mean", VPN),
    ("0x00000709", PRINT),
    ("error 0x00000709 when I open a file", PRINT),
    ("IKEv2", VPN),
    ("radius.example.com", WIFI),
    ("Office-Guest", WIFI),
    ("Follow me", PRINT),
    ("Ctrl Shift B", SCREEN),
    ("room 0.12", BATTERY),
    ("inventory number into the ticket", LAPTOP),
    ("recovery codes", FACTOR),
    ("Roll back driver", SCREEN),
    ("No jobs", PRINT),
];
