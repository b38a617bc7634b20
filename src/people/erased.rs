//! What every area has to forget of a person, and what stands in its place.

use super::UserId;

/// A person who is being forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Erased {
    pub user: UserId,
    /// Every address that was theirs, in lower case.
    pub emails: Vec<String>,
    /// How texts may call them.
    pub names: Vec<String>,
}

impl Erased {
    /// Stands where the name stood.
    pub const NAME: &str = "Erased person";
    /// Stands in texts where a name or an address stood.
    pub const MARK: &str = "[erased]";
    /// What the address of an erased account ends in; nothing is ever delivered there (RFC 2606).
    pub const DOMAIN: &str = "@erased.invalid";

    /// The address of the account afterwards.
    pub fn address(&self) -> String {
        format!("erased-{}{}", self.user, Self::DOMAIN)
    }

    /// Everything that is struck out of texts.
    pub fn struck(&self) -> impl Iterator<Item = &str> {
        self.emails.iter().chain(&self.names).map(String::as_str)
    }
}
