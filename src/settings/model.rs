//! What a setting is, and what it takes.

use super::colour::{Colour, READABLE};
use super::table::SETTINGS;
use crate::Timestamp;
use crate::id::words;
use serde::{Deserialize, Serialize};

words! {
    /// The spec's `type`.
    SettingType { String = "STRING", Number = "NUMBER", Boolean = "BOOLEAN", Json = "JSON" }
}

words! {
    /// The spec's `category`.
    SettingCategory { Auth = "AUTH", Email = "EMAIL", File = "FILE", Branding = "BRANDING", Sla = "SLA", General = "GENERAL" }
}

impl SettingCategory {
    pub fn label(self) -> &'static str {
        match self {
            Self::Auth => "Accounts",
            Self::Email => "E-mail",
            Self::File => "Files",
            Self::Branding => "Branding",
            Self::Sla => "Service levels",
            Self::General => "General",
        }
    }
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingRule {
    YesNo,
    Number {
        from: u64,
        to: u64,
    },
    /// Nothing of it with 0, else within.
    NumberOrZero {
        from: u64,
        to: u64,
    },
    /// At most so many characters.
    Text {
        most: usize,
    },
    OneOf(&'static [&'static str]),
    /// A name of the IANA's, as Europe/Berlin.
    TimeZone,
    /// `#1d4ed8`, or nothing. One that is text, or has text on it, must be readable.
    Colour {
        is_text: bool,
    },
}

/// A setting as declared: the database holds only values that were set.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub key: &'static str,
    pub name: &'static str,
    pub rule: SettingRule,
    pub default: &'static str,
    pub category: SettingCategory,
    pub description: &'static str,
    /// When it counts.
    pub effective: &'static str,
}

/// What a setting is at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingValue {
    pub key: String,
    pub value: String,
    /// None where it is as declared.
    pub changed_at: Option<Timestamp>,
    pub changed_by: Option<String>,
}

pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

impl Setting {
    pub fn kind(&self) -> SettingType {
        match self.rule {
            SettingRule::YesNo => SettingType::Boolean,
            SettingRule::Number { .. } | SettingRule::NumberOrZero { .. } => SettingType::Number,
            _ => SettingType::String,
        }
    }

    /// What it takes, in words.
    pub fn takes(&self) -> String {
        match self.rule {
            SettingRule::YesNo => "true or false".to_owned(),
            SettingRule::Number { from, to } => format!("{from} to {to}"),
            SettingRule::NumberOrZero { from, to } => format!("0, or {from} to {to}"),
            SettingRule::Text { most } => format!("at most {most} characters"),
            SettingRule::OneOf(_) => "one of a list".to_owned(),
            SettingRule::TimeZone => "a time zone, as Europe/Berlin".to_owned(),
            SettingRule::Colour { .. } => "a colour, as #1d4ed8, or nothing".to_owned(),
        }
    }

    /// What is wrong with `value`, if anything.
    pub fn check(&self, value: &str) -> Result<(), String> {
        match self.rule {
            SettingRule::YesNo if value != "true" && value != "false" => Err("true or false, please.".into()),
            SettingRule::Number { from, to } => match value.parse::<u64>() {
                Ok(number) if (from..=to).contains(&number) => Ok(()),
                Ok(_) => Err(format!("From {from} to {to}, please.")),
                Err(_) => Err("A whole number, please.".into()),
            },
            SettingRule::NumberOrZero { from, to } => match value.parse::<u64>() {
                Ok(number) if number == 0 || (from..=to).contains(&number) => Ok(()),
                Ok(_) => Err(format!("0, or from {from} to {to}, please.")),
                Err(_) => Err("A whole number, please.".into()),
            },
            SettingRule::Text { most } if value.chars().count() > most => {
                Err(format!("At most {most} characters, please."))
            }
            SettingRule::Text { .. } if value.contains(|c: char| c.is_control() && c != '\n') => {
                Err("Without control characters, please.".into())
            }
            #[cfg(feature = "ssr")]
            SettingRule::TimeZone if value.is_empty() || jiff::tz::TimeZone::get(value).is_err() => {
                Err("There is no such time zone. One as Europe/Berlin or UTC, please.".into())
            }
            SettingRule::OneOf(all) if !all.contains(&value) => Err(format!("One of {}, please.", all.join(", "))),
            SettingRule::Colour { is_text } if !value.is_empty() => {
                let colour: Colour = value.parse().map_err(|()| "A colour looks like #1d4ed8.".to_owned())?;
                let contrast = colour.contrast_to_white();
                match is_text && contrast < READABLE {
                    true => Err(format!(
                        "White on it would be hard to read: its contrast is {contrast:.1}, {READABLE} is the least. A darker one, please."
                    )),
                    false => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Whether words stand in its key, its name or its description.
    pub fn says(&self, words: &str) -> bool {
        let text = format!("{} {} {} {}", self.key, self.name, self.description, self.category.label()).to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

/// What pages show of the desk's brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    pub name: String,
    pub welcome: Option<String>,
    /// Names the styles of its colours; none where they are ours.
    pub colours: Option<String>,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: "Oxdesk".to_owned(), welcome: None, colours: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, value: &str) -> Result<(), String> {
        find(key).unwrap().check(value)
    }

    #[test]
    fn every_default_is_valid_and_every_key_is_declared_once() {
        for setting in SETTINGS {
            assert_eq!(setting.check(setting.default), Ok(()), "{}", setting.key);
            assert_eq!(SETTINGS.iter().filter(|other| other.key == setting.key).count(), 1);
        }
    }

    #[test]
    fn what_a_setting_does_not_take_is_refused_with_what_it_takes() {
        assert!(check("auth.registration_enabled", "yes").is_err());
        assert!(check("search.language", "klingon").is_err_and(|said| said.contains("german")));
        assert_eq!(check("tickets.undo_send_seconds", "61"), Err("From 0 to 60, please.".into()));
        assert!(check("tickets.undo_send_seconds", "-1").is_err());
        assert!(check("branding.name", &"x".repeat(41)).is_err());
        assert!(check("branding.name", "a\u{7}b").is_err());
        for unreadable in ["#ffee00", "#7fb0ff", "#ffffff"] {
            assert!(check("branding.primary_color", unreadable).is_err_and(|said| said.contains("hard to read")));
            assert_eq!(check("branding.secondary_color", unreadable), Ok(()));
        }
        for no_colour in ["red", "#12", "#12345g", "1d4ed8", "url(x)", "#1d4ed8;}"] {
            assert!(check("branding.secondary_color", no_colour).is_err(), "{no_colour}");
        }
        assert_eq!(check("branding.primary_color", "#1d4ed8"), Ok(()));
    }

    #[test]
    fn a_setting_is_found_by_any_of_its_words() {
        let found =
            |words: &str| SETTINGS.iter().filter(|setting| setting.says(words)).map(|one| one.key).collect::<Vec<_>>();
        assert_eq!(found("colour primary"), ["branding.primary_color"]);
        assert!(found("TOKENS").contains(&"ai.tokens_per_day"));
        assert!(found("nothing of the kind").is_empty());
    }
}
