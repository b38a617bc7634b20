//! One-time codes beside the password.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// How one's own account is with its second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondFactor {
    Off,
    /// Shown, and not asked for yet: until a code proves that the telephone has it.
    Preparing(Preparation),
    On {
        since: Timestamp,
        /// Recovery codes that were not used.
        codes_left: i64,
        /// New ones that replace them, once their owner says that they are kept.
        new_codes: Vec<String>,
    },
}

/// What is copied to a telephone, and what is kept for the day it is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparation {
    /// The shared secret in base 32, as authenticator apps take it.
    pub key: String,
    /// The same as an address that apps read from a picture (`otpauth://totp/…`).
    pub link: String,
    pub recovery_codes: Vec<String>,
}
