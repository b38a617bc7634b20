//! A stage of a template as one line: `Security: 2 of mona@example.org, IT_MANAGER, asset owners`.

use crate::changes::{StageForm, StageRule};
use crate::people::UserId;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// What the word for those who have the assets is.
const OWNERS: &str = "asset owners";

/// A line that was read; who the addresses belong to is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageLine {
    pub name: String,
    pub rule: StageRule,
    pub quorum: Option<i32>,
    pub emails: Vec<String>,
    pub roles: Vec<String>,
    pub asset_owners: bool,
}

/// `all of` without a number or a word before the people.
///
/// # Errors
/// [`Error::Invalid`] naming `stages`.
pub fn check_stage_line(line: &str) -> Result<StageLine> {
    let shown: String = line.trim().chars().take(80).collect();
    let wrong = || {
        Error::invalid(
            "stages",
            format!("“{shown}”: a stage looks like “Security: any of mona@example.org, IT_MANAGER”."),
        )
    };
    let (name, rest) = line.split_once(':').ok_or_else(wrong)?;
    // What ends in “of” names nobody.
    let rest = format!("{rest} ");
    let (how, people) = rest.split_once(" of ").unwrap_or(("all", &rest));
    let (rule, quorum) = match how.trim() {
        "all" => (StageRule::All, None),
        "any" => (StageRule::Any, None),
        number => (StageRule::Quorum, Some(number.parse().map_err(|_| wrong())?)),
    };
    let mut read = StageLine {
        name: name.trim().to_owned(),
        rule,
        quorum,
        emails: Vec::new(),
        roles: Vec::new(),
        asset_owners: false,
    };
    for one in people.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        match one {
            OWNERS => read.asset_owners = true,
            email if email.contains('@') => read.emails.push(email.to_owned()),
            role => read.roles.push(role.to_owned()),
        }
    }
    if read.name.is_empty() || (read.emails.is_empty() && read.roles.is_empty() && !read.asset_owners) {
        return Err(wrong());
    }
    Ok(read)
}

/// The line that is read as this stage again.
pub fn stage_line(stage: &StageForm, emails: &BTreeMap<UserId, String>) -> String {
    let how = match (stage.rule, stage.quorum) {
        (StageRule::All, _) => "all".to_owned(),
        (StageRule::Any, _) => "any".to_owned(),
        (StageRule::Quorum, quorum) => quorum.unwrap_or(1).to_string(),
    };
    let people = stage.people.iter().filter_map(|person| emails.get(person).cloned());
    let owners = stage.asset_owners.then(|| OWNERS.to_owned());
    let asked: Vec<String> = people.chain(stage.roles.iter().cloned()).chain(owners).collect();
    format!("{}: {how} of {}", stage.name, asked.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let mona = UserId(uuid::Uuid::from_u128(1));
        let emails = BTreeMap::from([(mona, "mona@example.org".to_owned())]);
        for line in ["Security: 2 of mona@example.org, IT_MANAGER", "Owners: all of asset owners", "Last: any of ADMIN"]
        {
            let read = check_stage_line(line).unwrap();
            let people = read.emails.iter().map(|_| mona).collect();
            let form = StageForm {
                name: read.name,
                rule: read.rule,
                quorum: read.quorum,
                people,
                roles: read.roles,
                asset_owners: read.asset_owners,
            };
            assert_eq!(stage_line(&form, &emails), line);
        }
        assert_eq!(check_stage_line("Short: ADMIN").unwrap().rule, StageRule::All);
        for line in ["", "No colon", "Nobody: any of", ": any of ADMIN", "Many: few of ADMIN", "x: -"] {
            let read = check_stage_line(line);
            assert!(read.is_err() || line == "x: -", "{line}");
        }
    }
}
