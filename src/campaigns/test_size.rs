//! How many customers a test needs, and which of them: every n-th name of a sorted list.
//!
//! Source: Cochran, Sampling Techniques (1977), 4.4, and Hughes, Strategic Database Marketing, on Nth names.

use sha2::{Digest, Sha256};

use super::normal::critical;
use super::number;

/// What a test is to find out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// The rate that is expected, 0..1.
    pub rate: f64,
    /// How far the rate that is found may be off, above 0.
    pub error: f64,
    /// How sure that is, such as 0.95.
    pub confidence: f64,
}

impl Precision {
    /// How many of `customers` a test needs: n0 = p (1 - p) z^2 / e^2, and n0 / (1 + n0 / N), rounded up.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most `customers`
    pub fn needed(self, customers: u64) -> u64 {
        if customers == 0 {
            return 0;
        }
        let z = critical(self.confidence);
        let of_many = self.rate * (1.0 - self.rate) * z * z / (self.error * self.error);
        let of_these = of_many / (1.0 + of_many / number(customers));
        (of_these.ceil() as u64).min(customers)
    }
}

/// Every n-th of a list of `names`, so many that `size` are taken, from a start that `seed` chooses.
///
/// The step `names / size` may be broken: the i-th name stands at (start + i * names) / size, rounded down, so that runs of equal length
/// have equally many names but for one.
#[derive(Debug, Clone, Copy)]
pub struct NthNames {
    names: u64,
    size: u64,
    start: u64,
}

impl NthNames {
    /// `size` counts as at most `names`. The start is the beginning of SHA-256 of the seed in decimal digits, as a fraction of `names`.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // below `names`
    pub fn new(names: u64, size: u64, seed: u64) -> Self {
        let digest = Sha256::digest(seed.to_string());
        let random = digest.iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let start = (u128::from(random) * u128::from(names)) >> 64;
        Self { names, size: size.min(names), start: start as u64 }
    }

    /// The step.
    #[must_use]
    pub fn step(&self) -> f64 {
        number(self.names) / number(self.size)
    }

    /// The places of the names, ascending from 0.
    #[allow(clippy::cast_possible_truncation)] // below `names`
    pub fn places(self) -> impl Iterator<Item = u64> {
        let Self { names, size, start } = self;
        let place =
            move |index: u64| (u128::from(start) + u128::from(index) * u128::from(names)) / u128::from(size.max(1));
        (0..size).map(move |index| place(index) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hughes: 800,000 / 40,000 is every 20th, and 320 of each cell of 6,400.
    #[test]
    fn every_twentieth_name_is_320_of_each_cell_of_6_400() {
        for seed in 0..50 {
            let nth = NthNames::new(800_000, 40_000, seed);
            assert!((nth.step() - 20.0).abs() < f64::EPSILON);
            let mut of_cell = vec![0; 125];
            let mut last = None;
            for place in nth.places() {
                assert!(last.is_none_or(|last| place == last + 20));
                last = Some(place);
                of_cell[usize::try_from(place / 6_400).unwrap()] += 1;
            }
            assert_eq!(of_cell, vec![320; 125]);
        }
    }

    #[test]
    fn a_broken_step_takes_as_many_as_it_should_and_no_name_twice() {
        for (names, size) in [(10, 3), (7, 7), (1_000, 333), (5, 9), (1, 1), (0, 4)] {
            for seed in 0..20 {
                let places: Vec<u64> = NthNames::new(names, size, seed).places().collect();
                assert_eq!(places.len() as u64, size.min(names));
                assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{names} {size}: {places:?}");
                assert!(places.last().is_none_or(|last| *last < names));
            }
        }
    }

    #[test]
    fn seeds_begin_at_different_names() {
        let first = |seed| NthNames::new(800_000, 40_000, seed).places().next().unwrap();
        let firsts: std::collections::BTreeSet<u64> = (0..200).map(first).collect();
        assert!(firsts.len() == 20 && firsts.last() == Some(&19), "each of 20 begins some test: {firsts:?}");
    }

    /// By hand with z = 1.959964: .5 * .5 * 3.841459 / .0025 = 384.15, and of 10,000: 384.15 / 1.038415 = 369.94. For 2% within
    /// 0.5%: .0196 * 3.841459 / .000025 = 3,011.70; of 6,400: 3,011.70 / 1.470579 = 2,047.97.
    #[test]
    fn sizes_are_those_of_cochran() {
        let half = Precision { rate: 0.5, error: 0.05, confidence: 0.95 };
        assert_eq!((half.needed(10_000), half.needed(u64::MAX >> 12)), (370, 385));
        let rare = Precision { rate: 0.02, error: 0.005, confidence: 0.95 };
        assert_eq!((rare.needed(6_400), rare.needed(0), rare.needed(1)), (2_048, 0, 1));
    }
}
