//! Secrets: random tokens, their hashes, and the installation's key.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;

/// The installation's 32-byte key. Never printed.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// From 32 bytes in base64, as in `OXDESK_SECRET_KEY`.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    pub fn generate() -> Self {
        Self(rand::random())
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// An unforgeable mark for `message`, for links in mails.
    pub fn sign(&self, message: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(message).finalize().into_bytes())
    }

    /// Whether `signature` is ours for `message`; takes the same time for every wrong one.
    pub fn verifies(&self, message: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| self.mac(message).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, message: &str) -> Hmac<Sha256> {
        // HMAC takes keys of any length: this cannot fail, and an all-zero key would be a silent hole.
        #[allow(clippy::expect_used)]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(message.as_bytes());
        mac
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A token of 256 random bits for a link or a client, URL-safe. Only its hash is stored.
pub fn new_token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// What is stored of a token. A plain hash is enough: the token is too long to guess.
pub fn token_hash(token: &str) -> Vec<u8> {
    bytes_hash(token.as_bytes())
}

/// SHA-256.
pub fn bytes_hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// [`token_hash`] as hex, for text columns.
pub fn token_hash_hex(token: &str) -> String {
    data_encoding::HEXLOWER.encode(&token_hash(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_message_and_key_only() {
        let key = SecretKey::generate();
        let signature = key.sign("ticket:1");
        assert!(key.verifies("ticket:1", &signature));
        assert!(!key.verifies("ticket:2", &signature));
        assert!(!SecretKey::generate().verifies("ticket:1", &signature));
        assert!(!key.verifies("ticket:1", "not base64 !"));
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = SecretKey::generate();
        let again = SecretKey::from_base64(&key.to_base64()).unwrap();
        assert!(again.verifies("x", &key.sign("x")));
        assert!(SecretKey::from_base64("c2hvcnQ=").is_none());
    }
}
