//! The pure part of the mail pipeline under random bytes: it never panics, and what it calls text is text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oxdesk::mail::parse::{message_id, parse};

fuzz_target!(|raw: &[u8]| {
    let _ = message_id(raw);
    let mail = parse(raw);
    if let Some(html) = &mail.html {
        let lower = html.to_ascii_lowercase();
        assert!(!lower.contains("<script") && !lower.contains("javascript:alert"), "a script survives: {html}");
    }
    assert!(mail.reply.len() <= mail.text.len() + 1, "more is new than was said");
});
