//! Which of the scores that were already made are high: those above a threshold of the scores.

use super::mean::mean;
use super::quantile::type_7;
use super::rational::Rational;
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

/// The highest score that is not above the threshold, so that higher ones are high: the highest score is best on every
/// axis. None without scores.
///
/// # Errors
/// A config error, where the given threshold is no number.
pub fn score_cut(scores: &[i32], threshold: ScoreThreshold) -> Result<Option<i64>> {
    let values = || scores.iter().map(|&score| i64::from(score)).collect::<Vec<i64>>();
    match threshold {
        ScoreThreshold::Mean => Ok(mean(&values(), None)?.map(Rational::cut_below_values)),
        ScoreThreshold::Median => Ok(type_7(&values(), 2).first().copied().map(Rational::cut_below_values)),
        ScoreThreshold::Given(number) if number.is_nan() => {
            Err(Error::config("a threshold of scores is no number").hint("write a number as 2.3"))
        }
        #[expect(clippy::cast_possible_truncation, reason = "casts saturate, and scores lie far inside")]
        ScoreThreshold::Given(number) => Ok(Some(number.floor() as i64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_high_strictly_above_the_threshold() {
        let cut = |threshold| score_cut(&[1, 2, 3, 5, 5], threshold).unwrap();
        assert_eq!(cut(ScoreThreshold::Given(2.3)), Some(2));
        assert_eq!(cut(ScoreThreshold::Given(3.0)), Some(3));
        assert_eq!(cut(ScoreThreshold::Mean), Some(3), "the mean is 3.2");
        assert_eq!(cut(ScoreThreshold::Median), Some(3), "the median is 3");
        assert_eq!(score_cut(&[], ScoreThreshold::Mean).unwrap(), None);
        assert!(score_cut(&[1], ScoreThreshold::Given(f64::NAN)).is_err());
    }
}
