//! A colour of the desk's brand, and whether it can be read.

/// The least contrast of text (WCAG 2.2, 1.4.3).
pub const READABLE: f64 = 4.5;

/// In sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl std::str::FromStr for Colour {
    type Err = ();

    /// `#1d4ed8`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or(())?;
        let part = |at: usize| digits.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok()).ok_or(());
        if digits.contains(['+', '-']) {
            return Err(());
        }
        Ok(Self([part(0)?, part(2)?, part(4)?]))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Colour {
    /// WCAG 2.2, contrast ratio: from 1 to 21.
    pub fn contrast_to_white(self) -> f64 {
        1.05 / (self.luminance() + 0.05)
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// The styles that put a brand's colours in place of ours. In the dark a primary one is as light as our own is there, in its hue.
#[cfg(any(feature = "ssr", test))]
pub fn brand_styles(primary: Option<Colour>, secondary: Option<Colour>) -> String {
    let primary = primary.map(|colour| {
        format!(
            ":root{{--accent:light-dark({colour},oklch(from {colour} .74 min(c,.14) h));\
             --accent-soft:light-dark(oklch(from {colour} .955 min(c,.022) h),oklch(from {colour} .28 min(c,.06) h))}}"
        )
    });
    let secondary = secondary.map(|colour| format!(":root{{--brand-line:3px solid {colour}}}"));
    primary.into_iter().chain(secondary).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_wcag_says() {
        let contrast = |text: &str| text.parse::<Colour>().unwrap().contrast_to_white();
        assert!((contrast("#000000") - 21.0).abs() < 1e-9);
        assert!((contrast("#ffffff") - 1.0).abs() < 1e-9);
        // As every checker has it: the lightest grey that passes, and the next.
        assert!(contrast("#767676") >= READABLE && contrast("#777777") < READABLE);
    }

    #[test]
    fn styles_hold_nothing_but_colours() {
        let colour: Colour = "#1D4ED8".parse().unwrap();
        let styles = brand_styles(Some(colour), Some(colour));
        assert!(styles.contains("--accent:light-dark(#1d4ed8,") && styles.contains("--brand-line:3px solid #1d4ed8"));
        assert_eq!(brand_styles(None, None), "");
    }
}
