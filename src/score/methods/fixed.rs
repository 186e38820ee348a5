//! The user's own cuts: from the decimal numbers that were typed to exact integer cuts.

use crate::error::{Error, Result};

/// What is wrong with the cuts of an axis of `bins` bins, under its key. Values have `decimals` decimals.
pub(crate) fn problems(key: &str, cuts: &[f64], bins: u32, decimals: u32) -> Vec<String> {
    let mut problems = Vec::new();
    if cuts.len() + 1 != bins as usize {
        let expected = bins.saturating_sub(1);
        problems.push(format!("`{key}.cuts` has {} numbers, expected {expected} for {bins} bins", cuts.len()));
    }
    for pair in cuts.windows(2).filter(|pair| pair[0] >= pair[1]) {
        problems.push(format!("`{key}.cuts` must ascend, but {} is followed by {}", pair[0], pair[1]));
    }
    for cut in cuts.iter().filter(|cut| floor_in_units(**cut, decimals).is_none()) {
        problems.push(format!("`{key}.cuts` contains {cut}, which is no number of {decimals} decimals"));
    }
    problems
}

/// The integer cuts: a whole value is above a cut exactly if it is above the cut's floor.
pub(crate) fn cuts(cuts: &[f64], decimals: u32) -> Result<Vec<i64>> {
    let floor = |cut: &f64| floor_in_units(*cut, decimals).ok_or_else(|| Error::bug(format!("cut {cut} unchecked")));
    cuts.iter().map(floor).collect()
}

/// The floor of `cut * 10^decimals`, from the shortest decimal text of the number and not from its binary value, so
/// that 19.99 is 1999 cents. None where it is not finite or does not fit.
fn floor_in_units(cut: f64, decimals: u32) -> Option<i64> {
    if !cut.is_finite() {
        return None;
    }
    let text = cut.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let kept = fraction.len().min(decimals as usize);
    let digits = format!("{whole}{:0<width$}", &fraction[..kept], width = decimals as usize);
    let units: i128 = digits.parse().ok()?;
    let inexact = fraction[kept..].bytes().any(|digit| digit != b'0');
    let floor = if cut.is_sign_negative() { -units - i128::from(inexact) } else { units };
    i64::try_from(floor).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_read_as_typed_not_as_binary_fractions() {
        // 19.99 * 100 is 1998.9999999999998 and 1.005 * 1000 is 1004.9999999999999 in binary
        assert_eq!(floor_in_units(19.99, 2), Some(1_999));
        assert_eq!(floor_in_units(1.005, 3), Some(1_005));
        assert_eq!(floor_in_units(0.1, 6), Some(100_000));
        assert_eq!(floor_in_units(30.0, 0), Some(30));
    }

    #[test]
    fn more_decimals_than_the_unit_go_to_the_floor() {
        assert_eq!(floor_in_units(7.5, 0), Some(7));
        assert_eq!(floor_in_units(-7.5, 0), Some(-8));
        assert_eq!(floor_in_units(-7.0, 0), Some(-7));
        assert_eq!(floor_in_units(-0.0, 2), Some(0));
        assert_eq!(floor_in_units(1e-9, 2), Some(0));
        assert_eq!(floor_in_units(-1e-9, 2), Some(-1));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for cut in [f64::NAN, f64::INFINITY, 1e17, 1e300, -1e300] {
            assert_eq!(floor_in_units(cut, 2), None, "{cut}");
        }
        assert_eq!(floor_in_units(1e16, 2), Some(1_000_000_000_000_000_000));
    }

    #[test]
    fn wrong_cuts_are_all_named() {
        let problems = problems("score.monetary", &[10.0, 5.0, 1e300], 5, 2);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("has 3 numbers, expected 4 for 5 bins"));
        assert!(problems[1].contains("10 is followed by 5"));
        assert!(super::problems("score.monetary", &[10.0, 50.0], 3, 2).is_empty());
        assert_eq!(super::problems("k", &[10.0, 10.0], 3, 2).len(), 1);
    }
}
