//! One axis: what is measured and how it is to be cut, checked.
//!
//! Does not live here: the measures (`measures`), any method, and the settings that an axis is made of (`options`).

use super::measures::{Axis, Measure};
use super::method::{Method, PARETO_SHARE};
use super::methods::fixed;
use crate::error::{Error, Result};

/// Fewest and most scores of an axis.
const BINS: std::ops::RangeInclusive<u32> = 2..=100;
/// More decimals than this do not fit a 64-bit integer.
const MOST_DECIMALS: u32 = 18;

/// How one axis is measured and cut.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisSpec {
    /// What is measured.
    pub measure: Measure,
    /// Values are whole numbers of `10^-decimals` of the column's unit.
    pub decimals: u32,
    /// How it is cut.
    pub method: Method,
    /// Number of scores.
    pub bins: u32,
    /// With [`Method::Fixed`]: ascending cuts in the column's unit, one fewer than bins.
    pub cuts: Vec<f64>,
    /// With [`Method::Mean`] what customers count by, with [`Method::Pareto`] what the best hold a share of; none for
    /// one each, and for the measure itself.
    pub weight: Option<Measure>,
    /// With [`Method::Pareto`]: the share that the best hold.
    pub share: f64,
}

impl AxisSpec {
    /// An axis without settings of its own.
    #[must_use]
    pub const fn new(measure: Measure, decimals: u32, method: Method, bins: u32) -> Self {
        Self { measure, decimals, method, bins, cuts: Vec::new(), weight: None, share: PARETO_SHARE }
    }

    /// The axis of the measure.
    #[must_use]
    pub const fn axis(&self) -> Axis {
        self.measure.axis()
    }

    /// The share that the best hold, where the method asks for one.
    #[must_use]
    pub fn share_that_counts(&self) -> Option<f64> {
        (self.method == Method::Pareto).then_some(self.share)
    }

    /// Everything that is wrong with these settings, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let key = format!("score.{}", self.axis().name());
        let mut problems = Vec::new();
        if !BINS.contains(&self.bins) {
            problems.push(format!("`{key}.bins` is {}, expected {} to {}", self.bins, BINS.start(), BINS.end()));
        }
        if self.decimals > MOST_DECIMALS {
            problems.push(format!(
                "`{}` would need {} decimals, expected at most {MOST_DECIMALS}",
                self.measure.column(),
                self.decimals
            ));
        }
        let method = self.method.name();
        if matches!(self.method, Method::Mean | Method::Median | Method::Pareto) && self.bins != 2 {
            problems
                .push(format!("`{key}.bins` is {}, but `method = \"{method}\"` makes 2: set `bins = 2`", self.bins));
        }
        if !(self.share > 0.0 && self.share < 1.0) {
            problems.push(format!("`{key}.share` is {}, expected a share between 0 and 1, as 0.8", self.share));
        }
        if self.weight.is_some() && !matches!(self.method, Method::Mean | Method::Pareto) {
            problems.push(format!("`{key}.weight` is given, but only `mean` and `pareto` use it, not `{method}`"));
        }
        if self.method == Method::Fixed {
            problems.extend(fixed::problems(&key, &self.cuts, self.bins, self.decimals));
        } else if !self.cuts.is_empty() {
            problems.push(format!(
                "`{key}.cuts` are given, but only `method = \"fixed\"` uses them: set it, with `bins = {}`",
                self.cuts.len() + 1
            ));
        }
        problems
    }

    /// An error that lists every problem, or nothing.
    pub(super) fn check(&self) -> Result<()> {
        let problems = self.problems();
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::config(format!("the {} score is not well defined", self.axis().name())).causes(problems))
    }
}
