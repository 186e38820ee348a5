//! Numbers as people read them in the language of the page.
//!
//! Does not live here: how numbers of the summary on a terminal are written (`job`).

use crate::money::power_of_ten;
use crate::publish::options::Language;

/// The minus of typography.
const MINUS: char = '\u{2212}';
/// What stands for a figure that is not there.
pub(crate) const NOTHING: &str = "–";

/// How figures are written.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    /// The language, which decides how large numbers are shortened.
    pub(crate) language: Language,
    /// Decimals of money.
    pub(crate) scale: u8,
}

impl Numbers {
    /// `56,825`.
    pub(crate) fn whole(number: impl Into<i128>) -> String {
        let number: i128 = number.into();
        signed(number < 0, grouped(&number.unsigned_abs().to_string()))
    }

    /// `60.9%`.
    pub(crate) fn percent(share: f64) -> String {
        decimals(100.0 * share, 1) + "%"
    }

    /// `60.9%`, or a dash.
    pub(crate) fn maybe_percent(share: Option<f64>) -> String {
        share.map_or_else(|| NOTHING.to_owned(), Self::percent)
    }

    /// `+3.2%`, `−0.4%`.
    pub(crate) fn change(share: f64) -> String {
        let text = Self::percent(share);
        if text.starts_with(MINUS) || text == "0.0%" { text } else { format!("+{text}") }
    }

    /// `12,345.68`, with so many decimals.
    pub(crate) fn decimal(value: f64, places: usize) -> String {
        decimals(value, places)
    }

    /// The same, or a dash.
    pub(crate) fn maybe_decimal(value: Option<f64>, places: usize) -> String {
        value.map_or_else(|| NOTHING.to_owned(), |value| decimals(value, places))
    }

    /// `180,565.84`: money in minor units, exactly.
    pub(crate) fn money(&self, minor: i128) -> String {
        let unit = u128::from(power_of_ten(self.scale).unsigned_abs());
        let (major, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        let digits = grouped(&major.to_string());
        let width = usize::from(self.scale);
        signed(minor < 0, if width == 0 { digits } else { format!("{digits}.{rest:0width$}") })
    }

    /// The same, or a dash.
    pub(crate) fn maybe_money(&self, minor: Option<i128>) -> String {
        minor.map_or_else(|| NOTHING.to_owned(), |minor| self.money(minor))
    }

    /// Money in minor units as a number of major ones.
    pub(crate) fn major(&self, minor: i128) -> f64 {
        minor as f64 / power_of_ten(self.scale) as f64
    }

    /// Money in minor units, shortened: `180.6k`, `18.1万`.
    pub(crate) fn short_money(&self, minor: i128) -> String {
        self.short(self.major(minor))
    }

    /// A large number, shortened: `180.6k`, `18.1万`; three digits or more.
    pub(crate) fn short(&self, value: f64) -> String {
        let steps: &[(f64, &str)] = match self.language {
            Language::En => &[(1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k")],
            Language::Zh => &[(1e12, "万亿"), (1e8, "亿"), (1e4, "万")],
        };
        match steps.iter().find(|(size, _)| value.abs() >= *size) {
            Some((size, name)) => {
                let value = value / size;
                let text = decimals(value, usize::from(value.abs() < 100.0));
                text.strip_suffix(".0").unwrap_or(&text).to_owned() + name
            }
            None if value.fract() == 0.0 => decimals(value, 0),
            None if value.abs() < 1_000.0 => decimals(value, if value.abs() < 10.0 { 2 } else { 1 }),
            None => decimals(value, 0),
        }
    }
}

fn signed(is_negative: bool, digits: String) -> String {
    if is_negative { format!("{MINUS}{digits}") } else { digits }
}

fn decimals(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let text = format!("{:.places$}", value.abs());
    let is_negative = value < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let digits = grouped(whole);
    signed(is_negative, rest.map_or(digits.clone(), |rest| format!("{digits}.{rest}")))
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_signed_and_shortened() {
        let numbers = Numbers { language: Language::En, scale: 2 };
        let chinese = Numbers { language: Language::Zh, scale: 0 };
        assert_eq!(Numbers::whole(1_234_567), "1,234,567");
        assert_eq!([numbers.money(-39_923), numbers.money(5)], ["−399.23", "0.05"]);
        assert_eq!(chinese.money(1_234), "1,234");
        // More digits than a double has.
        assert_eq!(numbers.money(90_071_992_547_409_931), "900,719,925,474,099.31");
        assert_eq!([Numbers::percent(0.609), Numbers::percent(-0.000_1)], ["60.9%", "0.0%"]);
        assert_eq!([0.032, -0.004, 0.0].map(Numbers::change), ["+3.2%", "−0.4%", "0.0%"]);
        let short = [999.0, 1_000.0, 180_565.84, 12_345_678.0, -5e9].map(|value| numbers.short(value));
        assert_eq!(short, ["999", "1k", "181k", "12.3M", "−5bn"]);
        assert_eq!([9_999.0, 180_565.0, 3e8].map(|value| chinese.short(value)), ["9,999", "18.1万", "3亿"]);
        assert_eq!(Numbers::decimal(f64::NAN, 1), NOTHING);
    }
}
