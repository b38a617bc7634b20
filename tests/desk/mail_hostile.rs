//! Mail that wants to do harm, or was written by programs that mean well: read within bounds, or refused with a reason.

use oxdesk::mail::parse::{ParsedMail, parse, safe_html, text_of, visible_reply};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Reads a message, and not for long.
fn read(raw: impl AsRef<[u8]>) -> ParsedMail {
    let begun = Instant::now();
    let mail = parse(raw.as_ref());
    assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
    mail
}

fn message(head: &str, body: &str) -> String {
    format!("From: vera@example.com\nTo: support@desk.test\n{head}\n\n{body}\n")
}

#[test]
fn ten_thousand_parts_are_refused_with_the_reason() {
    let mut body = String::new();
    for _ in 0..10_000 {
        body.push_str("--b\nContent-Type: text/plain\n\nx\n");
    }
    let mail = read(message("Content-Type: multipart/mixed; boundary=b", &body));
    assert!(mail.error.unwrap().contains("1000 parts"));
    // Parts that do not say what they are are counted as well.
    let mail = read(message("Content-Type: multipart/mixed; boundary=b", &"--b\n\nx\n".repeat(10_000)));
    assert!(mail.error.unwrap().contains("1000 parts"));
}

#[test]
fn a_hundred_levels_of_nesting_are_read_or_refused_and_a_thousand_too() {
    for levels in [100, 1000] {
        let mut raw = String::from("From: vera@example.com\nSubject: Deep\n");
        for level in 0..levels {
            let _ = write!(raw, "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }
        raw.push_str("Content-Type: text/plain\n\nAt the bottom.\n");
        let mail = read(&raw);
        // So deep, text is a file: it is there.
        let kept = mail.attachments.iter().any(|file| file.bytes.starts_with(b"At the bottom."));
        assert!(mail.error.is_some() || mail.text.contains("At the bottom.") || kept, "{levels}: {mail:?}");
    }
    let mut nested = "Subject: innermost\n\nHello.\n".to_owned();
    for _ in 0..100 {
        nested = format!("Subject: outer\nContent-Type: message/rfc822\n\n{nested}");
    }
    read(format!("From: vera@example.com\n{nested}"));
}

#[test]
fn a_head_of_five_megabytes_is_refused() {
    let mail = read(message(&format!("X-Bomb: {}", "x".repeat(5 * 1024 * 1024)), "Hello."));
    assert!(mail.error.unwrap().contains("head is longer"));
    let many: String = (0..200_000).map(|n| format!("X-{n}: y\n")).collect();
    assert!(read(message(many.trim_end(), "Hello.")).error.is_some());
}

#[test]
fn a_zip_that_would_unpack_to_the_moon_is_only_a_file() {
    let body = "--b\nContent-Type: application/zip; name=bomb.zip\nContent-Transfer-Encoding: base64\n\nUEsDBBQAAAAIAA==\n--b--";
    let mail = read(message("Content-Type: multipart/mixed; boundary=b", body));
    assert_eq!((mail.attachments[0].file_name.as_str(), mail.attachments[0].size), ("bomb.zip", 10));
}

#[test]
fn what_is_hopeless_says_so_and_never_panics() {
    for raw in [
        &b""[..],
        b"\n\n\n",
        b"\0\0\0\0",
        b"no head at all",
        &[0xff; 1000],
        b"From:\nTo: <>\nSubject:\n\n",
        b":\n:\n\n",
        b"Content-Type: multipart/mixed\n\nx",
    ] {
        read(raw);
    }
    assert!(read(b"  \n ").error.is_some());
    // Every message cut off anywhere.
    let raw = message(
        "Content-Type: multipart/alternative; boundary=b\nSubject: =?utf-8?B?R3LDvMOfZQ==?=",
        "--b\nContent-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$3$s\n--b\nContent-Type: text/html\n\n<p>Hi</p>\n--b--",
    );
    for end in 0..raw.len() {
        read(&raw.as_bytes()[..end]);
    }
}

#[test]
fn a_name_with_a_line_break_ends_no_header_of_ours() {
    let mail = read(
        "From: \"Vera\r\n\tBcc: everyone@example.com\" <vera@example.com>\nSubject: =?utf-8?Q?Hi=0D=0ABcc:_everyone@example.com?=\n\nHello.\n",
    );
    let from = mail.from.unwrap();
    assert!(!from.name.contains(['\r', '\n']) && !mail.subject.contains(['\r', '\n']), "{from:?} {}", mail.subject);
    assert_eq!(from.email, "vera@example.com");
}

#[test]
fn odd_mail_as_it_is_seen_in_the_wild() {
    let three = read(message("Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?Q?_aus_?= =?koi8-r?B?7c/Tx9fB?=", "Hello."));
    assert_eq!(three.subject, "Grüße aus Москва".replace("Москва", "Мосгва"), "three charsets in one subject");
    let raw = b"From: G\xfcnther <g@example.com>\nSubject: \xc4pfel\nContent-Type: text/plain; charset=iso-8859-1\n\nHello.\n";
    let mail = read(raw);
    assert_eq!((mail.subject.as_str(), mail.from.unwrap().name.as_str()), ("Äpfel", "Günther"), "a raw head");
    let two = read("From: Ann <ann@example.com>\nFrom: Bob <bob@example.com>\nSubject: Two\n\nHello.\n");
    assert_eq!(two.from.unwrap().email, "ann@example.com", "the first of two");
    let nobody = read("From: ann@example.com\nTo: <>\nTo: undisclosed-recipients:;\nSubject: x\n\nHello.\n");
    assert!(nobody.to.iter().all(|party| party.email.is_empty()) && nobody.error.is_none());
    let beside = read(message(
        "Content-Type: multipart/alternative; boundary=b",
        "--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: text/html\n\n<p>Only <b>here</b></p>\n--b--",
    ));
    assert_eq!(beside.text, "Only here", "an empty text beside HTML");
    let nested = read(message(
        "Content-Type: multipart/mixed; boundary=b",
        "--b\nContent-Type: text/plain\n\nSee.\n--b\nContent-Type: message/rfc822\n\nSubject: The old one\n\nOld.\n--b--",
    ));
    assert_eq!((nested.text.as_str(), nested.attachments[0].file_name.as_str()), ("See.", "The old one.eml"));
    let windows =
        b"From: a@example.com\nSubject: x\nContent-Type: text/plain; charset=windows-1258\n\nTi\xeang Vi\xea\xf2t\n";
    assert!(read(windows).text.contains("Viê\u{323}t"), "as it was composed: {:?}", read(windows).text);
    let flowed = read(message(
        "Content-Type: text/plain; format=flowed",
        "One line that was \nbroken for the way.\n> quoted \n> too\nNext.",
    ));
    assert_eq!(flowed.text.trim(), "One line that was broken for the way.\n> quoted too\nNext.");
}

#[test]
fn a_message_with_five_thousand_links_or_fifty_thousand_tags_is_read_in_time() {
    let links: String = (0..5000).map(|n| format!("<p><a href=\"https://example.com/{n}\">Link {n}</a></p>")).collect();
    let deep = format!("{}x{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
    let quotes = "<blockquote>".repeat(20_000);
    for (what, markup) in [("links", links), ("tags", deep), ("quotes", quotes)] {
        let begun = Instant::now();
        println!("{what}");
        let mail = read(message("Content-Type: text/html", &markup));
        assert!(mail.error.is_none());
        safe_html(&markup);
        text_of(&markup);
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
    let quoted = format!("Yes.\n\nOn Mon, 1 Jan 2026 at 10:00 A <a@b.test> wrote:\n{}", "> x\n".repeat(100_000));
    let begun = Instant::now();
    assert_eq!(visible_reply(&quoted), "Yes.");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

/// One reply a language, as its programs write them.
#[test]
fn the_visible_reply_is_found_in_many_languages() {
    for quoted in [
        "On Mon, Jan 5, 2026 at 9:14 AM Service desk <support@desk.test> wrote:\n> Have you tried?",
        "Am Mo., 5. Jan. 2026 um 09:14 Uhr schrieb Service desk <support@desk.test>:\n> Haben Sie versucht?",
        "Le lun. 5 janv. 2026 à 09:14, Service desk <support@desk.test> a écrit :\n> Avez-vous essayé ?",
        "El lun, 5 ene 2026 a las 9:14, Service desk (<support@desk.test>) escribió:\n> ¿Ha probado?",
        "Il giorno lun 5 gen 2026 alle ore 09:14 Service desk <support@desk.test> ha scritto:\n> Ha provato?",
        "Em seg., 5 de jan. de 2026 às 09:14, Service desk <support@desk.test> escreveu:\n> Tentou?",
        "Op ma 5 jan 2026 om 09:14 schreef Service desk <support@desk.test>:\n> Geprobeerd?",
        "Den mån 5 jan. 2026 kl 09:14 skrev Service desk <support@desk.test>:\n> Har du provat?",
        "pon., 5 sty 2026 o 09:14 Service desk <support@desk.test> napisał(a):\n> Próbował Pan?",
        "пн, 5 янв. 2026 г. в 09:14, Service desk <support@desk.test>:\n> Пробовали?",
        "2026年1月5日(月) 9:14 Service desk <support@desk.test>:\n> 試しましたか。",
        "Service desk <support@desk.test> 于2026年1月5日周一 09:14写道：\n> 试过吗？",
        "-----Original Message-----\nFrom: Service desk <support@desk.test>\nSent: Monday, 5 January 2026 09:14\nTo: Vera\nSubject: Printer\n\nHave you tried?",
        "Von: Service desk <support@desk.test>\nGesendet: Montag, 5. Januar 2026 09:14\nAn: Vera\nBetreff: Drucker\n\nHaben Sie versucht?",
        "De : Service desk <support@desk.test>\nEnvoyé : lundi 5 janvier 2026 09:14\nÀ : Vera\nObjet : Imprimante\n\nAvez-vous essayé ?",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "-- \nVera Novak\nExample Ltd",
    ] {
        assert_eq!(
            visible_reply(&format!("It works now.\nThank you.\n\n{quoted}")),
            "It works now.\nThank you.",
            "{quoted}"
        );
    }
}

#[test]
fn what_is_answered_in_between_or_below_stays() {
    let below = "On Mon, Jan 5, 2026 at 9:14 AM Desk <d@desk.test> wrote:\n> Which floor?\n\nThe third.";
    assert_eq!(visible_reply(below), "The third.");
    let between = "See below.\n\nOn Mon, Jan 5, 2026 at 9:14 AM Desk <d@desk.test> wrote:\n> Which floor?\n\nThe third.\n\n> Which printer?\n\nThe left one.";
    let kept = visible_reply(between);
    for words in ["See below.", "> Which floor?", "The third.", "The left one."] {
        assert!(kept.contains(words), "{words} in {kept}");
    }
    for own in ["> only a quote", "-- \nonly a signature", "On the 3rd we wrote: buy paper.\nDo it."] {
        assert!(!visible_reply(own).is_empty(), "nothing that was written is lost: {own}");
    }
}
