//! Shares of responders: intervals and tests.
//!
//! Wilson's interval and the score test are two sides of one thing: a rate is rejected exactly where it lies outside the interval.
//! Sources: Wilson (1927); Newcombe (1998), Statistics in Medicine 17, method 10; Benjamini and Hochberg (1995).

use super::normal::two_sided;
use super::number;

/// Responders among those who were contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Who responded, at most `contacts`.
    pub responders: u64,
    /// Who was contacted.
    pub contacts: u64,
}

/// The two ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Rate {
    /// The share; none of nobody.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.contacts > 0).then(|| number(self.responders) / number(self.contacts))
    }

    /// Wilson's interval without continuity correction, for the critical value `z`; none of nobody.
    #[must_use]
    pub fn wilson(self, z: f64) -> Option<Interval> {
        let (share, n) = (self.share()?, number(self.contacts));
        let widened = 1.0 + z * z / n;
        let middle = (share + z * z / (2.0 * n)) / widened;
        let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt() / widened;
        // At the borders the formula gives them but for rounding.
        let low = if self.responders == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high = if self.responders == self.contacts { 1.0 } else { (middle + half).min(1.0) };
        Some(Interval { low, high })
    }

    /// The two-sided p-value of the score test against the rate `expected`; none of nobody.
    ///
    /// A rate of 0 or less is exceeded by any responder, and one of 1 or more by nobody.
    #[must_use]
    pub fn score_test(self, expected: f64) -> Option<f64> {
        let share = self.share()?;
        if expected <= 0.0 {
            return Some(if self.responders > 0 { 0.0 } else { 1.0 });
        }
        if expected >= 1.0 {
            let is_met = expected <= 1.0 && self.responders == self.contacts;
            return Some(if is_met { 1.0 } else { 0.0 });
        }
        let deviation = (expected * (1.0 - expected) / number(self.contacts)).sqrt();
        Some(two_sided((share - expected) / deviation))
    }
}

/// A difference of two rates with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first rate less the second.
    pub difference: f64,
    /// Newcombe's hybrid score interval: method 10, without continuity correction.
    pub interval: Interval,
}

/// The first rate less the second, for the critical value `z`; none where one of them is of nobody.
#[must_use]
pub fn difference(first: Rate, second: Rate, z: f64) -> Option<Difference> {
    let (one, two) = (first.share()?, second.share()?);
    let (of_one, of_two) = (first.wilson(z)?, second.wilson(z)?);
    let difference = one - two;
    let low = difference - (one - of_one.low).hypot(of_two.high - two);
    let high = difference + (of_one.high - one).hypot(two - of_two.low);
    Some(Difference { difference, interval: Interval { low, high } })
}

/// The p-values of several tests as Benjamini and Hochberg adjust them, in the same order: the share of wrong findings to be expected
/// where everything up to this one is taken for a finding.
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|one, two| p_values[*one].total_cmp(&p_values[*two]));
    let tests = number(p_values.len() as u64);
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (place, index) in order.iter().enumerate().rev() {
        least = least.min(p_values[*index] * tests / number(place as u64 + 1));
        adjusted[*index] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests;
