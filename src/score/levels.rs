//! High and low of scores that were already made: above a threshold of the scores, or not.

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

/// What separates high scores from low ones: the highest that is not above the threshold; none without scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreCut(Option<i64>);

impl ScoreCut {
    /// Learns from the scores of all customers.
    ///
    /// # Errors
    /// A config error, where the given threshold is no number.
    pub fn learn(scores: &[i32], threshold: ScoreThreshold) -> Result<Self> {
        let values = || scores.iter().map(|&score| i64::from(score)).collect::<Vec<i64>>();
        Ok(Self(match threshold {
            ScoreThreshold::Mean => mean(&values(), None)?.map(Rational::cut_below_values),
            ScoreThreshold::Median => type_7(&values(), 2).first().copied().map(Rational::cut_below_values),
            ScoreThreshold::Given(number) if number.is_nan() => {
                return Err(Error::config("a threshold of scores is no number").hint("write a number as 2.3"));
            }
            #[expect(clippy::cast_possible_truncation, reason = "casts saturate, and scores lie far inside")]
            ScoreThreshold::Given(number) => Some(number.floor() as i64),
        }))
    }

    /// 2 where the score is above the threshold, else 1. The highest score is best on every axis.
    #[must_use]
    pub fn levels(self, scores: &[i32]) -> Vec<i32> {
        scores.iter().map(|&score| 1 + i32::from(self.0.is_some_and(|cut| i64::from(score) > cut))).collect()
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
