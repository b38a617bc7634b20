//! Other people's messages: what intake sees of them, counted. Skipped where they are not there.

use oxdesk::mail::parse::{BounceKind, ParsedMail, parse, safe_html, text_of, visible_reply};
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

/// A file of the corpora, or nothing, with the reason printed.
pub fn cases<T: for<'de> Deserialize<'de>>(file: &str) -> Option<(PathBuf, T)> {
    let folder = std::env::var_os("OXDESK_CORPORA").map_or_else(|| PathBuf::from("../shared/corpora"), PathBuf::from);
    match fs::read_to_string(folder.join(file)) {
        Ok(text) => Some((folder, serde_json::from_str(&text).unwrap())),
        Err(error) => {
            println!("skipped: {}: {error}", folder.join(file).display());
            None
        }
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Counts what is right, and prints what is not.
struct Score {
    name: &'static str,
    right: usize,
    all: usize,
}

impl Score {
    fn new(name: &'static str) -> Self {
        Self { name, right: 0, all: 0 }
    }

    fn count(&mut self, right: bool, what: impl FnOnce() -> String) {
        self.all += 1;
        match right {
            true => self.right += 1,
            false => println!("{}: {}", self.name, what()),
        }
    }

    fn at_least(&self, share: f64) {
        println!(
            "{}: {} of {} ({:.1} %)",
            self.name,
            self.right,
            self.all,
            100.0 * self.right as f64 / self.all as f64
        );
        assert!(self.right as f64 >= share * self.all as f64, "{}: {} of {}", self.name, self.right, self.all);
    }
}

#[derive(Deserialize)]
struct MailCase {
    file: String,
    from_email: Option<String>,
    from_display_name: Option<String>,
    subject: Option<String>,
    body_text: Option<String>,
    attachments: Option<Vec<FileCase>>,
}

#[derive(Deserialize)]
struct FileCase {
    filename: String,
    size: usize,
    is_original_body: bool,
}

#[test]
fn other_peoples_mail_says_what_they_say_it_does() {
    let Some((folder, cases)) = cases::<Vec<MailCase>>("mail/expected.json") else { return };
    let mut score = Score::new("mail");
    for case in cases {
        let mail = parse(&fs::read(folder.join("mail/messages").join(&case.file)).unwrap());
        let file = &case.file;
        let from = mail.from.clone().unwrap_or_default();
        if let Some(email) = &case.from_email {
            score.count(from.email.eq_ignore_ascii_case(email), || {
                format!("{file}: from {:?}, not {email:?}", from.email)
            });
        }
        if let Some(name) = case.from_display_name.as_ref().filter(|name| !name.is_empty()) {
            score.count(words(&from.name) == words(name), || format!("{file}: name {:?}, not {name:?}", from.name));
        }
        if let Some(subject) = &case.subject {
            score.count(words(&mail.subject) == words(subject), || {
                format!("{file}: subject {:?}, not {subject:?}", mail.subject)
            });
        }
        // A file in the text is a file to us: they leave it in the text.
        if let Some(text) = case.body_text.as_ref().filter(|text| !text.starts_with("begin 644 ")) {
            score.count(alike(&mail.text, text), || {
                format!("{file}: text\n{:.300}\nnot\n{text:.300}", words(&mail.text))
            });
        }
        for expected in case.attachments.iter().flatten().filter(|file| !file.is_original_body) {
            let found =
                mail.attachments.iter().any(|file| file.file_name == expected.filename && file.size == expected.size);
            let have: Vec<_> = mail.attachments.iter().map(|file| (&file.file_name, file.size)).collect();
            score.count(found, || format!("{file}: no {:?} of {} in {have:?}", expected.filename, expected.size));
        }
    }
    score.at_least(0.95);
}

/// Nine of ten words of the one are in the other.
fn alike(have: &str, wanted: &str) -> bool {
    let letters = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
    };
    // Some expectations have markup in their text.
    let (have, wanted) = (letters(have), letters(&text_of(&wanted.replace('\n', "<br>"))));
    let found = wanted.iter().filter(|word| have.contains(word)).count();
    found * 10 >= wanted.len() * 9
}

#[derive(Deserialize)]
struct ReplyCase {
    id: String,
    format: String,
    file: String,
    expected: String,
}

#[test]
fn the_visible_reply_is_what_a_person_wrote_and_none_of_it_is_lost() {
    let Some((folder, cases)) = cases::<Vec<ReplyCase>>("replies/cases.json") else { return };
    let (mut exact, mut lost) = (Score::new("replies"), Score::new("replies that keep all that was written"));
    for case in cases {
        let raw = fs::read(folder.join(&case.file)).unwrap();
        let text = String::from_utf8_lossy(&raw).into_owned();
        let reply = match case.format.as_str() {
            "eml" => parse(&raw).reply,
            "html" => visible_reply(&text_of(&text)),
            _ => visible_reply(&text),
        };
        exact.count(words(&reply) == words(&case.expected), || {
            format!("{}:\n{reply}\n--- not ---\n{}\n", case.id, case.expected)
        });
        let kept = words(&reply);
        // Two of the sources leave a signature in the reply, the others take it away: that is no loss.
        let signature = ["Sent from", "--"]
            .into_iter()
            .find_map(|mark| case.expected.split_once(mark))
            .map_or(case.expected.as_str(), |(above, _)| above);
        let missing =
            signature.lines().find(|line| !kept.contains(&words(line)) && line.chars().any(char::is_alphanumeric));
        lost.count(missing.is_none(), || format!("{}: lost {missing:?}", case.id));
    }
    exact.at_least(0.85);
    lost.at_least(1.0);
}

#[derive(Deserialize)]
struct BounceCase {
    file: String,
    expected: Vec<BounceExpected>,
}

#[derive(Deserialize)]
struct BounceExpected {
    reason: String,
    hard_bounce: bool,
}

#[test]
fn every_bounce_is_known_and_told_hard_from_soft() {
    let Some((folder, cases)) = cases::<Vec<BounceCase>>("bounces/cases.json") else { return };
    let (mut known, mut kinds) = (Score::new("bounces known"), Score::new("hard or soft"));
    for case in cases {
        let expected = &case.expected[0];
        let mail: ParsedMail = parse(&fs::read(folder.join(&case.file)).unwrap());
        // Said to have arrived, or an answer from a holiday: those are no bounces.
        if matches!(expected.reason.as_str(), "delivered" | "vacation") {
            assert_eq!(mail.bounce, None, "{}", case.file);
            continue;
        }
        known.count(mail.bounce.is_some(), || format!("{}: {} from {:?}", case.file, mail.subject, mail.from));
        if let Some(bounce) = mail.bounce {
            let hard = bounce.kind == BounceKind::Hard;
            kinds.count(hard == expected.hard_bounce, || format!("{} ({}): {bounce:?}", case.file, expected.reason));
        }
    }
    known.at_least(1.0);
    kinds.at_least(0.9);
}

#[derive(Deserialize)]
struct HostileCase {
    payload: String,
}

#[test]
fn no_script_survives() {
    let Some((_, cases)) = cases::<Vec<HostileCase>>("xss/payloads.json") else { return };
    let mut score = Score::new("hostile markup made harmless");
    for case in cases {
        let safe = safe_html(&case.payload);
        let hostile = hostile(&safe);
        score.count(hostile.is_none(), || format!("{hostile:?} in {safe:?} of {:?}", case.payload));
    }
    score.at_least(1.0);
}

/// What a browser would run, in markup that was made safe: an element, a handler or an address.
fn hostile(safe: &str) -> Option<String> {
    safe.split('<').skip(1).find_map(|rest| {
        let tag = rest.split('>').next().unwrap_or_default().to_lowercase();
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap_or_default();
        let element =
            ["script", "style", "iframe", "object", "embed", "form", "input", "base", "meta", "link", "svg", "math"]
                .contains(&name);
        let quoted: String = tag.split('"').step_by(2).collect();
        let handler = quoted.split_whitespace().skip(1).any(|word| word.starts_with("on") && word.contains('='));
        let address =
            ["=\"javascript:", "=\"data:", "=\"vbscript:", "url(", "expression("].iter().any(|way| tag.contains(way));
        (element || handler || address).then_some(tag)
    })
}
