//! The table of settings.

use crate::id::words;

words! {
    SettingType { String = "STRING", Number = "NUMBER", Boolean = "BOOLEAN", Json = "JSON" }
}

/// A setting as declared: the database holds only values that differ from the default.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub key: &'static str,
    pub kind: SettingType,
    pub default: &'static str,
    pub category: &'static str,
    pub description: &'static str,
}

const fn setting(
    key: &'static str,
    kind: SettingType,
    default: &'static str,
    category: &'static str,
    description: &'static str,
) -> Setting {
    Setting { key, kind, default, category, description }
}

pub const SETTINGS: &[Setting] = &[
    setting("auth.registration_enabled", SettingType::Boolean, "true", "AUTH", "People may make their own account."),
    setting(
        "auth.password_reset_enabled",
        SettingType::Boolean,
        "true",
        "AUTH",
        "People may choose a new password by mail.",
    ),
    setting(
        "auth.email_verification_enabled",
        SettingType::Boolean,
        "true",
        "AUTH",
        "An address must be confirmed before its first sign-in.",
    ),
    setting(
        "file.max_upload_size",
        SettingType::Number,
        "104857600",
        "FILE",
        "The largest file that may be attached, in bytes.",
    ),
    setting(
        "tickets.undo_send_seconds",
        SettingType::Number,
        "10",
        "GENERAL",
        "How long an agent may take a reply back before it is sent, in seconds: at most 60, 0 for not at all.",
    ),
    setting(
        "csat.enabled",
        SettingType::Boolean,
        "true",
        "GENERAL",
        "Requesters are asked by mail how it went, once their ticket is closed.",
    ),
    setting(
        "mail.trusted_receivers",
        SettingType::String,
        "",
        "EMAIL",
        "The receivers whose Authentication-Results (RFC 8601) are believed, by their names, separated by spaces: mail that passes there is known to be from whom it says.",
    ),
    setting(
        "webhooks.allowed_hosts",
        SettingType::String,
        "",
        "GENERAL",
        "Hosts that webhooks may call though they are not public, or without TLS: names and addresses, separated by spaces.",
    ),
    setting(
        "ai.answers",
        SettingType::Boolean,
        "true",
        "GENERAL",
        "Where a model is named (OXDESK_CHAT_MODEL): it answers questions in the portal, from published articles.",
    ),
    setting(
        "ai.drafts",
        SettingType::Boolean,
        "true",
        "GENERAL",
        "Where a model is named: it sums up tickets, drafts replies and articles and translates, for those who work tickets.",
    ),
    setting(
        "ai.triage",
        SettingType::Boolean,
        "true",
        "GENERAL",
        "Category, queue and priority of a new ticket are suggested by the solved tickets that are like it.",
    ),
    setting(
        "ai.tokens_per_day",
        SettingType::Number,
        "1000000",
        "GENERAL",
        "The model may be sent, and may write, so many tokens a day (UTC) in all; 0 for as many as are asked for.",
    ),
    setting(
        SEARCH_LANGUAGE,
        SettingType::String,
        "english",
        "GENERAL",
        "The language that texts are searched in, whose endings of words then make no difference; simple for none.",
    ),
    setting(
        "changes.reminder_hours",
        SettingType::Number,
        "48",
        "GENERAL",
        "Who is asked about a change and says nothing is reminded after so many hours; after twice as many, all who approve changes are told. 0 for never.",
    ),
    setting("branding.name", SettingType::String, "Oxdesk", "BRANDING", "What the portal calls itself."),
];

pub const SEARCH_LANGUAGE: &str = "search.language";

/// The languages whose words PostgreSQL 16 knows.
pub const LANGUAGES: [&str; 29] = [
    "simple",
    "arabic",
    "armenian",
    "basque",
    "catalan",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hindi",
    "hungarian",
    "indonesian",
    "irish",
    "italian",
    "lithuanian",
    "nepali",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "serbian",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
    "yiddish",
];

pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

impl Setting {
    /// What is wrong with `value`, if anything.
    pub fn check(&self, value: &str) -> Result<(), String> {
        match self.kind {
            SettingType::Boolean if value != "true" && value != "false" => Err("true or false, please.".into()),
            SettingType::Number if value.parse::<u64>().is_err() => Err("A whole number, please.".into()),
            SettingType::String if self.key == SEARCH_LANGUAGE && !LANGUAGES.contains(&value) => {
                Err(format!("One of {}, please.", LANGUAGES.join(", ")))
            }
            _ if value.len() > 10_000 => Err("At most 10,000 characters, please.".into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_valid_and_every_key_is_declared_once() {
        for setting in SETTINGS {
            assert_eq!(setting.check(setting.default), Ok(()), "{}", setting.key);
            assert_eq!(SETTINGS.iter().filter(|other| other.key == setting.key).count(), 1);
        }
        assert!(find("auth.registration_enabled").unwrap().check("yes").is_err());
        assert!(find(SEARCH_LANGUAGE).unwrap().check("klingon").is_err_and(|said| said.contains("german")));
    }
}
