//! One-time codes by time (RFC 6238) and recovery codes: how they are made, typed and checked.

use crate::{Error, Result, Timestamp};
use data_encoding::BASE32_NOPAD;
use totp_rs::{Builder, Totp};

/// Bytes of a shared secret: as long as the hash of the codes (RFC 4226, section 4).
pub const SECRET_BYTES: usize = 20;

/// Recovery codes that somebody has at first.
pub const RECOVERY_CODES: usize = 10;

/// Bytes of a recovery code: too many to guess from its hash.
const RECOVERY_BYTES: usize = 10;

/// What somebody typed where a code is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum TypedCode {
    OneTime(String),
    Recovery(String),
}

impl TypedCode {
    /// Six digits, or a recovery code; with blanks and hyphens as people write them.
    pub fn parse(typed: &str) -> Result<Self> {
        let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
        let code = code.to_ascii_uppercase();
        if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::OneTime(code));
        }
        match BASE32_NOPAD.decode(code.as_bytes()) {
            Ok(bytes) if bytes.len() == RECOVERY_BYTES => Ok(Self::Recovery(code)),
            _ => Err(Error::invalid("code", "Six digits from the app, or one of the recovery codes.")),
        }
    }
}

/// The secret as authenticator apps take it when it is typed.
pub fn key_text(secret: &[u8; SECRET_BYTES]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// The secret again, from how it is kept.
pub fn key_bytes(text: &str) -> Option<[u8; SECRET_BYTES]> {
    BASE32_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// The address that apps read from a picture: whose account, and at which desk. A colon separates the two there.
pub fn otpauth_link(secret: &[u8; SECRET_BYTES], desk: &str, account: &str) -> Result<String> {
    let (desk, account) = (desk.replace(':', " "), account.replace(':', " "));
    totp(secret, &desk, &account)?.to_url().map_err(Error::internal)
}

/// The step that `code` belongs to, if it is of now, of the half minute before or of the one after: clocks differ.
pub fn step_of(secret: &[u8; SECRET_BYTES], code: &str, now: Timestamp) -> Result<Option<i64>> {
    let seconds = u64::try_from(now.as_microsecond() / 1_000_000).map_err(Error::internal)?;
    let step = totp(secret, "", "")?.check(code, seconds);
    step.map(|step| i64::try_from(step).map_err(Error::internal)).transpose()
}

/// The code of a moment, as an app shows it.
pub fn code_at(secret: &[u8; SECRET_BYTES], at: Timestamp) -> Result<String> {
    let seconds = u64::try_from(at.as_microsecond() / 1_000_000).map_err(Error::internal)?;
    Ok(totp(secret, "", "")?.generate(seconds).to_string())
}

fn totp(secret: &[u8; SECRET_BYTES], desk: &str, account: &str) -> Result<Totp> {
    // SHA-1, six digits and half a minute: all that every app understands.
    let builder = Builder::new().with_secret(secret.to_vec()).with_skew(1);
    builder.with_issuer(Some(desk)).with_account_name(account).build().map_err(Error::internal)
}

/// Fresh recovery codes, in groups of four as they are read aloud: `ABCD-EFGH-IJKL-MNOP`.
pub fn new_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| grouped(&BASE32_NOPAD.encode(&rand::random::<[u8; RECOVERY_BYTES]>()))).collect()
}

/// In groups of four.
fn grouped(code: &str) -> String {
    let mut text = String::with_capacity(code.len() * 5 / 4);
    for (at, letter) in code.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_microsecond(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of its eight digits.
        let secret = *b"12345678901234567890";
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(code_at(&secret, at(seconds)).unwrap(), code);
            assert_eq!(step_of(&secret, code, at(seconds)).unwrap(), Some(seconds / 30));
        }
    }

    #[test]
    fn a_clock_may_be_half_a_minute_wrong_and_no_more() {
        let secret = *b"12345678901234567890";
        let now = 1_111_111_109;
        let code = code_at(&secret, at(now)).unwrap();
        for (off, found) in [(-30, true), (30, true), (-61, false), (61, false)] {
            assert_eq!(step_of(&secret, &code, at(now + off)).unwrap().is_some(), found, "{off}");
        }
    }

    #[test]
    fn codes_are_taken_as_people_type_them() {
        assert_eq!(TypedCode::parse(" 123 456 ").unwrap(), TypedCode::OneTime("123456".into()));
        let code = new_recovery_codes().remove(0);
        let plain = code.replace('-', "");
        for typed in [code.clone(), code.to_lowercase(), plain.clone(), format!(" {plain}\n")] {
            assert_eq!(TypedCode::parse(&typed).unwrap(), TypedCode::Recovery(plain.clone()));
        }
        for wrong in ["", "12345", "1234567", "12345a", "abcd-efgh-ijkl", "١٢٣٤٥٦", "\0\0\0\0\0\0"] {
            assert!(TypedCode::parse(wrong).is_err(), "{wrong}");
        }
        assert!(TypedCode::parse(&"A".repeat(1_000_000)).is_err());
    }

    #[test]
    fn recovery_codes_differ_and_are_read_in_groups() {
        let codes: std::collections::BTreeSet<_> = new_recovery_codes().into_iter().collect();
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert!(codes.iter().all(|code| code.len() == 19 && code.split('-').all(|group| group.len() == 4)));
    }

    #[test]
    fn an_app_reads_whose_account_it_is_and_where() {
        let secret = [7; SECRET_BYTES];
        let link = otpauth_link(&secret, "Desk: Berlin", "ana@example.com").unwrap();
        assert!(link.starts_with("otpauth://totp/Desk%20%20Berlin:ana%40example.com?"), "{link}");
        assert!(link.contains(&key_text(&secret)) && link.contains("issuer=Desk%20%20Berlin"), "{link}");
        assert_eq!(key_bytes(&key_text(&secret)), Some(secret));
        assert_eq!(key_bytes("AAAA"), None);
    }
}
