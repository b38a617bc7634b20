//! What a password must be (NIST SP 800-63B: length and nothing else).

use crate::{Error, Result};

/// In characters. 800-63B asks for at least 8; 10 costs a person little and an attacker much.
pub const PASSWORD_MIN: usize = 10;
/// Long enough for any passphrase, short enough that hashing it is no attack on us.
pub const PASSWORD_MAX: usize = 256;
/// Characters below an answer.
pub const SIGNATURE_MAX: usize = 2000;

/// Checks a password someone chooses. Any character counts; nothing is trimmed or truncated.
pub fn check_new_password(password: &str) -> Result<()> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(Error::invalid("password", format!("At least {PASSWORD_MIN} characters, please.")));
    }
    if length > PASSWORD_MAX {
        return Err(Error::invalid("password", format!("At most {PASSWORD_MAX} characters, please.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_judged_by_its_length_alone() {
        assert!(check_new_password("short").is_err());
        assert!(check_new_password("          ").is_ok());
        assert!(check_new_password("correct horse battery").is_ok());
        assert!(check_new_password(&"x".repeat(PASSWORD_MAX + 1)).is_err());
    }
}
