//! Asset numbers and prices as people write them.

use crate::assets::{AssetNumber, Price};
use crate::id::read_number;
use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

impl AssetNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `last`th of a year.
    pub fn of(year: i32, last: i32) -> Self {
        Self(format!("AST-{year}-{last:04}"))
    }
}

impl fmt::Display for AssetNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AssetNumber {
    type Err = Error;

    /// As it stands on a label or is typed: `ast-2026-17` is `AST-2026-0017`.
    fn from_str(text: &str) -> Result<Self> {
        let read = read_number("AST", text).map(|(year, last)| Self::of(year, last));
        read.ok_or_else(|| Error::invalid("asset_number", "A number looks like AST-2026-0017."))
    }
}

/// The spec's `Decimal(10, 2)`.
const PRICE_MAX: i64 = 9_999_999_999;

impl FromStr for Price {
    type Err = Error;

    /// `1299`, `1299.5`, `1,299.50`, `1.299,50`: the last mark with one or two digits behind it is the decimal's.
    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::invalid("purchase_price", "An amount with at most two decimals, please, such as 1299.50.");
        let text = text.trim().replace(['\u{a0}', ' ', '\''], "");
        let (whole, cents) = match text.rfind(['.', ',']) {
            Some(at) if (1..=2).contains(&(text.len() - at - 1)) => (&text[..at], &text[at + 1..]),
            _ => (text.as_str(), ""),
        };
        let whole: String = grouped(whole).ok_or_else(wrong)?;
        if !cents.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let amount: i64 = format!("{whole}{cents:0<2}").parse().map_err(|_| wrong())?;
        if amount > PRICE_MAX {
            return Err(Error::invalid("purchase_price", "At most 99,999,999.99, please."));
        }
        Ok(Self(amount))
    }
}

/// Digits, in groups of three or not at all.
fn grouped(text: &str) -> Option<String> {
    let mut groups = text.split([',', '.']);
    let first = groups.next().filter(|first| !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit()))?;
    let mut whole = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.len() > 3 || !group.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        whole.push_str(group);
    }
    Some(whole)
}

impl TryFrom<String> for Price {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Price> for String {
    fn from(price: Price) -> Self {
        price.to_string()
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_typed() {
        for text in ["AST-2026-0017", " ast-2026-17 ", "Ast-2026-00017"] {
            assert_eq!(text.parse::<AssetNumber>().unwrap().as_str(), "AST-2026-0017");
        }
        for text in ["", "AST-26-1", "TKT-2026-00001", "AST-2026-", "AST-2026-1x", "AST-2026-9999999999"] {
            assert!(text.parse::<AssetNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_category_is_read_in_words() {
        for (category, words) in
            [("VIRTUAL_MACHINE", "Virtual machine"), ("UPS", "UPS"), ("ÜBER_X", "Über X"), ("", "")]
        {
            assert_eq!(crate::assets::category_label(category), words);
        }
    }

    #[test]
    fn a_price_is_exact_however_it_is_written() {
        for (text, cents) in [
            ("1299", 129_900),
            ("1299.5", 129_950),
            ("1299,50", 129_950),
            ("1,299.50", 129_950),
            ("1.299,50", 129_950),
            ("1'299.50", 129_950),
            ("1 299", 129_900),
            ("1,299", 129_900),
            ("0", 0),
            ("99999999.99", 9_999_999_999),
        ] {
            assert_eq!(text.parse::<Price>().unwrap(), Price(cents), "{text}");
        }
        assert_eq!(Price(129_905).to_string(), "1299.05");
        for text in ["", "-1", "1e3", "12,34,56", "1.2345", "100000000", "NaN", "1,2,3", ".5", "1..2"] {
            assert!(text.parse::<Price>().is_err(), "{text}");
        }
    }
}
