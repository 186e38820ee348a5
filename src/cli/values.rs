//! Values of flags that are more than a text or a number.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// The methods that suit all axes alike.
const METHODS_OF_ALL_AXES: [&str; 4] = ["quantile", "ntile", "r-rfm", "uniform"];
/// Those that need two bins, or cuts, and so a setting for each axis.
const METHODS_OF_ONE_AXIS: [&str; 4] = ["fixed", "mean", "median", "pareto"];

/// A method for all three axes; the others are known, and the message says where they are set.
pub(crate) fn method_of_all_axes() -> impl TypedValueParser<Value = String> {
    let shown = METHODS_OF_ALL_AXES.map(PossibleValue::new);
    let hidden = METHODS_OF_ONE_AXIS.map(|name| PossibleValue::new(name).hide(true));
    PossibleValuesParser::new(shown.into_iter().chain(hidden)).try_map(|name| {
        let needs = match name.as_str() {
            "fixed" => "needs cuts of each axis: set score.recency.method, .cuts and .bins, and so on",
            "mean" | "median" | "pareto" => {
                "makes two scores: set score.recency.method and .bins = 2, and so on, or choose a map that brings it, as \
                 four_class"
            }
            _ => return Ok(name),
        };
        Err(format!("`{name}` {needs}"))
    })
}

/// The columns that `--column` names.
pub(crate) const ROLES: [&str; 16] = [
    "customer_id",
    "order_id",
    "order_ts",
    "amount",
    "quantity",
    "unit_price",
    "currency",
    "margin",
    "last_order_date",
    "recency_days",
    "orders",
    "revenue",
    "first_order_date",
    "purchase_days",
    "transactions",
    "largest_order",
];

/// `ROLE=NAME`, split at the first `=`, so that a name may contain one. The name is taken byte for byte.
pub(crate) fn role_and_name(text: &str) -> Result<(String, String), String> {
    let (role, name) = text.split_once('=').ok_or("expected ROLE=NAME")?;
    if !ROLES.contains(&role) {
        return Err(format!("`{role}` is no role, expected one of {}", ROLES.join(", ")));
    }
    if name.is_empty() {
        return Err("the name is empty, expected ROLE=NAME".to_owned());
    }
    Ok((role.to_owned(), name.to_owned()))
}

/// `KEY=VALUE`, split at the first `=`.
pub(crate) fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// A number of days.
pub(crate) fn days(text: &str) -> Result<u32, String> {
    let text = text.trim();
    text.parse().map_err(|_| {
        let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let meant = if number.parse::<u32>().is_ok() { format!("; write {number}") } else { String::new() };
        format!("expected a whole number of days, without a unit{meant}")
    })
}

/// A count as people write it: `2000000`, `2_000_000`, `2M`, `1.5k`, `1e6`.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    let wrong = || "expected a whole number, as 2000000, 2_000_000, 2M or 2e6".to_owned();
    let plain = text.replace('_', "");
    if let Ok(number) = plain.parse::<u64>() {
        return Ok(number);
    }
    let (digits, factor) = match plain.char_indices().last() {
        Some((end, 'k' | 'K')) => (&plain[..end], 1e3),
        Some((end, 'M')) => (&plain[..end], 1e6),
        Some((end, 'G' | 'B')) => (&plain[..end], 1e9),
        _ => (plain.as_str(), 1.0),
    };
    let number = digits.parse::<f64>().map_err(|_| wrong())? * factor;
    // Above 2^53 not every whole number is an f64; no input has that many lines.
    let rounded = number.round();
    let is_whole = (number - rounded).abs() <= 1e-6 * number.abs().min(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 0 to 2^53
    if is_whole && (0.0..=9_007_199_254_740_992.0).contains(&rounded) { Ok(rounded as u64) } else { Err(wrong()) }
}

/// A share from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "expected a share from 0 to 1")?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("expected a share from 0 to 1".to_owned()) }
}

/// Exactly `N` numbers above zero, with commas between.
pub(crate) fn parameters<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let wrong = || format!("expected {N} numbers above zero with commas between");
    let numbers: Vec<f64> =
        text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map_err(|_| wrong())?;
    let numbers: [f64; N] = numbers.try_into().map_err(|_| wrong())?;
    if numbers.iter().all(|number| number.is_finite() && *number > 0.0) { Ok(numbers) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_name_may_hold_an_equals_sign_a_tab_or_any_script() {
        for name in ["a=b", "=", "день\tпокупки", "客户 编号", "betrag (€)", " "] {
            let pair = role_and_name(&format!("amount={name}"));
            assert_eq!(pair, Ok(("amount".to_owned(), name.to_owned())));
        }
        for text in ["amount", "amount=", "amuont=a", "=a"] {
            assert!(role_and_name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_are_read_as_people_write_them() {
        for (text, number) in [
            ("0", 0),
            ("100_000_000", 100_000_000),
            ("2M", 2_000_000),
            ("1.5k", 1_500),
            ("1e6", 1_000_000),
            ("0.1M", 100_000),
        ] {
            assert_eq!(count(text), Ok(number), "{text}");
        }
        for text in ["", "M", "-1", "1.5", "-1M", "1e300", "nan", "inf", "1.0001k", "2 M"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shares_and_parameters_are_bounded() {
        assert_eq!(share("0.25"), Ok(0.25));
        assert!(share("25").is_err() && share("nan").is_err());
        assert_eq!(parameters::<4>("0.243, 4.414,0.793,2.426"), Ok([0.243, 4.414, 0.793, 2.426]));
        assert!(
            parameters::<4>("1,2,3").is_err() && parameters::<3>("1,2,0").is_err() && parameters::<3>("1,2,x").is_err()
        );
    }
}
