//! A sample of many histories, on which searches begin: a thousandth of the work, and where they end is near.
//!
//! Patterns are drawn by a hash of what they are, so that neither the order of customers nor the number of threads has a part
//! in it, with chances that grow with their customers: those that many share are all in it, and the sums over the others are
//! right on average (Horvitz and Thompson 1952). A pattern weighs as much as it stands for.
//! Does not live here: what is made of it (`purchase_model`, `choice`).

use rayon::prelude::*;

use super::histories::{Histories, History};
use crate::error::Result;
use crate::hashing::spread_bits;
use crate::models::numeric::special::weight;

/// Up to this number of patterns there is no sample.
const FEW_PATTERNS: usize = 60_000;
/// A sample has about this many patterns: sums over them are right to a 170th of what differs between customers.
const SAMPLED: f64 = 30_000.0;

/// A sample.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The patterns drawn, by what they stand for.
    pub(crate) histories: Histories,
    /// The chance that each had.
    pub(crate) chances: Vec<f64>,
}

impl Sample {
    /// A sample of `histories`; none where they are few.
    pub(crate) fn of(histories: &Histories) -> Result<Option<Self>> {
        if histories.patterns().len() <= FEW_PATTERNS {
            return Ok(None);
        }
        Self::drawn(histories, SAMPLED).map(Some)
    }

    fn drawn(histories: &Histories, about: f64) -> Result<Self> {
        let patterns = histories.patterns();
        // Patterns of so many customers are all drawn.
        let mut all_from = 1_u64;
        let size = |all_from: u64| patterns.iter().map(|(_, count)| chance(*count, all_from)).sum::<f64>();
        while size(all_from) > about {
            all_from *= 2;
        }
        let is_drawn = |(history, count): &&(History, u64)| position(history) < chance(*count, all_from);
        let drawn: Vec<(History, u64)> = patterns.par_iter().filter(is_drawn).copied().collect();
        let chances = drawn.iter().map(|(_, count)| chance(*count, all_from)).collect();
        let weighted = drawn.into_iter().map(|(history, count)| (history, count.max(all_from)));
        Ok(Self { histories: Histories::of_distinct(weighted.collect())?, chances })
    }

    /// The sum of `of` over the customers of all patterns, as the sample has it, and its standard error. `of` are figures of the
    /// patterns of the sample.
    pub(crate) fn total(&self, of: &[f64]) -> (f64, f64) {
        let (mut sum, mut variance) = (0.0, 0.0);
        for ((figure, (_, count)), chance) in of.iter().zip(self.histories.patterns()).zip(&self.chances) {
            let part = figure * weight(*count);
            sum += part;
            variance += (1.0 - chance) * part * part;
        }
        (sum, variance.sqrt())
    }
}

impl Sample {
    /// How many customers a pattern stands for at most where it was left to chance.
    pub(crate) fn largest_step(&self) -> f64 {
        let weights = self.histories.patterns().iter().zip(&self.chances);
        weights.filter(|(_, chance)| **chance < 1.0).map(|((_, count), _)| weight(*count)).fold(1.0, f64::max)
    }
}

/// The chance of a pattern of `count` customers.
fn chance(count: u64, all_from: u64) -> f64 {
    (weight(count) / weight(all_from)).min(1.0)
}

/// Where a pattern lies between 0 and 1.
fn position(history: &History) -> f64 {
    let parts = [u64::from(history.x), history.t_x.to_bits(), history.t_cal.to_bits()];
    let hash = parts.into_iter().fold(0, |hash, part| spread_bits(spread_bits(hash ^ part)));
    weight(hash >> 11) / weight(1 << 53)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many() -> Histories {
        let of = |i: u32| {
            let (x, t_cal) = (i % 7, 100 + i % 900);
            let t_x = if x == 0 { 0 } else { 1 + (i / 5) % t_cal };
            let count = if x == 0 { 40 } else { 1 + u64::from(i % 3) };
            (History { x, t_x: f64::from(t_x), t_cal: f64::from(t_cal) }, count)
        };
        Histories::new((0..90_000).map(of).collect()).unwrap()
    }

    #[test]
    fn a_sample_stands_for_all_and_knows_by_how_much_it_may_be_wrong() {
        let all = many();
        let sample = Sample::of(&all).unwrap().unwrap();
        let drawn = sample.histories.patterns().len();
        assert!((15_000..=31_000).contains(&drawn) && all.patterns().len() > FEW_PATTERNS, "{drawn}");
        let figures: [fn(&History) -> f64; 3] = [|_| 1.0, |h| h.t_x, |h| f64::from(h.x) * h.t_cal];
        for figure in figures {
            let truth: f64 = all.patterns().iter().map(|(h, count)| figure(h) * weight(*count)).sum();
            let of: Vec<f64> = sample.histories.patterns().iter().map(|(h, _)| figure(h)).collect();
            let (found, error) = sample.total(&of);
            assert!((found - truth).abs() < 4.0 * error && error < 0.01 * truth, "{found} +- {error} for {truth}");
        }
        // those that many share are all there
        let once = |histories: &Histories| histories.patterns().iter().filter(|(h, _)| h.x == 0).count();
        assert_eq!(once(&all), once(&sample.histories));
    }

    #[test]
    fn few_histories_are_taken_as_they_are() {
        let few = Histories::new(vec![(History { x: 0, t_x: 0.0, t_cal: 9.0 }, 1 << 40)]).unwrap();
        assert!(Sample::of(&few).unwrap().is_none());
    }
}
