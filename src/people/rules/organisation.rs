//! What an organisation may be called, and which domains may be its own.

use crate::people::OrganisationForm;
use crate::{EmailAddress, Error, Result, Validation, bounded};
use std::collections::BTreeSet;

/// So many organisations there are at most.
pub const ORGANISATIONS_MAX: i64 = 10_000;
/// So many domains one has at most.
pub const DOMAINS_MAX: usize = 100;

/// Where anybody can have an address: whoever writes from there belongs to nobody.
const PUBLIC: [&str; 24] = [
    "aol.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "outlook.com",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yandex.ru",
];

/// An organisation that can be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct CheckedOrganisation {
    pub name: String,
    pub domains: Vec<String>,
    pub shares_tickets: bool,
}

pub fn check_organisation(form: &OrganisationForm) -> Result<CheckedOrganisation> {
    let mut wrong = Validation::default();
    let name = wrong.take(bounded("name", &form.name, 200));
    let domains = wrong.take(check_domains(&form.domains));
    wrong.finish()?;
    Ok(CheckedOrganisation { name, domains, shares_tickets: form.shares_tickets })
}

fn check_domains(typed: &str) -> Result<Vec<String>> {
    let words = typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty());
    let mut domains = BTreeSet::new();
    for word in words {
        let domain = word.trim_start_matches('@').to_lowercase();
        let is_domain = domain.contains('.') && format!("x@{domain}").parse::<EmailAddress>().is_ok();
        if !is_domain {
            return Err(Error::invalid(
                "domains",
                format!("“{}” is no domain: one looks like example.com.", shown(word)),
            ));
        }
        if PUBLIC.contains(&domain.as_str()) {
            return Err(Error::invalid("domains", format!("Anybody can have an address at {domain}.")));
        }
        domains.insert(domain);
        if domains.len() > DOMAINS_MAX {
            return Err(Error::invalid("domains", format!("At most {DOMAINS_MAX}, please.")));
        }
    }
    Ok(domains.into_iter().collect())
}

fn shown(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(typed: &str) -> Result<Vec<String>> {
        check_organisation(&OrganisationForm { name: "Lind".into(), domains: typed.into(), ..Default::default() })
            .map(|checked| checked.domains)
    }

    #[test]
    fn domains_are_read_as_people_type_them() {
        assert_eq!(domains("").unwrap(), Vec::<String>::new());
        assert_eq!(domains(" @Lind.example, lind.example\nnord.example;").unwrap(), ["lind.example", "nord.example"]);
        for wrong in ["lind", "a@b.example", "lind..example", "li nd", "\0.example", "Gmail.com"] {
            assert!(domains(wrong).is_err(), "{wrong}");
        }
        let many = (0..=DOMAINS_MAX).map(|n| format!("d{n}.example")).collect::<Vec<_>>().join(" ");
        assert!(domains(&many).is_err());
    }
}
