//! High and low of scores that were already made: above a threshold of the scores, or not.

use serde::{Deserialize, Serialize};

use super::methods::mean::mean;
use super::methods::quantile::type_7;
use super::methods::rational::Rational;
use crate::error::{Error, Result};

/// What a score must be above to be high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScoreThreshold {
    /// The mean of the scores of all customers.
    Mean,
    /// Their median.
    Median,
    /// A number, as an R score above 2.3.
    Given(f64),
}

/// What separates high scores from low ones; nothing where there were no scores to learn from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ScoreCut {
    /// What a score must be above.
    pub threshold: Option<f64>,
    /// The highest score that is not above it.
    pub cut: Option<i64>,
}

impl ScoreCut {
    /// Learns from the scores of all customers.
    ///
    /// # Errors
    /// A config error, where the given threshold is no number.
    pub fn learn(scores: &[i32], threshold: ScoreThreshold) -> Result<Self> {
        let values = || scores.iter().map(|&score| i64::from(score)).collect::<Vec<i64>>();
        let exact = |threshold: Option<Rational>| Self {
            threshold: threshold.map(|threshold| threshold.in_unit(0)),
            cut: threshold.map(Rational::cut_below_values),
        };
        Ok(match threshold {
            ScoreThreshold::Mean => exact(mean(&values(), None)?),
            ScoreThreshold::Median => exact(type_7(&values(), 2).first().copied()),
            ScoreThreshold::Given(number) if number.is_nan() => {
                return Err(Error::config("a threshold of scores is no number").hint("write a number as 2.3"));
            }
            #[expect(clippy::cast_possible_truncation, reason = "casts saturate, and scores lie far inside")]
            ScoreThreshold::Given(number) => Self { threshold: Some(number), cut: Some(number.floor() as i64) },
        })
    }

    /// As [`Self::levels`], and 1 for everyone whose number of `orders` is 0, where these are given.
    #[must_use]
    pub fn levels_among(self, scores: &[i32], orders: Option<&[u32]>) -> Vec<i32> {
        let mut levels = self.levels(scores);
        for (level, _) in levels.iter_mut().zip(orders.unwrap_or_default()).filter(|(_, orders)| **orders == 0) {
            *level = 1;
        }
        levels
    }

    /// 2 where the score is above the threshold, else 1. The highest score is best on every axis.
    #[must_use]
    pub fn levels(self, scores: &[i32]) -> Vec<i32> {
        scores.iter().map(|&score| 1 + i32::from(self.cut.is_some_and(|cut| i64::from(score) > cut))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_high_strictly_above_the_threshold() {
        let score_levels =
            |scores: &[i32], threshold| -> Result<Vec<i32>> { Ok(ScoreCut::learn(scores, threshold)?.levels(scores)) };
        let levels = |threshold| score_levels(&[1, 2, 3, 5, 5], threshold).unwrap();
        assert_eq!(levels(ScoreThreshold::Given(2.3)), [1, 1, 2, 2, 2]);
        assert_eq!(levels(ScoreThreshold::Given(3.0)), [1, 1, 1, 2, 2]);
        assert_eq!(levels(ScoreThreshold::Mean), [1, 1, 1, 2, 2], "the mean is 3.2");
        assert_eq!(levels(ScoreThreshold::Median), [1, 1, 1, 2, 2], "the median is 3");
        assert!(score_levels(&[], ScoreThreshold::Mean).unwrap().is_empty());
        assert!(score_levels(&[1], ScoreThreshold::Given(f64::NAN)).is_err());
    }
}
