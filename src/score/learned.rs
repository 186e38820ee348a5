//! One axis from all values to what its method keeps of them.
//!
//! Does not live here: the scores (`scored`), and each method (`methods`).

use super::axis::AxisSpec;
use super::breaks::{Breaks, nested_scores_have_no_breaks, ntile_has_no_breaks};
use super::measures::Axis;
use super::method::Method;
use super::methods::rational::Rational;
use super::methods::{fixed, mean, pareto, quantile, r_rfm, uniform};
use crate::error::{Error, Result};

/// What an axis' method keeps of the customers it has seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Learned {
    /// Cut values, which can be written and loaded back.
    Breaks(Breaks),
    /// Equal groups of whatever customers are there: nothing is kept.
    Ntile {
        /// The axis, which determines the order.
        axis: Axis,
        /// Number of groups.
        bins: u32,
    },
    /// Equal groups inside the groups of the axes before: nothing is kept.
    Nested {
        /// The axis.
        axis: Axis,
        /// Number of groups inside each group.
        bins: u32,
    },
}

impl Learned {
    /// Learns from the values of all customers. Without customers only `fixed` has cuts.
    ///
    /// # Errors
    /// A config error, where the settings of the axis are wrong (see [`AxisSpec::problems`]).
    pub fn learn(values: &[i64], spec: &AxisSpec) -> Result<Self> {
        Self::learn_weighted(values, &[], spec)
    }

    /// Learns from the values of all customers and the column that [`AxisSpec::weight`] names; it can be empty where
    /// there is none.
    ///
    /// # Errors
    /// As [`Self::learn`]; a bug, where the weights are missing; an overflow of their sums.
    pub fn learn_weighted(values: &[i64], weights: &[i64], spec: &AxisSpec) -> Result<Self> {
        spec.check()?;
        if spec.method == Method::Ntile {
            return Ok(Self::Ntile { axis: spec.axis(), bins: spec.bins });
        }
        if spec.weight.is_some() && weights.len() != values.len() {
            return Err(Error::bug(format!("{} weights for {} customers", weights.len(), values.len())));
        }
        let weights = spec.weight.map(|_| weights);
        let (thresholds, cuts) = if spec.method == Method::Fixed {
            (spec.cuts.clone(), fixed::cuts(&spec.cuts, spec.decimals)?)
        } else {
            let exact = exact_thresholds(values, weights, spec)?;
            let in_upper_bin = threshold_is_in_the_upper_bin(spec);
            let cut = |t: &Rational| if in_upper_bin { t.cut_up_to_values() } else { t.cut_below_values() };
            (exact.iter().map(|t| t.in_unit(spec.decimals)).collect(), exact.iter().map(cut).collect())
        };
        Ok(Self::Breaks(Breaks {
            axis: spec.axis(),
            measure: spec.measure,
            method: spec.method,
            bins: spec.bins,
            decimals: spec.decimals,
            share: spec.share_that_counts(),
            weight: spec.weight,
            customers: values.len() as u64,
            thresholds,
            cuts,
            customers_per_score: Vec::new(),
        }))
    }

    /// The breaks, where the method has any.
    #[must_use]
    pub const fn breaks(&self) -> Option<&Breaks> {
        match self {
            Self::Breaks(breaks) => Some(breaks),
            Self::Ntile { .. } | Self::Nested { .. } => None,
        }
    }

    /// The breaks, for a use that cannot do without.
    ///
    /// # Errors
    /// A config error, where the method is `ntile` or the scores are nested.
    pub fn freeze(&self) -> Result<&Breaks> {
        match self {
            Self::Breaks(breaks) => Ok(breaks),
            Self::Ntile { axis, .. } => Err(ntile_has_no_breaks(*axis)),
            Self::Nested { .. } => Err(nested_scores_have_no_breaks()),
        }
    }
}

fn exact_thresholds(values: &[i64], weights: Option<&[i64]>, spec: &AxisSpec) -> Result<Vec<Rational>> {
    let fewer_is_better = spec.axis().fewer_is_better();
    Ok(match spec.method {
        Method::Ntile | Method::Fixed => Vec::new(),
        Method::Quantile => quantile::type_7(values, spec.bins),
        Method::RRfm => r_rfm::thresholds(values, spec.bins, spec.decimals),
        Method::Mean => mean::mean(values, weights)?.into_iter().collect(),
        Method::Median => quantile::type_7(values, 2),
        Method::Pareto => pareto::threshold(values, weights, spec.share, fewer_is_better).into_iter().collect(),
        Method::Uniform => uniform::thresholds(values, spec.bins),
    })
}

/// Whether a value on a threshold counts as above it. Better than a mean or median is strict on both sides, so that a
/// recency on it is not better; the last value of the best group belongs to it.
fn threshold_is_in_the_upper_bin(spec: &AxisSpec) -> bool {
    match spec.method {
        Method::RRfm => true,
        Method::Mean | Method::Median => spec.axis().fewer_is_better(),
        Method::Pareto => !spec.axis().fewer_is_better(),
        Method::Quantile | Method::Ntile | Method::Fixed | Method::Uniform => false,
    }
}
