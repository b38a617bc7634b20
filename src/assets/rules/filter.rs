//! The text of the assets' filter bar: `type:hardware status:active owner:me warranty:<90d "thinkpad"`. The address, a saved
//! view and the API's `q` carry the same.

use crate::assets::{AssetFilter, AssetSort, AssetStatus, AssetType, OwnerFilter, SeatsFilter};
use crate::tickets::filter_tokens;
use crate::{Error, Result};

/// Each key with an example of what may follow.
pub const KEYS: [(&str, &str); 11] = [
    ("type", "type:hardware"),
    ("category", "category:laptop"),
    ("status", "status:active"),
    ("owner", "owner:me, owner:none or owner:ana@example.com"),
    ("location", "location:\"Vienna 2\""),
    ("manufacturer", "manufacturer:lenovo"),
    ("warranty", "warranty:<90d or warranty:over"),
    ("seats", "seats:full or seats:over"),
    ("field", "field:\"Memory=16 GB\""),
    ("is", "is:licence or is:deleted"),
    ("sort", "sort:name"),
];

/// What is asked for, and what is no filter, with why.
pub fn parse_asset_filter(text: &str) -> (AssetFilter, Vec<(String, String)>) {
    let (mut filter, mut wrong, mut words) = (AssetFilter::default(), Vec::new(), Vec::new());
    for token in filter_tokens(text) {
        match token.split_once(':').filter(|(key, _)| KEYS.iter().any(|(known, _)| known == key)) {
            Some((key, value)) => {
                if let Err(why) = apply(&mut filter, key, value.trim_matches('"')) {
                    wrong.push((token.to_owned(), why));
                }
            }
            None => words.push(token),
        }
    }
    filter.words = (!words.is_empty()).then(|| words.join(" "));
    (filter, wrong)
}

/// The same where nobody sees what is no filter.
///
/// # Errors
/// [`Error::Invalid`] naming `q`.
pub fn require_asset_filter(text: &str) -> Result<AssetFilter> {
    let (filter, wrong) = parse_asset_filter(text);
    match wrong.into_iter().next() {
        Some((token, why)) => Err(Error::invalid("q", format!("{token}: {why}"))),
        None => Ok(filter),
    }
}

fn apply(filter: &mut AssetFilter, key: &str, value: &str) -> std::result::Result<(), String> {
    let example = || {
        let (_, example) = KEYS.iter().find(|(known, _)| *known == key).copied().unwrap_or_default();
        format!("For example {example}.")
    };
    let text = || Some(value.to_lowercase()).filter(|value| !value.is_empty()).ok_or_else(example);
    match key {
        "type" => filter.kind = Some(word(value, AssetType::ALL).ok_or_else(example)?),
        "status" => filter.status.push(word(value, AssetStatus::ALL).ok_or_else(example)?),
        "category" => filter.category = Some(text()?),
        "location" => filter.location = Some(text()?),
        "manufacturer" => filter.manufacturer = Some(text()?),
        "owner" => {
            filter.owner = Some(match text()?.as_str() {
                "me" => OwnerFilter::Me,
                "none" => OwnerFilter::Nobody,
                email => OwnerFilter::Email(email.parse().map_err(|_| example())?),
            });
        }
        "warranty" if value == "over" => filter.warranty_within_days = Some(0),
        "warranty" => {
            let days = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('d'));
            let days = days.and_then(|days| days.parse::<u16>().ok()).ok_or_else(example)?;
            filter.warranty_within_days = Some(days.into());
        }
        "is" if value == "deleted" => filter.deleted = true,
        "is" if value == "licence" || value == "license" => filter.licences = true,
        "seats" => filter.seats = Some(word(value, SeatsFilter::ALL).ok_or_else(example)?),
        "field" => {
            let (name, value) =
                value.split_once('=').map(|(name, value)| (name.trim(), value.trim())).ok_or_else(example)?;
            let is_given = !name.is_empty() && !value.is_empty() && !name.contains('\0') && !value.contains('\0');
            filter.own = Some((name.to_owned(), value.to_owned())).filter(|_| is_given);
            return if is_given { Ok(()) } else { Err(example()) };
        }
        "sort" => filter.sort = Some(word(value, AssetSort::ALL).ok_or_else(example)?),
        _ => return Err(example()),
    }
    Ok(())
}

/// The spec's word, however it is written.
fn word<T: Copy + ToString>(value: &str, all: &[T]) -> Option<T> {
    let wanted = value.to_uppercase().replace([' ', '-'], "_");
    all.iter().copied().find(|one| one.to_string() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_read_as_it_is_typed() {
        let (filter, wrong) = parse_asset_filter(
            "type:network-device status:active status:maintenance owner:none location:\"Vienna 2\" warranty:<90d thinkpad x1",
        );
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(filter.kind, Some(AssetType::NetworkDevice));
        assert_eq!(filter.status, [AssetStatus::Active, AssetStatus::Maintenance]);
        assert_eq!((filter.owner, filter.location.as_deref()), (Some(OwnerFilter::Nobody), Some("vienna 2")));
        assert_eq!((filter.warranty_within_days, filter.words.as_deref()), (Some(90), Some("thinkpad x1")));
        for bad in [
            "type:chair",
            "owner:ana",
            "warranty:soon",
            "warranty:<90000d",
            "is:new",
            "sort:colour",
            "category:",
            "seats:free",
            "field:Memory",
            "field:=1",
        ] {
            assert_eq!(parse_asset_filter(bad).1.len(), 1, "{bad}");
        }
        let (filter, wrong) = parse_asset_filter("is:licence seats:over field:\"Memory = 16 GB\"");
        assert_eq!((filter.licences, filter.seats, wrong), (true, Some(SeatsFilter::Over), vec![]));
        assert_eq!(filter.own, Some(("Memory".into(), "16 GB".into())));
        assert_eq!(parse_asset_filter("http://x").0.words.as_deref(), Some("http://x"));
    }
}
