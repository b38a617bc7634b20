//! Secrets: random tokens, their hashes, and the installation's key.

use aes_gcm_siv::aead::Aead;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit as _};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes of a short mark.
pub const SHORT_MARK: usize = 10;

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

    /// Like [`sign`](Self::sign), short enough for the local part of an address (RFC 5321): 80 bits.
    pub fn short_mark(&self, message: &str) -> [u8; SHORT_MARK] {
        let whole = self.mac(message).finalize().into_bytes();
        std::array::from_fn(|at| whole[at])
    }

    /// Whether `mark` is our short one for `message`; takes the same time for every wrong one.
    pub fn short_mark_verifies(&self, message: &str, mark: &[u8]) -> bool {
        mark.len() == SHORT_MARK && self.mac(message).verify_truncated_left(mark).is_ok()
    }

    /// Encrypts a secret that must be used again, as a mailbox's password (AES-256-GCM-SIV, RFC 8452). The key's own
    /// mark stands before it, so that one sealed with another key is known.
    pub fn seal(&self, plain: &str) -> crate::Result<String> {
        let nonce: [u8; 12] = rand::random();
        let sealed = self.cipher()?.encrypt(&nonce.into(), plain.as_bytes()).map_err(crate::Error::internal)?;
        Ok(format!("v1.{}.{}", self.key_id(), URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())))
    }

    /// What [`seal`](Self::seal) hid; nothing when another key did.
    pub fn unseal(&self, sealed: &str) -> Option<String> {
        let rest = sealed.strip_prefix("v1.")?.strip_prefix(&self.key_id())?.strip_prefix('.')?;
        let bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(12)?;
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        String::from_utf8(self.cipher().ok()?.decrypt(&nonce.into(), sealed).ok()?).ok()
    }

    /// Names the key without telling anything of it.
    fn key_id(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.short_mark("key id")[..4])
    }

    /// Another key than the one that signs, made from the same.
    fn cipher(&self) -> crate::Result<Aes256GcmSiv> {
        let key = self.mac("secrets at rest").finalize().into_bytes();
        Aes256GcmSiv::new_from_slice(&key).map_err(crate::Error::internal)
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

/// Whether two secrets are the same; takes as long wherever they differ.
pub fn equal(one: &str, other: &str) -> bool {
    let key = SecretKey::generate();
    !other.is_empty() && key.mac(one).verify(&key.mac(other).finalize().into_bytes()).is_ok()
}

/// Whether `hex` is the HMAC-SHA256 of `message` under `key`, as providers sign.
pub fn hmac_hex_verifies(key: &str, message: &[u8], hex: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
    mac.update(message);
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
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
    fn what_is_sealed_opens_with_its_key_only_and_never_looks_the_same() {
        let key = SecretKey::generate();
        let sealed = key.seal("hunter2").unwrap();
        assert_eq!(key.unseal(&sealed).as_deref(), Some("hunter2"));
        assert_ne!(sealed, key.seal("hunter2").unwrap());
        assert!(!sealed.contains("hunter2"));
        assert_eq!(SecretKey::generate().unseal(&sealed), None);
        let mut forged = sealed.clone();
        forged.pop();
        for wrong in [forged.as_str(), "", "v1.", "v1.00000000.AAAA", "hunter2"] {
            assert_eq!(key.unseal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = SecretKey::generate();
        let again = SecretKey::from_base64(&key.to_base64()).unwrap();
        assert!(again.verifies("x", &key.sign("x")));
        assert!(SecretKey::from_base64("c2hvcnQ=").is_none());
    }
}
